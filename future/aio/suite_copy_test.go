package aio_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// copyInPieces copies from src to dst, and gives each Copy a random short time, until the end of the stream.
//
//pinion:async
func copyInPieces(dst, src *aio.Conn, rng *rand.Rand, most time.Duration, canceled *int) (n int64, err error) {
	for {
		f := future.Await(future.Timeout(time.Duration(rng.Int64N(int64(most))), aio.CopyAsync(dst, src)))
		m, e := f.F().Result()
		n += m
		if errors.Is(e, future.ErrCanceled) {
			*canceled++
			continue
		}
		err = e
		break
	}
	dst.CloseWrite()
	return n, err
}

// TestCopiesThatAreCancelledLoseNothing, between connections of one loop, and of two.
func TestCopiesThatAreCancelledLoseNothing(t *testing.T) {
	total := 4 << 20
	if testing.Short() {
		total = 200 << 10
	}
	eachDriver(t, func(t *testing.T, w *world) {
		for on := range 2 {
			src, from := w.pair(t)
			dst, to := w.pair(t)
			sent, canceled := stretch(total), 0
			task := future.Spawn(w.rt.Loop(on), copyInPiecesAsync(dst, src, rand.New(rand.NewPCG(1, 2)), 300*time.Microsecond, &canceled))
			go func() {
				for p := sent; len(p) > 0; {
					n := min(len(p), 50_000)
					if _, err := from.Write(p[:n]); err != nil {
						t.Error(err)
					}
					p = p[n:]
					time.Sleep(100 * time.Microsecond)
				}
				from.CloseWrite()
			}()
			got, err := io.ReadAll(to)
			if err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d bytes came of %d, the same: %v; %v", len(got), len(sent), bytes.Equal(got, sent), err)
			}
			if n, err := ended(task).Result(); n != int64(len(sent)) || err != nil {
				t.Error(n, err)
			}
			if canceled == 0 {
				t.Error("none was cancelled")
			}
		}
	})
}

// TestWhatACopyCannotSendStays with the one who has received it.
func TestWhatACopyCannotSendStays(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for on := range 2 {
			src, from := w.pair(t)
			dst, _ := w.pair(t)
			dst.CloseWrite()
			if _, err := from.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			n, err := ended(future.Spawn(w.rt.Loop(on), aio.CopyAsync(dst, src))).Result()
			if n != 0 || err == nil {
				t.Errorf("%d, %v", n, err)
			}
			got := make([]byte, 5)
			within(t, "what was received", func() {
				if _, err := io.ReadFull(src, got); err != nil || string(got) != "hello" {
					t.Errorf("%q, %v", got, err)
				}
			})
			from.Close()
			if n, err := aio.Copy(dst, src); n != 0 || err != nil {
				t.Errorf("at the end: %d, %v", n, err)
			}
		}
	})
}

// TestSimCopiesThatAreCancelledLoseNothing.
func TestSimCopiesThatAreCancelledLoseNothing(t *testing.T) {
	all, seeds := 0, 0
	eachSeed(t, 3, aio.SimConfig{Buffer: 400}, func(w *simWorld) {
		for i := range 3 {
			s := &stream{rng: rand.New(rand.NewPCG(w.seed, uint64(i))), n: 5000}
			a, src := w.pair()
			dst, b := w.pair()
			future.Go(w.loop(i), feedAsync(a, s))
			task := future.Spawn(w.loop(0), copyInPiecesAsync(dst, src, s.rng, 20*tick, &all))
			future.Go(w.loop(2*i), eatAsync(b, s))
			w.run()
			s.check(w)
			if n, err := ended(task).Result(); n != int64(s.n) || err != nil {
				w.Error(n, err)
			}
			src.Close()
			dst.Close()
		}
		w.run()
		seeds++
	})
	if all < 10*seeds {
		t.Errorf("%d were cancelled with %d seeds", all, seeds)
	}
}

