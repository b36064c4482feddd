package future

import "github.com/pinion-go/pinion/pin"

// FromChan returns a future that receives from a Go channel. If nothing is there
// at its first poll, a goroutine of its own performs the receive: it competes with
// other receivers as any goroutine does. Cancelled, the future hands over what that
// goroutine has received if it has, so that no value is lost. A nil channel never
// delivers.
//
// Between futures, a [Chan] costs no goroutine.
func FromChan[T any](ch <-chan T) FromChanFuture[T] { return FromChanFuture[T]{ch: ch} }

// FromChanFuture is the future of [FromChan].
type FromChanFuture[T any] struct {
	anchor   pin.Anchor
	ch       <-chan T
	recv     *chanRecv[T] // nil while no goroutine is at it
	canceled bool
	over     bool
	v        T
	err      error
}

type chanRecv[T any] struct {
	ChanWait
	v       T // these are written before the call is over
	ok, got bool
}

// Poll implements [Future].
func (f *FromChanFuture[T]) Poll(cx *Context) Poll {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	canceled := f.canceled || cx.canceled
	if f.recv == nil {
		if !cx.Spend() {
			return Pending
		}
		if canceled {
			return f.withdrawn(cx)
		}
		select {
		case v, ok := <-f.ch:
			return f.received(v, ok)
		default:
		}
		f.begin(cx)
	}
	r := f.recv
	if !r.Poll(cx, canceled) {
		return Pending
	}
	if !r.got {
		return f.withdrawn(cx)
	}
	return f.received(r.v, r.ok)
}

func (f *FromChanFuture[T]) begin(cx *Context) {
	r, ch := new(chanRecv[T]), f.ch
	f.recv = r
	r.Begin(cx, "FromChan", func(stop <-chan struct{}) {
		select {
		case r.v, r.ok = <-ch:
			r.got = true
		case <-stop:
		}
	})
}

func (f *FromChanFuture[T]) received(v T, ok bool) Poll {
	f.over, f.v = true, v
	if !ok {
		f.err = ErrClosed
	}
	return Ready
}

func (f *FromChanFuture[T]) withdrawn(cx *Context) Poll {
	f.over, f.err = true, ErrCanceled
	cx.abort()
	return Ready
}

// Cancel implements [Canceler].
func (f *FromChanFuture[T]) Cancel() { f.canceled = true }

// Result returns what was received, ErrClosed if the channel was closed, or
// ErrCanceled if nothing was received.
func (f *FromChanFuture[T]) Result() (T, error) { return f.v, f.err }
