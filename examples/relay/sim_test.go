package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// The server's whole life in a simulation: one seed decides when bytes come and in what pieces,
// which loop is stopped for a second, when the farm is killed and the server told to end. One that
// fails is replayed by
//
//	PINION_SIM_SEED=n go test ./relay -run '^TestSim'

// A party is the clients of a simulated server, and what they have seen.
type party struct {
	rng    *rand.Rand
	sim    *aio.Sim
	addr   string
	ready  int   // subscribers that were told OK
	wanted int   // subscribers that there are to be
	acked  []int // by publisher: how many of its messages were acknowledged
	oks    int   // all of them
	sent   []int
	subs   []subscriber
	came   int // of the farm
	farm   []*aio.Conn
	killed bool
	errs   []error
}

// A subscriber is one client that receives.
type subscriber struct {
	got     [][]int // by publisher: the numbers of its messages
	dropped int
	bye     bool
	err     error
}

// tick is a short time.
const tick = time.Microsecond

// publish sends numbered messages, several at a time and in pieces, and counts what is answered,
// until the server says BYE.
//
//pinion:async
func (p *party) publish(i int) {
	for p.ready < p.wanted {
		future.Sleep(10 * tick)
	}
	c, err := p.sim.Dial("tcp", p.addr)
	if err != nil {
		return // too late
	}
	var l lines
	for over := false; !over; {
		var text []byte
		for range 1 + p.rng.IntN(20) {
			text = fmt.Appendf(text, "PUB t %d %d %s\n", i, p.sent[i], filler[:1+p.rng.IntN(200)])
			p.sent[i]++
		}
		asked := p.sent[i]
		for len(text) > 0 {
			n := 1 + p.rng.IntN(len(text))
			if _, err := c.Write(text[:n]); err != nil {
				break // what was acknowledged is still to be read
			}
			text = text[n:]
		}
		for p.acked[i] < asked && !over {
			b, err := c.Next()
			p.heard(i, &l, b.Bytes(), &over)
			b.Release()
			if err != nil && !over {
				over = true
				if p.acked[i] > 0 { // else it may have come too late to be accepted
					p.errs = append(p.errs, fmt.Errorf("publisher %d ended with %w, without BYE", i, err))
				}
			}
		}
	}
	c.Close()
}

// heard counts the answers in b.
func (p *party) heard(i int, l *lines, b []byte, over *bool) {
	for {
		line, rest, ok, _ := l.next(b)
		if !ok {
			return
		}
		switch string(line) {
		case "OK":
			p.acked[i]++
			p.oks++
		case "BYE":
			*over = true
		default:
			p.errs = append(p.errs, fmt.Errorf("publisher %d was told %q", i, line))
		}
		b = rest
	}
}

var filler = bytes.Repeat([]byte("."), 200)

// subscribe receives until the end of the stream, slowly if slow.
//
//pinion:async
func (p *party) subscribe(i int, slow bool) {
	s := &p.subs[i]
	c, err := p.sim.Dial("tcp", p.addr)
	if err != nil {
		p.errs = append(p.errs, err)
		return
	}
	c.Write([]byte("SUB t\n"))
	var l lines
	for {
		b, err := c.Next()
		p.received(s, &l, b.Bytes())
		b.Release()
		if err != nil {
			if err != io.EOF {
				s.err = err
			}
			break
		}
		if slow {
			future.Sleep(time.Duration(p.rng.IntN(1000)) * tick)
		}
	}
	c.Close()
}

func (p *party) received(s *subscriber, l *lines, b []byte) {
	for {
		line, rest, ok, _ := l.next(b)
		if !ok {
			return
		}
		b = rest
		f := bytes.Fields(line)
		switch {
		case s.bye:
			s.err = fmt.Errorf("after BYE comes %q", line)
		case string(line) == "OK":
			p.ready++
		case string(line) == "BYE":
			s.bye = true
		case len(f) == 5 && string(f[0]) == "MSG":
			from, _ := strconv.Atoi(string(f[2]))
			n, _ := strconv.Atoi(string(f[3]))
			s.got[from] = append(s.got[from], n)
		case len(f) == 2 && string(f[0]) == "DROPPED":
			n, _ := strconv.Atoi(string(f[1]))
			s.dropped += n
		default:
			s.err = fmt.Errorf("a subscriber was told %q", line)
		}
	}
}

