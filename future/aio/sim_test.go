package aio_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// history is what a world of some of everything comes to.
func history(t *testing.T, cfg aio.SimConfig) string {
	var trace bytes.Buffer
	cfg.Trace, cfg.Buffer = &trace, 300
	sim := aio.NewSim(cfg)
	w := &simWorld{T: t, seed: 1, sim: sim}
	for range 2 {
		l, err := sim.NewLoop(future.Config{})
		if err != nil {
			t.Fatal(err)
		}
		w.loops = append(w.loops, l)
	}
	for i := range 4 {
		w.newStream(i, 1000)
	}
	l := w.listen()
	g := &guests{rng: rand.New(rand.NewPCG(1, 1)), on: w.loop(0)}
	future.Go(w.loop(1), serveAsync(l, g))
	for range 5 {
		future.Go(w.loop(0), visitAsync(sim, l.Addr().String(), g))
	}
	for range 500 {
		w.step()
	}
	l.Close()
	w.run()
	w.shutdown()
	return trace.String()
}

func TestSimTheSameSeedIsTheSameHistory(t *testing.T) {
	for seed := range simSeeds(5) {
		first := history(t, aio.SimConfig{Seed: seed})
		if again := history(t, aio.SimConfig{Seed: seed}); first != again {
			t.Errorf("seed %d: %s", seed, difference(first, again))
		}
		if other := history(t, aio.SimConfig{Seed: seed + 1}); first == other {
			t.Errorf("seeds %d and %d have the same history", seed, seed+1)
		}
	}
}

// difference says where two histories part.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d is %q and %q", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("one has %d lines, the other %d", len(x), len(y))
}

// TestSimDecisionsCanBeTakenOver: what was decided once, told again, is the same history.
func TestSimDecisionsCanBeTakenOver(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var taken []int
	first := history(t, aio.SimConfig{Choose: func(_ future.ChoicePoint, n int) int {
		taken = append(taken, rng.IntN(n))
		return taken[len(taken)-1]
	}})
	next := 0
	again := history(t, aio.SimConfig{Choose: func(_ future.ChoicePoint, n int) int {
		next++
		return taken[next-1]
	}})
	if first != again || next != len(taken) {
		t.Errorf("%d decisions, then %d: %s", len(taken), next, difference(first, again))
	}
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "not in [0, ") {
			t.Error(r)
		}
	}()
	history(t, aio.SimConfig{Choose: func(_ future.ChoicePoint, n int) int { return n }})
}

func TestSimAddressesAndErrorsAreThoseOfPackageNet(t *testing.T) {
	s := aio.NewSim(aio.SimConfig{Descriptors: 3})
	l, err := s.Listen("tcp", "127.0.0.1:7007")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for what, f := range map[string]struct {
		want error
		do   func() error
	}{
		"the same port":       {syscall.EADDRINUSE, func() error { _, err := s.Listen("tcp", ":7007"); return err }},
		"nobody listens":      {syscall.ECONNREFUSED, func() error { _, err := s.Dial("tcp", "127.0.0.1:7008"); return err }},
		"another network":     {net.UnknownNetworkError("udp"), func() error { _, err := s.Dial("udp", "127.0.0.1:7007"); return err }},
		"no port":             {nil, func() error { _, err := s.Dial("tcp", "127.0.0.1"); return err }},
		"a name":              {nil, func() error { _, err := s.Dial("tcp", "example.com:7007"); return err }},
		"a Unix socket":       {syscall.ECONNREFUSED, func() error { _, err := s.Dial("unix", "/nobody"); return err }},
		"too many open files": {syscall.EMFILE, func() error { _, _, err := s.Pair(); return err }},
		"a file":              {os.ErrNotExist, func() error { _, err := s.OpenFile("f", os.O_RDONLY, 0); return err }},
	} {
		if what == "too many open files" {
			c, err := s.Dial("tcp", "localhost:7007")
			if err != nil {
				t.Fatal(err)
			}
			if a := c.RemoteAddr().String(); a != "127.0.0.1:7007" {
				t.Error(a)
			}
			defer c.Close()
		}
		if err := f.do(); err == nil || f.want != nil && !errors.Is(err, f.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSimSaysItsSeed(t *testing.T) {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: "sim", Seed: 42})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{rt: rt}
	defer w.shutdown(t)
	if name, why := aio.Describe(rt); name != "sim" || !strings.Contains(why, "seed is 42") {
		t.Errorf("%s: %s", name, why)
	}
	if s := aio.SimOf(rt.Loop(0)); s == nil || s.Seed() != 42 {
		t.Errorf("the simulation: %v", s)
	}
	if name, _ := aio.Probe(); name == "sim" {
		t.Error("it was chosen without being asked for")
	}
}

// TestSimOfAProcess runs TestSimOfThisProcess where the environment asks for sim.
func TestSimOfAProcess(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestSimOfThisProcess$", "-test.v")
	cmd.Env = append(os.Environ(), "PINION_AIO_DRIVER=sim", "PINION_AIO_SEED=5")
	out, err := cmd.CombinedOutput()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("no processes: ", err)
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSimOfThisProcess(t *testing.T) {
	if os.Getenv("PINION_AIO_DRIVER") != "sim" {
		return // TestSimOfAProcess runs it
	}
	if name, why := aio.Probe(); name != "sim" || !strings.Contains(why, "PINION_AIO_DRIVER") || !strings.Contains(why, "seed is 5") {
		t.Errorf("%s: %s", name, why)
	}
	l, err := aio.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(c, c)
				c.Close()
			}()
		}
	}()
	c, err := aio.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, c, stretch(100_000))
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the system has something that listens there")
	}
	c.Close()
	l.Close()
	f, err := aio.OpenFile("/no/such/directory/f", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	want := stretch(10_000)
	if n, err := f.Write(want); n != len(want) || err != nil {
		t.Error(n, err)
	}
	if at, err := f.Seek(0, io.SeekStart); at != 0 || err != nil {
		t.Error(at, err)
	}
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if fi, err := f.Stat(); err != nil || fi.Size() != int64(len(want)) {
		t.Error(fi, err)
	}
	f.Close()
}
