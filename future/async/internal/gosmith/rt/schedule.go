package rt

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// Schedule tells how often a suspension point is pending before it is ready.
type Schedule int

const (
	Ready  Schedule = iota // never
	Once                   // once
	Random                 // at random: not at all, once or several times
)

// Schedules are all of them.
var Schedules = []Schedule{Ready, Once, Random}

func (s Schedule) String() string { return [...]string{"ready", "once", "random"}[s] }

var (
	schedule Schedule
	dice     uint64
	pended   int // how often a suspension point was pending
)

// pends returns how often the next suspension point is pending.
func pends() int {
	switch schedule {
	case Once:
		return 1
	case Random:
		dice = dice*6364136223846793005 + 1442695040888963407
		return [...]int{0, 0, 1, 3}[dice>>62]
	}
	return 0
}

// wait is the part of a leaf future that is pending. It notices when it is moved.
type wait struct {
	pin.Anchor
	begun bool
	left  int
	yield future.YieldFuture
}

func (w *wait) poll(cx *future.Context) future.Poll {
	w.Check()
	if !w.begun {
		w.begun = true
		w.left = pends()
	}
	for w.left > 0 {
		if w.yield.Poll(cx) == future.Pending {
			pended++
			return future.Pending
		}
		w.yield = future.YieldFuture{}
		w.left--
	}
	return future.Ready
}