// harass is one of the farm: it sends commands of all kinds and reads now and then, until it is
// killed. Its messages go where no subscriber is but others of the farm.
//
//pinion:async
func (p *party) harass() {
	future.Sleep(time.Duration(p.rng.IntN(100)) * tick)
	c, err := p.sim.Dial("tcp", p.addr)
	if err != nil {
		return // too late
	}
	p.farm = append(p.farm, c)
	p.came++
	c.Write([]byte("SUB farm\n"))
	for err == nil {
		var text []byte
		for range 1 + p.rng.IntN(10) {
			text = append(text, nuisances[p.rng.IntN(len(nuisances))]...)
		}
		if _, err = c.Write(text[:1+p.rng.IntN(len(text))]); err == nil && p.rng.IntN(3) > 0 {
			var b aio.Buf
			b, err = c.Next()
			b.Release()
		}
	}
	c.Close()
}

var nuisances = []string{"PING\n", "PUB farm x\n", "PUB nobody x\n", "nonsense\n", "SUB farm\n", "UNSUB farm\n", "PI"}

// kill resets all of a farm while they send, when they have all come and so much was acknowledged.
//
//pinion:async
func (p *party) kill(s *server, farm, oks int) {
	for (p.came < farm || p.oks < oks) && !s.stopping.Load() {
		future.Sleep(tick)
	}
	p.killed = !s.stopping.Load()
	for _, c := range p.farm {
		p.sim.Reset(c)
	}
	p.farm = nil
}

// terminate is SIGTERM, when so much was acknowledged since the farm was killed, or at all.
//
//pinion:async
func (p *party) terminate(s *server, after bool, oks int) {
	for after && !p.killed {
		future.Sleep(tick)
	}
	oks += p.oks
	for p.oks < oks {
		future.Sleep(tick)
	}
	s.stop()
}

// simWorld is a server in a simulation. Its clients are on the loop after those that serve.
type simWorld struct {
	t     *testing.T
	sim   *aio.Sim
	loops []*future.Loop
	s     *server
}

// simulated starts a server that serves on so many loops in turn.
func simulated(t *testing.T, sc aio.SimConfig, serving int, cfg config) *simWorld {
	t.Helper()
	w := &simWorld{t: t, sim: aio.NewSim(sc)}
	for range serving + 1 {
		l, err := w.sim.NewLoop(future.Config{})
		if err != nil {
			t.Fatal(err)
		}
		w.loops = append(w.loops, l)
	}
	l, err := w.sim.Listen("tcp", "127.0.0.1:7000")
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	w.s = newServer(l, func() future.Spawner { next++; return w.loops[next%serving] }, cfg, io.Discard)
	future.Go(w.loops[0], w.s.acceptAsync())
	return w
}

