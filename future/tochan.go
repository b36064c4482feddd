package future

import "github.com/pinion-go/pinion/pin"

// ToChan returns a future that sends v on a Go channel. If that cannot be done at
// its first poll, a goroutine of its own performs the send. Cancelled, the future's
// result tells whether that goroutine has sent it. As ever, a send on a nil channel
// never ends, and one on a closed channel panics.
func ToChan[T any](ch chan<- T, v T) ToChanFuture[T] { return ToChanFuture[T]{ch: ch, v: v} }

// ToChanFuture is the future of [ToChan].
type ToChanFuture[T any] struct {
	anchor   pin.Anchor
	ch       chan<- T
	v        T
	send     *chanSend // nil while no goroutine is at it
	canceled bool
	over     bool
	err      error
}

type chanSend struct {
	ChanWait
	sent bool // written before the call is over
}

// Poll implements [Future].
func (f *ToChanFuture[T]) Poll(cx *Context) Poll {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	canceled := f.canceled || cx.canceled
	if f.send == nil {
		if !cx.Spend() {
			return Pending
		}
		if canceled {
			return f.withdrawn(cx)
		}
		select {
		case f.ch <- f.v:
			f.over = true
			return Ready
		default:
		}
		f.begin(cx)
	}
	if !f.send.Poll(cx, canceled) {
		return Pending
	}
	if !f.send.sent {
		return f.withdrawn(cx)
	}
	f.over = true
	return Ready
}

func (f *ToChanFuture[T]) begin(cx *Context) {
	s, ch, v := new(chanSend), f.ch, f.v
	f.send = s
	s.Begin(cx, "ToChan", func(stop <-chan struct{}) {
		select {
		case ch <- v:
			s.sent = true
		case <-stop:
		}
	})
}

func (f *ToChanFuture[T]) withdrawn(cx *Context) Poll {
	f.over, f.err = true, ErrCanceled
	cx.abort()
	return Ready
}

// Cancel implements [Canceler].
func (f *ToChanFuture[T]) Cancel() { f.canceled = true }

// Value returns the value to be sent, which is still the sender's if Result is an
// error.
func (f *ToChanFuture[T]) Value() T { return f.v }

// Result returns nil if the value was sent, or ErrCanceled if it was not.
func (f *ToChanFuture[T]) Result() error { return f.err }