// stalled begins a Copy on a loop of the world, from a connection of the first one to one that takes
// nothing, which lasts until "hello" has come and waits to be sent, and "WORLD" has come.
func stalled(t *testing.T, w *world, on int) (task future.Task[aio.CopyFuture], src *aio.Conn) {
	t.Helper()
	src, from := w.pair(t)
	nc, to, err := w.netPair()
	if err != nil {
		t.Fatal(err)
	}
	dst, ok := nc.(*aio.Conn)
	if !ok {
		if dst, err = aio.Wrap(nc); err != nil {
			t.Fatal(err)
		}
	}
	dst = aio.Home(dst, w.rt.Loop(on))
	t.Cleanup(func() { dst.Close(); to.Close() })
	go dst.Write(make([]byte, 32<<20)) // of a goroutine, so that no task is aborted in the midst of it
	eventually(t, "the Write before it is under way", func() (any, bool) { n := aio.ReadLedger().Pins; return n, n > 0 })
	task = future.Spawn(w.rt.Loop(on), aio.CopyAsync(dst, src))
	for _, p := range []string{"hello", "WORLD"} {
		received := aio.ReadLedger().Received
		if _, err := from.Write([]byte(p)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is received", func() (any, bool) { n := aio.ReadLedger().Received; return n, n >= received+5 })
		time.Sleep(10 * time.Millisecond) // for the Copy to have taken it
	}
	return task, src
}

// lookout is a poll that does not return before a Copy is over, and then reads.
type lookout struct {
	begun  chan struct{}
	over   chan struct{}
	r      aio.ConnReadFuture
	looked bool
}

func (l *lookout) Poll(cx *future.Context) future.Poll {
	if !l.looked {
		l.looked = true
		close(l.begun)
		<-l.over
	}
	return l.r.Poll(cx)
}

// TestWhatACopyPutsBackIsFirst, also for a task that is polled in the very turn in which another loop has
// put it back.
func TestWhatACopyPutsBackIsFirst(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("it may receive nothing for nobody")
		}
		task, src := stalled(t, w, 1)
		l := lookout{begun: make(chan struct{}), over: make(chan struct{}), r: src.ReadAsync(make([]byte, 5))}
		read := future.Spawn(w.rt.Loop(0), l)
		<-l.begun
		task.Cancel()
		if _, err := ended(task).Result(); !errors.Is(err, future.ErrCanceled) {
			t.Error(err)
		}
		close(l.over)
		f, err := read.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := f.r.Result(); n == 0 || err != nil {
			t.Error(n, err)
		}
		read.Release()
		got := make([]byte, 10)
		again := src.ReadAsync(got)
		if err := future.Block(&again); err != nil {
			t.Fatal(err)
		}
		if n, err := again.Result(); string(got[:n]) != "WORLD" || err != nil {
			t.Errorf("then comes %q, %v", got[:n], err)
		}
	})
}

// TestACopyThatIsAbortedKeepsNoBuffer: its bytes go back to the connection that has received them.
func TestACopyThatIsAbortedKeepsNoBuffer(t *testing.T) {
	future.Default()
	warm(t)
	for _, d := range aio.Drivers() {
		if d == "sim" {
			continue // which may receive nothing for nobody
		}
		t.Run(d, func(t *testing.T) {
			before := aio.ReadLedger().Buffers
			rt, err := aio.NewRuntime(aio.Options{Loops: 2, Driver: d})
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { // when the connections are closed
				eventually(t, "no buffer is kept", func() (any, bool) { n := aio.ReadLedger().Buffers; return n - before, n == before })
			})
			w := &world{driver: d, rt: rt}
			for on := range 2 {
				task, _ := stalled(t, w, on)
				task.Release()
			}
			if n := aio.ReadLedger().Buffers; n <= before {
				t.Errorf("%d buffers hold something", n-before)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			rt.Shutdown(ctx) // which says whom it has aborted
		})
	}
}
