package aio

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// These tests have ops begun and completed in simulations without a task.

// ends keeps how ops have ended.
type ends struct{ errnos map[key]syscall.Errno }

func (r *ends) completed(_ *engine, k key, c completion) {
	if !c.more {
		r.errnos[k] = c.errno()
	}
}

// eachSimEngine runs f with an engine of each seed's simulation. PINION_SIM_SEED is the one
// that is wanted, PINION_SIM_SEEDS how many.
func eachSimEngine(t *testing.T, n int, cfg SimConfig, f func(t *testing.T, s *Sim, e *engine)) {
	first := 0
	if many, err := strconv.Atoi(os.Getenv("PINION_SIM_SEEDS")); err == nil {
		n = many
	}
	if one, err := strconv.Atoi(os.Getenv("PINION_SIM_SEED")); err == nil {
		first, n = one, 1
	}
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			cfg.Seed = uint64(seed)
			s := NewSim(cfg)
			l, err := s.NewLoop(future.Config{})
			if err != nil {
				t.Fatal(err)
			}
			f(t, s, l.Driver().(*engine))
			if err := l.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			if s.open > 0 {
				t.Errorf("%d descriptors are open", s.open)
			}
		})
	}
}

// everAndNever returns a file that can be read at once and one that cannot.
func everAndNever(t *testing.T, s *Sim) (ever, never *File, done func()) {
	t.Helper()
	ever, err := s.OpenFile("f", os.O_CREATE, 0)
	if err != nil {
		t.Fatal(err)
	}
	never, other, err := s.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return ever, never, func() {
		for _, f := range []*File{ever, never, other} {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// turnUntil turns the engine until done, and lets no time pass.
func turnUntil(t *testing.T, s *Sim, e *engine, done func() bool) {
	t.Helper()
	for n := 0; !done(); n++ {
		if err := e.Wait(time.Hour); err != nil {
			t.Fatal(err)
		}
		if s.Now() > 0 || n > 1_000_000 {
			t.Fatalf("it slept after %d turns with %d operations under way, %d to begin, %d to cancel", n, e.ops.live, len(e.backlog), len(e.cancels))
		}
	}
}

// TestSimStaleCancelsCancelNobody: see TestStaleCancelsCancelNobody.
func TestSimStaleCancelsCancelNobody(t *testing.T) {
	eachSimEngine(t, 20, SimConfig{}, func(t *testing.T, s *Sim, e *engine) {
		ever, never, done := everAndNever(t, s)
		defer done()
		r := &ends{errnos: make(map[key]syscall.Errno)}
		over := func(k key) func() bool { return func() bool { _, ok := r.errnos[k]; return ok } }
		for range 50000 { // a million of all seeds
			clear(r.errnos)
			old := e.start(opPollIn, ever.fd, nil, true, r)
			turnUntil(t, s, e, over(old))
			k := e.start(opPollIn, never.fd, nil, true, r)
			if k.index() != old.index() || k == old {
				t.Fatalf("key %#x after %#x: it is not the same slot", k, old)
			}
			e.cancel(old)
			e.k.cancel(old)
			for range 3 {
				if err := e.Wait(0); err != nil {
					t.Fatal(err)
				}
			}
			if over(k)() {
				t.Fatalf("the new operation ended with %v", r.errnos[k])
			}
			e.cancel(k)
			turnUntil(t, s, e, over(k))
			if errno := r.errnos[k]; errno != syscall.ECANCELED {
				t.Fatalf("cancelled, it ended with %v", errno)
			}
		}
	})
}

// TestSimCancelsReachTheKernelThroughAFullQueue regresses an engine that slept while
// cancels had found no room, and one that slept after it had ended operations by itself.
func TestSimCancelsReachTheKernelThroughAFullQueue(t *testing.T) {
	for _, turns := range []int{0, 1, 5, 1000} {
		t.Run(fmt.Sprintf("after %d turns", turns), func(t *testing.T) {
			eachSimEngine(t, 10, SimConfig{}, func(t *testing.T, s *Sim, e *engine) {
				_, never, done := everAndNever(t, s)
				defer done()
				const n = 1000
				r := &ends{errnos: make(map[key]syscall.Errno)}
				var keys []key
				for range n {
					keys = append(keys, e.start(opPollIn, never.fd, nil, true, r))
				}
				for range turns {
					if err := e.Wait(0); err != nil {
						t.Fatal(err)
					}
				}
				for _, k := range keys {
					e.cancel(k)
				}
				turnUntil(t, s, e, func() bool { return len(r.errnos) == n })
				for _, errno := range r.errnos {
					if errno != syscall.ECANCELED {
						t.Fatal(errno)
					}
				}
			})
		})
	}
}

// simPair returns a connection that is e's, and its peer's node.
func simPair(t *testing.T, s *Sim, e *engine) (c *Conn, peer *Conn) {
	t.Helper()
	c, peer, err := s.Pair()
	if err != nil {
		t.Fatal(err)
	}
	c.on(e)
	return c, peer
}

// put has bytes come for the connection of peer.
func (s *Sim) put(peer *Conn, p string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(s.node(peer.fd).out, []byte(p), nil)
}

// TestSimStarvingConnectionsWait: one for which there is no buffer begins no operation after the other, and
// has the next buffer that comes back. One that has closed meanwhile does not keep it.
func TestSimStarvingConnectionsWait(t *testing.T) {
	eachSimEngine(t, 20, SimConfig{pool: 1}, func(t *testing.T, s *Sim, e *engine) {
		rich, richPeer := simPair(t, s, e)
		s.put(richPeer, "r")
		turnUntil(t, s, e, func() bool { _, ok := rich.ready(e); return ok })
		var poor [3]*Conn
		var peers [3]*Conn
		for i := range poor {
			poor[i], peers[i] = simPair(t, s, e)
			w := &waiter{}
			poor[i].readers.add(w)
			e.remotes[w] = &remote{w: *w, s: poor[i], home: e, take: func(*engine) bool { return true }}
			poor[i].ready(e)
			s.put(peers[i], "p")
		}
		gens := func() (n int) {
			for i := range e.ops.bump {
				n += int(e.ops.at(i).gen)
			}
			return n
		}
		for range 100 {
			e.Wait(0)
		}
		before := gens()
		for range 1000 {
			e.Wait(0)
		}
		if n := gens() - before; n > 2 || len(e.starving) != 3 {
			t.Errorf("%d starve, and meanwhile %d operations began or ended", len(e.starving), n)
		}
		last := e.starving[2]
		last.close(e)
		var p [1]byte
		rich.take(e, p[:])
		fed := func() *Conn {
			for _, c := range poor {
				if c.chunks > 0 {
					return c
				}
			}
			return nil
		}
		turnUntil(t, s, e, func() bool { return fed() != nil })
		for _, c := range append(poor[:], rich, richPeer) {
			clear(e.remotes)
			c.readers.head = nil
			c.close(e)
		}
		for _, c := range peers {
			c.close(e)
		}
	})
}

// TestSimWhatIsLeftWhenTheLoopEnds: bytes that nobody has read, and a buffer that was handed out,
// are given back by Close and Release.
func TestSimWhatIsLeftWhenTheLoopEnds(t *testing.T) {
	before := ReadLedger()
	eachSimEngine(t, 20, SimConfig{}, func(t *testing.T, s *Sim, e *engine) {
		c, peer := simPair(t, s, e)
		s.put(peer, "abcdefgh")
		turnUntil(t, s, e, func() bool {
			if c.receive == 0 {
				c.ops++
				c.receive = e.start(opReceive, c.fd, nil, true, c).index()
			}
			return c.chunks > 1 || e.count.Received == 8
		})
		bid, _ := c.pop(e)
		b := Buf{e: e, bid: bid, gen: e.pool.at(bid).gen}
		if err := e.loop.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		c.Close()
		peer.Close()
		if b.Len() == 0 {
			t.Error("the buffer that was handed out has no bytes any more")
		}
		b.Release()
		b.Release()
	})
	if now := ReadLedger(); now.Buffers != before.Buffers || now.Descriptors != before.Descriptors {
		t.Errorf("the ledger is %+v, and was %+v", now, before)
	}
}
