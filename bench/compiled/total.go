package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// total weighs the numbers that the sources have next.
//
//pinion:async
func total(sources []*source) (sum int) {
	for i, s := range sources {
		v, ok := s.Next()
		if !ok {
			continue
		}
		sum += (i + 1) * v
	}
	return sum
}

type totalHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	sources  []*source
	i, sum   int
	next     sourceNextFuture
}

func (f *totalHand) Init(sources []*source) {
	f.state, f.canceled = 0, false
	f.sources, f.i, f.sum = sources, 0, 0
}

func (f *totalHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	if f.state == 1 {
		goto next
	}
again:
	if f.i >= len(f.sources) {
		return future.Ready
	}
	f.next.Init(f.sources[f.i])
next:
	if f.next.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	f.i++
	if v, ok := f.next.Result(); ok {
		f.sum += f.i * v
	}
	goto again
}

func (f *totalHand) Cancel() { f.canceled = true }

func (f *totalHand) Result() (sum int) { return f.sum }

func totalCalls[P interface {
	Init([]*source)
	Result() int
}](waits bool) (begin func(P), result func(P) any) {
	ss := make([]*source, 8)
	for i := range ss {
		ss[i] = &source{waits: waits}
	}
	begin = func(f P) {
		for i := range ss {
			ss[i].n = 3
		}
		f.Init(ss)
	}
	return begin, func(f P) any { return f.Result() }
}
