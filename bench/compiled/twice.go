package compiled

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// twice returns two times the mean.
//
//pinion:async
func twice(s *source) int {
	return 2 * mean(s)
}

type twiceHand struct {
	anchor   pin.Anchor
	state    uint8
	canceled bool
	s        *source
	result   int
	child    meanHand
}

func (f *twiceHand) Init(s *source) {
	f.state, f.canceled = 0, false
	f.s = s
}

func (f *twiceHand) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.canceled && !cx.Canceled() {
		return cx.PollCanceled(f)
	}
	if f.state == 0 {
		f.child.Init(f.s)
	}
	if f.child.Poll(cx) == future.Pending {
		f.state = 1
		return future.Pending
	}
	f.result = 2 * f.child.Result()
	return future.Ready
}

func (f *twiceHand) Cancel() { f.canceled = true }

func (f *twiceHand) Result() int { return f.result }
