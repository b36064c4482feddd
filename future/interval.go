package future

import (
	"fmt"
	"math"
	"time"
)

// Interval is a series of moments, equally spaced, to be waited for one by one.
//
// Ticks are not made up for. If nobody waits when they are due, the next Tick
// returns at once, says how many there were, and the one after it comes when it
// would have come anyway: the series does not drift and does not burst.
//
// An Interval belongs to one goroutine, or to the tasks of one loop, whose time it
// goes by.
type Interval struct {
	every, next time.Duration
	started     bool
}

// NewInterval returns an Interval with a tick every d, the first d after it is
// first waited for. It panics if d is not positive.
func NewInterval(d time.Duration) Interval {
	if d <= 0 {
		panic(fmt.Sprintf("future: NewInterval(%v): the period must be positive", d))
	}
	return Interval{every: d}
}

// Tick blocks until the next tick and returns the number of ticks since the last
// call, of which all but one were missed. It returns ErrBlockedPoll inside a poll.
func (i *Interval) Tick() (n int, err error) {
	f := i.TickAsync()
	if err := Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// TickAsync is [Interval.Tick] as a future. One that is cancelled uses up no tick.
// Of several that wait at once, each tick wakes one for good.
//
//pinion:noescape
func (i *Interval) TickAsync() IntervalTickFuture { return IntervalTickFuture{i: i} }

// IntervalTickFuture is the future of [Interval.TickAsync].
type IntervalTickFuture struct {
	i        *Interval
	sleep    SleepFuture
	waits    bool
	canceled bool
	done     bool
	n        int
}

// Poll implements [Future].
func (f *IntervalTickFuture) Poll(cx *Context) Poll {
	if f.done {
		return Ready
	}
	i := f.i
	if !i.started {
		i.started, i.next = true, cx.Now()+i.every
	}
	for {
		if !f.waits {
			f.waits = true
			f.sleep = SleepAsync(i.next - cx.Now())
		}
		if f.canceled {
			f.sleep.Cancel()
		}
		if f.sleep.Poll(cx) == Pending {
			return Pending
		}
		late := cx.Now() - i.next
		if late < 0 && f.sleep.Result() == nil {
			f.waits = false // another future has had this tick
			continue
		}
		f.done = true
		if f.sleep.Result() == nil {
			n := 1 + late/i.every
			f.n = int(min(n, math.MaxInt))
			i.next += n * i.every
		}
		return Ready
	}
}

// Cancel implements [Canceler].
func (f *IntervalTickFuture) Cancel() { f.canceled = true }

// Result returns what [Interval.Tick] would have, or 0 and ErrCanceled.
func (f *IntervalTickFuture) Result() (n int, err error) { return f.n, f.sleep.Result() }
