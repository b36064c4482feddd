package frame

import "github.com/pinion-go/pinion/future"

// SendFuture is the send operation ch <- v as a future. The zero SendFuture wants
// its Init. Like [RecvFuture] it leaves it to the frame around it to notice moves.
type SendFuture[T any] struct {
	ch   chan<- T
	v    T
	wait *sendWait // nil while no goroutine is at it
}

type sendWait struct {
	future.ChanWait
	sent bool // written before the wait is over
}

// Init makes f a send of v on ch that has not begun.
func (f *SendFuture[T]) Init(ch chan<- T, v T) { *f = SendFuture[T]{ch: ch, v: v} }

// Poll implements [future.Future]. On a closed channel it panics as a send does, with
// the same runtime.Error.
func (f *SendFuture[T]) Poll(cx *future.Context) future.Poll {
	if f.wait == nil {
		if !cx.Spend() {
			return future.Pending
		}
		select {
		case f.ch <- f.v:
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
	if !f.wait.Poll(cx, cx.Canceled()) {
		return future.Pending
	}
	if !f.wait.sent {
		cx.Withdraw()
	}
	return future.Ready
}

func (f *SendFuture[T]) begin(cx *future.Context) {
	w, ch, v := new(sendWait), f.ch, f.v
	f.wait = w
	w.Begin(cx, "a send", func(stop <-chan struct{}) {
		select {
		case ch <- v:
			w.sent = true
		case <-stop:
		}
	})
}

// Result completes the pair; there is nothing to return.
func (f *SendFuture[T]) Result() {}
