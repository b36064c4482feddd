package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// barrier awaits three numbers and uses them together.
//
//pinion:async
func barrier(a, b, c *source) (v int, ok bool) {
	x, okx := a.Next()
	y, oky := b.Next()
	z, okz := c.Next()
	return x*y + z, okx && oky && okz
}

type barrierHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	ok       bool
	a, b, c  *source
	x, y     int
	next     sourceNextFuture
}

func (f *barrierHand) Init(a, b, c *source) {
	f.state, f.canceled = 0, false
	f.a, f.b, f.c = a, b, c
}

func (f *barrierHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	switch f.state {
	case 1:
		goto first
	case 2:
		goto second
	case 3:
		goto third
	}
	f.next.Init(f.a)
first:
	if f.next.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	f.x, f.ok = f.next.Result()
	f.next.Init(f.b)
second:
	if f.next.Poll(cx) == future.Pending {
		f.state = 2
		return future.Pending
	}
	{
		y, ok := f.next.Result()
		f.y, f.ok = y, f.ok && ok
	}
	f.next.Init(f.c)
third:
	if f.next.Poll(cx) == future.Pending {
		f.state = 3
		return future.Pending
	}
	{
		z, ok := f.next.Result()
		f.x, f.ok = f.x*f.y+z, f.ok && ok
	}
	return future.Ready
}

func (f *barrierHand) Cancel() { f.canceled = true }

func (f *barrierHand) Result() (v int, ok bool) { return f.x, f.ok }

func barrierCalls[P interface {
	Init(a, b, c *source)
	Result() (int, bool)
}](waits bool) (begin func(P), result func(P) any) {
	a, b, c := &source{waits: waits}, &source{waits: waits}, &source{waits: waits}
	begin = func(f P) {
		a.n, b.n, c.n = 3, 4, 5
		f.Init(a, b, c)
	}
	return begin, func(f P) any { return both(f.Result()) }
}
