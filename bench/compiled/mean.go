package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// mean returns the mean of the numbers in a stream.
//
//pinion:async
func mean(s *source) int {
	sum, n := 0, 0
	for {
		v, ok := s.Next()
		if !ok {
			break
		}
		sum += v
		n++
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

type meanHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	s        *source
	sum, n   int
	next     sourceNextFuture
}

func (f *meanHand) Init(s *source) {
	f.state, f.canceled = 0, false
	f.s, f.sum, f.n = s, 0, 0
}

func (f *meanHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	if f.state == 1 {
		goto next
	}
again:
	f.next.Init(f.s)
next:
	if f.next.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	if v, ok := f.next.Result(); ok {
		f.sum += v
		f.n++
		goto again
	}
	if f.n != 0 {
		f.sum /= f.n
	}
	return future.Ready
}

func (f *meanHand) Cancel() { f.canceled = true }

func (f *meanHand) Result() int { return f.sum }

func meanCalls[P interface {
	Init(*source)
	Result() int
}](waits bool) (begin func(P), result func(P) any) {
	s := &source{waits: waits}
	begin = func(f P) {
		s.n = 10
		f.Init(s)
	}
	return begin, func(f P) any { return f.Result() }
}
