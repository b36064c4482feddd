package aio_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// The tests in files suite*_test.go are one suite, which runs on each driver that works here.

// world is a runtime with engines of one driver.
type world struct {
	driver string
	rt     *future.Runtime
	sim    *aio.Sim // in which all is, if the driver is sim
	loose  bool     // its rings may be entered by any thread, see eachRing
}

// patience is how long something may take that should come at once.
const patience = 20 * time.Second

// eachDriver runs f with each driver, and then checks that nothing is left of it: no operation,
// buffer or pin, no descriptor, no goroutine. With sim, what the kernel does is drawn from the seed,
// but the loops are threads, which race: what replays are the tests in files sim*_test.go.
func eachDriver(t *testing.T, f func(t *testing.T, w *world)) {
	future.Default() // its goroutines stay
	warm(t)
	for _, d := range aio.Drivers() {
		if d == "sim" {
			for seed := range simSeeds(2) {
				eachWorld(t, fmt.Sprintf("sim on threads/seed=%d", seed), d, runtimeOf(aio.Options{Loops: 2, Driver: d, Seed: seed}), f)
			}
			continue
		}
		eachWorld(t, d, d, runtimeOf(aio.Options{Loops: 2, Driver: d}), f)
	}
}

// eachRing is eachDriver, and runs f once more with io_uring that any thread may enter. Runtimes bind each
// ring to its thread: then the kernel puts off what it can until it is entered, and otherwise
// not.
func eachRing(t *testing.T, f func(t *testing.T, w *world)) {
	eachDriver(t, f)
	eachWorld(t, "uring on any thread", "uring", func() (*future.Runtime, error) {
		return future.NewRuntime(future.Config{Loops: 2, Driver: func(int) (future.Driver, error) { return aio.NewDriver("uring") }})
	}, func(t *testing.T, w *world) {
		w.loose = true
		f(t, w)
	})
}

func runtimeOf(o aio.Options) func() (*future.Runtime, error) {
	return func() (*future.Runtime, error) { return aio.NewRuntime(o) }
}

func eachWorld(t *testing.T, name, driver string, newRuntime func() (*future.Runtime, error), f func(t *testing.T, w *world)) {
	t.Run(name, func(t *testing.T) {
		before, fds, goroutines := aio.ReadLedger(), openFDs(), runtime.NumGoroutine()
		rt, err := newRuntime()
		if err != nil {
			t.Skip(err)
		}
		w := &world{driver: driver, rt: rt, sim: aio.SimOf(rt.Loop(0))}
		ok := t.Run("test", func(t *testing.T) { f(t, w) })
		w.shutdown(t)
		if !ok {
			return
		}
		eventually(t, "the ledger is as it was", func() (any, bool) {
			l := aio.ReadLedger()
			return l, l.Descriptors == before.Descriptors && l.Operations == before.Operations && l.Pins == before.Pins && l.Buffers == before.Buffers
		})
		eventually(t, "no descriptor is left", func() (any, bool) { n := openFDs(); return []int{n, fds}, n <= fds })
		eventually(t, "no goroutine is left", func() (any, bool) {
			n := runtime.NumGoroutine()
			return []int{n, goroutines}, n <= goroutines
		})
	})
}

// warm opens what the process opens once: the netpoller's descriptors, the default runtimes'
// timers and rings, and waits until its dial is off the books, which may be after it has ended.
func warm(t testing.TB) {
	t.Helper()
	a, b, err := netPair("tcp")
	if err == nil {
		a.SetDeadline(time.Now().Add(time.Hour))
		a.Close()
		b.Close()
	}
	f := aio.DialAsync("tcp", "127.0.0.1:1")
	if err := future.Block(&f); err != nil {
		panic(err)
	}
	if c, err := f.Result(); err == nil {
		c.Close()
	}
	atRest(t)
}

// atRest waits until no loop shows an operation, which it may for a moment after the end of that,
// and returns the ledger then.
func atRest(t testing.TB) aio.Ledger {
	t.Helper()
	var l aio.Ledger
	eventually(t, "all is at rest", func() (any, bool) {
		l = aio.ReadLedger()
		return l, l.Operations == 0 && l.Pins == 0
	})
	return l
}

// openFDs returns the number of open descriptors, 0 where that cannot be told.
func openFDs() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

// eventually waits until ok.
func eventually(t testing.TB, what string, ok func() (any, bool)) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		got, ok := ok()
		if ok {
			return
		}
		if time.Now().After(end) {
			buf := make([]byte, 1<<20)
			t.Fatalf("not after %v: %s: %+v\n%s", patience, what, got, buf[:runtime.Stack(buf, true)])
		}
	}
}

// within fails the test if f does not return soon.
func within(t testing.TB, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	eventually(t, what, func() (any, bool) {
		select {
		case <-done:
			return nil, true
		default:
			return nil, false
		}
	})
}

func (w *world) shutdown(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.rt.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// listen returns a listener that belongs to the world's first loop.
func (w *world) listen(t testing.TB) *aio.Listener {
	t.Helper()
	listen := aio.Listen
	if w.sim != nil {
		listen = w.sim.Listen
	}
	l, err := listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return aio.HomeListener(l, w.rt.Loop(0))
}

// dial connects to l as somebody else would.
func (w *world) dial(l *aio.Listener) (net.Conn, error) {
	if w.sim != nil {
		return w.sim.Dial("tcp", l.Addr().String())
	}
	return net.Dial("tcp", l.Addr().String())
}

// home makes a Conn of the world's first loop of nc.
func (w *world) home(t testing.TB, nc net.Conn) *aio.Conn {
	t.Helper()
	c, ok := nc.(*aio.Conn)
	if !ok {
		var err error
		if c, err = aio.Wrap(nc); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { c.Close() })
	return aio.Home(c, w.rt.Loop(0))
}

// peer is the other end of a connection.
type peer interface {
	net.Conn
	CloseWrite() error
	SetLinger(sec int) error
}

// pair returns a connection and its peer, which is package net's if it can be.
func (w *world) pair(t testing.TB) (*aio.Conn, peer) {
	t.Helper()
	a, b, err := w.netPair()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	b.SetDeadline(time.Now().Add(2 * patience))
	if c, ok := b.(*aio.Conn); ok {
		return w.home(t, a), aio.SimPeer{Conn: c}
	}
	return w.home(t, a), b.(*net.TCPConn)
}

// twins returns both ends of a connection.
func (w *world) twins(t testing.TB) (*aio.Conn, *aio.Conn) {
	t.Helper()
	a, b, err := w.netPair()
	if err != nil {
		t.Fatal(err)
	}
	return w.home(t, a), w.home(t, b)
}

func (w *world) netPair() (a, b net.Conn, err error) {
	if w.sim != nil {
		return w.sim.Pair()
	}
	return netPair("tcp")
}

func netPair(network string) (a, b net.Conn, err error) {
	l, err := net.Listen(network, "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if a, err = net.Dial(network, l.Addr().String()); err != nil {
		return nil, nil, err
	}
	if b, err = l.Accept(); err != nil {
		a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout() && errors.Is(err, os.ErrDeadlineExceeded)
}

// stretch is n bytes of which no two near each other are the same stretch.
func stretch(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return p
}