// run has everything done that can be.
func (w *simWorld) run() {
	w.t.Helper()
	if err := w.sim.Run(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *simWorld) shutdown() {
	w.t.Helper()
	for _, l := range w.loops {
		if err := l.Shutdown(w.t.Context()); err != nil {
			w.t.Error(err)
		}
	}
}

// simulate has a server live through all that, and returns a digest of all decisions.
func simulate(t *testing.T, seed uint64, farm int) uint64 {
	const publishers, fast, slow = 4, 6, 2
	before := aio.ReadLedger()
	rng := rand.New(rand.NewPCG(seed, 1))
	trace := fnv.New64()
	after := seed%4 != 3 // else it may end before the farm is killed
	x := simulated(t, aio.SimConfig{Seed: seed, Trace: trace, Buffer: 4000, Stops: 300}, 2, config{clients: 1 << 16, queue: 6 << 10, grace: time.Hour})
	sim, loops, s, run := x.sim, x.loops, x.s, x.run

	p := &party{
		rng: rng, sim: sim, addr: s.addr().String(), wanted: fast + slow,
		acked: make([]int, publishers), sent: make([]int, publishers), subs: make([]subscriber, fast+slow),
	}
	for i := range p.subs {
		p.subs[i].got = make([][]int, publishers)
		future.Go(loops[2], p.subscribeAsync(i, i >= fast))
	}
	for i := range publishers {
		future.Go(loops[2], p.publishAsync(i))
	}
	for range farm {
		future.Go(loops[2], p.harassAsync())
	}
	future.Go(loops[2], p.killAsync(s, farm, 1+rng.IntN(400)))
	future.Go(loops[2], p.terminateAsync(s, after, 1+rng.IntN(400)))

	run()
	s.reading.Wait()
	s.bye()
	run()
	for _, c := range p.farm { // one that came after the others were killed may write, and never read
		sim.Reset(c)
	}
	run()
	select {
	case <-s.empty:
	default:
		t.Errorf("%d clients are left", s.connections())
	}
	x.shutdown()
	p.check(t)
	if after && (!p.killed || p.came != farm) {
		t.Errorf("of a farm of %d %d came, and were killed before the end: %v", farm, p.came, p.killed)
	}
	if n := s.counts.queued.Load() - s.counts.delivered.Load() - s.counts.lost.Load(); n != 0 {
		t.Errorf("%d messages were queued, and neither delivered nor lost with their connection", n)
	}
	if n := s.hub.count(); n != 0 {
		t.Errorf("%d topics are left", n)
	}
	if now := aio.ReadLedger(); now.Descriptors != before.Descriptors || now.Operations != before.Operations || now.Pins != before.Pins || now.Buffers != before.Buffers {
		t.Errorf("the ledger is %+v, and was %+v", now, before)
	}
	return trace.Sum64()
}

// check wants each subscriber to have what was acknowledged, in order, or to have been told how
// much it has not.
func (p *party) check(t *testing.T) {
	t.Helper()
	for _, err := range p.errs {
		t.Error(err)
	}
	acked := 0
	for _, n := range p.acked {
		acked += n
	}
	if acked == 0 {
		t.Error("no message was acknowledged")
	}
	for i := range p.subs {
		s := &p.subs[i]
		if s.err != nil || !s.bye {
			t.Errorf("subscriber %d ended with %v, BYE: %v", i, s.err, s.bye)
		}
		total := 0
		for from, got := range s.got {
			total += len(got)
			missing := 0
			for j, n := range got {
				if j > 0 && n <= got[j-1] {
					t.Errorf("subscriber %d got message %d of %d after %d", i, n, from, got[j-1])
				}
			}
			for n, j := 0, 0; n < p.acked[from]; n++ {
				if j < len(got) && got[j] == n {
					j++
				} else {
					missing++
				}
			}
			if missing > s.dropped {
				t.Errorf("subscriber %d has not got %d messages of %d that were acknowledged, and was told of %d dropped", i, missing, from, s.dropped)
			}
		}
		if total+s.dropped < acked {
			t.Errorf("subscriber %d has %d messages and was told of %d dropped, but %d were acknowledged", i, total, s.dropped, acked)
		}
	}
}

// simSeeds returns the seeds to be tried: n, or as the environment says.
func simSeeds(t *testing.T, n uint64) (first, end uint64) {
	if s, err := strconv.ParseUint(os.Getenv("PINION_SIM_SEEDS"), 10, 32); err == nil {
		n = s
	}
	env := os.Getenv("PINION_SIM_SEED")
	if env == "" {
		return 0, n
	}
	first, err := strconv.ParseUint(env, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return first, first + 1
}

func TestSimNoAcknowledgedMessageIsLost(t *testing.T) {
	n := uint64(25)
	if testing.Short() {
		n = 5
	}
	for seed, end := simSeeds(t, n); seed < end; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { simulate(t, seed, 30) })
	}
}

// TestSimAFarmOfThousandsIsKilled has 5,000 connections killed while they send, and the server goes on
// to serve others.
func TestSimAFarmOfThousandsIsKilled(t *testing.T) {
	farm := 5000
	if testing.Short() {
		farm = 200
	}
	for seed, end := simSeeds(t, 1); seed < end; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { simulate(t, seed, farm) })
	}
}

func TestSimTheSameSeedIsTheSameLife(t *testing.T) {
	for seed := range uint64(3) {
		if first, again := simulate(t, seed, 10), simulate(t, seed, 10); first != again {
			t.Errorf("seed %d: two lives", seed)
		}
	}
}
