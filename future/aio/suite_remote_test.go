package aio_test

import (
	"io"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// borrower polls a future that is not its own.
type borrower struct {
	f     future.Future
	polls int // after which it is Ready, 0 for when f is
}

func (b *borrower) Poll(cx *future.Context) future.Poll {
	p := b.f.Poll(cx)
	if b.polls--; b.polls == 0 {
		return future.Ready
	}
	return p
}

// TestThePollThatCameLastIsWoken, and not the first, whose task may be over: as everywhere, a future
// that is given to another task tells that one, also if another loop does what it is for.
func TestThePollThatCameLastIsWoken(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		pass := func(what string, f future.Future, come func()) {
			t.Helper()
			ended(future.Spawn(w.rt.Loop(1), borrower{f: f, polls: 1}))
			second := future.Spawn(w.rt.Loop(1), borrower{f: f})
			polled := future.Spawn(w.rt.Loop(1), yieldOnce{})
			ended(polled)
			time.Sleep(2 * time.Millisecond) // the operation is under way
			come()
			within(t, what, func() { ended(second) })
		}
		c, peer := w.pair(t)
		buf := make([]byte, 5)
		read := c.ReadAsync(buf)
		pass("a read", &read, func() { peer.Write([]byte("hello")) })
		if n, err := read.Result(); n == 0 || err != nil {
			t.Error(n, err)
		}

		sent := stretch(8 << 20)
		write := c.WriteAsync(sent)
		pass("a write", &write, func() { go io.Copy(io.Discard, peer) })
		if n, err := write.Result(); n != len(sent) || err != nil {
			t.Error(n, err)
		}

		d := aio.Dialer{Timeout: 50 * time.Millisecond, Sim: w.sim}
		dial := d.DialAsync("tcp", w.unanswered(t))
		pass("a dial", &dial, func() {})
		if c, err := dial.Result(); !timedOut(err) {
			t.Error(c, err)
		}
	})
}

type yieldOnce struct{ again bool }

func (f *yieldOnce) Poll(cx *future.Context) future.Poll {
	if f.again {
		return future.Ready
	}
	f.again = true
	cx.Wake(cx.Waker())
	return future.Pending
}

// TestAPipeTellsThePollThatCameLast is the same for what has ops of its own.
func TestAPipeTellsThePollThatCameLast(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		r, pw := w.pipe(t)
		buf := make([]byte, 5)
		f := r.ReadAsync(buf)
		first := r.ReadAsync(nil) // makes it loop 0's
		ended(future.Spawn(w.rt.Loop(0), first))
		ended(future.Spawn(w.rt.Loop(1), borrower{f: &f, polls: 1}))
		second := future.Spawn(w.rt.Loop(1), borrower{f: &f})
		ended(future.Spawn(w.rt.Loop(1), yieldOnce{}))
		wrote := pw.WriteAsync([]byte("hello"))
		ended(future.Spawn(w.rt.Loop(0), wrote))
		within(t, "a read of a pipe", func() { ended(second) })
		if n, err := f.Result(); n == 0 || err != nil {
			t.Error(n, err)
		}
	})
}

// pipe returns the ends of a pipe of the world.
func (w *world) pipe(t testing.TB) (r, pw *aio.File) {
	t.Helper()
	var err error
	if w.sim != nil {
		r, pw, err = w.sim.Pipe()
	} else {
		r, pw, err = aio.Pipe()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); pw.Close() })
	return r, pw
}
