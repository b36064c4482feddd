package frame

import "github.com/pinion-go/pinion/future"

// RecvFuture is the receive operation <-ch as a future. The zero RecvFuture wants
// its Init.
//
// It does not check that it stays where it is, since it points nowhere into itself
// and the frame that it is part of checks.
type RecvFuture[T any] struct {
	ch   <-chan T
	wait *recvWait[T] // nil while no goroutine is at it
	v    T
	ok   bool
}

type recvWait[T any] struct {
	future.ChanWait
	v       T // these are written before the wait is over
	ok, got bool
}

// Init makes f a receive from ch that has not begun.
func (f *RecvFuture[T]) Init(ch <-chan T) { *f = RecvFuture[T]{ch: ch} }

// Poll implements [future.Future].
func (f *RecvFuture[T]) Poll(cx *future.Context) future.Poll {
	if f.wait == nil {
		if !cx.Spend() {
			return future.Pending
		}
		select {
		case f.v, f.ok = <-f.ch:
			return future.Ready
		default:
		}
		if cx.Canceled() {
			cx.Withdraw()
		}
		if f.ch == nil {
			return future.Pending // for ever, and so without a goroutine
		}
		f.begin(cx)
		return future.Pending
	}
	w := f.wait
	if !w.Poll(cx, cx.Canceled()) {
		return future.Pending
	}
	if !w.got {
		cx.Withdraw()
	}
	f.v, f.ok = w.v, w.ok
	return future.Ready
}

func (f *RecvFuture[T]) begin(cx *future.Context) {
	w, ch := new(recvWait[T]), f.ch
	f.wait = w
	w.Begin(cx, "a receive", func(stop <-chan struct{}) {
		select {
		case w.v, w.ok = <-ch:
			w.got = true
		case <-stop:
		}
	})
}

// Result returns what was received, and false if it is the zero value of a closed
// channel.
func (f *RecvFuture[T]) Result() (T, bool) { return f.v, f.ok }
