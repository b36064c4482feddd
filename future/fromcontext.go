package future

import (
	"context"

	"github.com/pinion-go/pinion/pin"
)

// FromContext returns a future that is Ready when ctx is done. It costs no
// goroutine while it waits. It panics if ctx is nil.
func FromContext(ctx context.Context) FromContextFuture {
	needContext(ctx, "FromContext(nil)", "pass context.Background() for a wait that never ends by itself")
	return FromContextFuture{ctx: ctx}
}

// FromContextFuture is the future of [FromContext].
type FromContextFuture struct {
	anchor   pin.Anchor
	ctx      context.Context
	stop     func() bool // of the registration with ctx
	waker    Waker       // whom that will wake
	canceled bool
	over     bool
	ended    bool // ctx is done
}

// Poll implements [Future].
func (f *FromContextFuture) Poll(cx *Context) Poll {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	canceled := f.canceled || cx.canceled
	if f.stop == nil {
		if !cx.Spend() {
			return Pending
		}
		f.ended = !canceled && f.ctx.Err() != nil
	} else {
		f.ended = f.ctx.Err() != nil
	}
	if f.ended || canceled {
		f.over = true
		if f.stop != nil {
			f.stop()
		}
		if !f.ended {
			cx.abort()
		}
		return Ready
	}
	if me := cx.Waker(); me != f.waker {
		if f.stop != nil {
			f.stop()
		}
		f.waker = me
		f.stop = context.AfterFunc(f.ctx, me.Wake) // at once if it has ended since
	}
	return Pending
}

// Cancel implements [Canceler].
func (f *FromContextFuture) Cancel() { f.canceled = true }

// Result returns why ctx is done, as [context.Cause] does, or ErrCanceled if the
// future was cancelled before.
func (f *FromContextFuture) Result() error {
	if !f.ended {
		return ErrCanceled
	}
	return context.Cause(f.ctx)
}
