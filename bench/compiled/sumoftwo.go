package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// sumOfTwo awaits functions that await others.
//
//pinion:async
func sumOfTwo(a, b *source) int {
	x := twice(a)
	return x + twice(b)
}

type sumOfTwoHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	a, b     *source
	sum      int
	child    twiceHand
}

func (f *sumOfTwoHand) Init(a, b *source) {
	f.state, f.canceled = 0, false
	f.a, f.b = a, b
}

func (f *sumOfTwoHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto first
	case 2:
		goto second
	}
	f.child.Init(f.a)
first:
	if f.child.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	f.sum = f.child.Result()
	f.child.Init(f.b)
second:
	if f.child.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	f.sum += f.child.Result()
	return future.Ready
}

func (f *sumOfTwoHand) Cancel() { f.canceled = true }

func (f *sumOfTwoHand) Result() int { return f.sum }

func sumOfTwoCalls[P interface {
	Init(a, b *source)
	Result() int
}](waits bool) (begin func(P), result func(P) any) {
	a, b := &source{waits: waits}, &source{waits: waits}
	begin = func(f P) {
		a.n, b.n = 4, 6
		f.Init(a, b)
	}
	return begin, func(f P) any { return f.Result() }
}
