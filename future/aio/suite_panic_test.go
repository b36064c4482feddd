package aio_test

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// panicker panics in its second poll, with operations of all kinds under way.
type panicker struct {
	c      *aio.Conn
	l      *aio.Listener
	sent   []byte
	silent string
	sim    *aio.Sim
	polled chan future.Waker
	begun  bool

	read   aio.ConnReadFuture
	write  aio.ConnWriteFuture
	accept aio.ListenerAcceptConnFuture
	dial   aio.DialFuture
	buf    [64]byte
}

func (f *panicker) Poll(cx *future.Context) future.Poll {
	if f.begun {
		panic("on purpose")
	}
	f.begun = true
	f.read, f.write, f.accept = f.c.ReadAsync(f.buf[:]), f.c.WriteAsync(f.sent), f.l.AcceptConnAsync()
	f.dial = aio.Dialer{Sim: f.sim}.DialAsync("tcp", f.silent)
	for _, op := range []future.Future{&f.read, &f.write, &f.accept, &f.dial} {
		op.Poll(cx)
	}
	f.polled <- cx.Waker()
	return future.Pending
}

// TestAPollThatPanicsLeavesNothing of the operations that it has begun, and takes nothing from those
// of others: what comes is the next Read's.
func TestAPollThatPanicsLeavesNothing(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for loop := range 2 { // the connection's own, and another
			c, peer := w.pair(t)
			l := w.listen(t)
			f := panicker{c: c, l: l, sent: stretch(8 << 20), silent: w.unanswered(t), sim: w.sim, polled: make(chan future.Waker, 1)}
			task := future.Spawn(w.rt.Loop(loop), f)
			wake := <-f.polled
			time.Sleep(2 * time.Millisecond)
			wake.Wake()
			var pe *future.PanicError
			if _, err := task.Wait(); !errors.As(err, &pe) || pe.Value != "on purpose" {
				t.Fatal(err)
			}
			task.Release()
			if w.sim != nil {
				aio.SetAnswers(w.sim, 0, 0)
			}
			// The connection goes on: what was being written is, and what comes is somebody else's.
			got := make([]byte, len(f.sent))
			if _, err := io.ReadFull(peer, got); err != nil {
				t.Fatal(err)
			}
			if _, err := peer.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			if loop == 0 { // elsewhere the Read had a buffer of its own, and may have taken it
				p := make([]byte, 5)
				if n, err := ended(future.Spawn(w.rt.Loop(0), c.ReadAsync(p))).Result(); n == 0 || err != nil {
					t.Error(n, err)
				}
			}
			c.Close()
			l.Close()
		}
	})
}

// dialAndPanic panics in the poll that begins to dial.
type dialAndPanic struct {
	d       aio.Dialer
	address string
	dial    aio.DialFuture
}

func (f *dialAndPanic) Poll(cx *future.Context) future.Poll {
	f.dial = f.d.DialAsync("tcp", f.address)
	if f.dial.Poll(cx) == future.Ready { // another loop has been quick
		if c, err := f.dial.Result(); err == nil {
			c.Close()
		}
	}
	panic("on purpose")
}

// TestAConnectionForAPollThatHasPanickedIsClosed when the collector finds it, as one of package net.
func TestAConnectionForAPollThatHasPanickedIsClosed(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		l := w.listen(t)
		aio.HomeListener(l, w.rt.Loop(0))
		before := aio.ReadLedger().Descriptors
		const times = 20
		for i := range times {
			on := w.rt.Loop(i % 2)
			if i%3 == 0 {
				on = future.Default().Loop(0) // which has no engine: another loop's dials
			}
			task := future.Spawn(on, dialAndPanic{d: aio.Dialer{Sim: w.sim}, address: l.Addr().String()})
			var pe *future.PanicError
			if _, err := task.Wait(); !errors.As(err, &pe) {
				t.Fatal(err)
			}
			task.Release()
			c, err := l.AcceptConn()
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		eventually(t, "all are closed", func() (any, bool) {
			runtime.GC()
			n := aio.ReadLedger().Descriptors
			return []int64{n, before}, n == before
		})
	})
}
