package future

import "github.com/pinion-go/pinion/pin"

// Shield returns a future that hides from f that the part of the task around it
// was cancelled, so that f runs to its end undisturbed. It has no Cancel for the
// same reason. An abort at shutdown is not hidden.
//
// The idea is asyncio's shield; but where that leaves the inner task running on
// its own, whoever cancels a Shield waits for it.
func Shield[F any, P Ptr[F]](f F) ShieldFuture[F, P] { return ShieldFuture[F, P]{f: f} }

// ShieldFuture is the future of [Shield].
type ShieldFuture[F any, P Ptr[F]] struct {
	anchor pin.Anchor
	f      F
}

// Poll implements [Future].
func (f *ShieldFuture[F, P]) Poll(cx *Context) Poll {
	f.anchor.Check()
	return cx.PollShielded(P(&f.f))
}

// F returns the child. It may be used for its result once the shield is Ready.
func (f *ShieldFuture[F, P]) F() *F { return &f.f }

// Drop implements [pin.Dropper]: it drops the child.
func (f *ShieldFuture[F, P]) Drop() { dropFuture(P(&f.f)) }
