package future

import (
	"runtime"
	"time"
)

// Context is what a future is polled with. It is valid during that poll only and
// belongs to the polling goroutine.
type Context struct {
	loop     *Loop
	slot     uint32 // whom to wake: the task, or a child of a set within it
	gen      uint32
	task     uint32 // the task in whose frame the future lives
	budget   int32
	canceled bool
	aborting bool
	ending   bool        // within PollToEnd
	again    *panicAgain // left by Repanic
	iterator any         // of PollIterator
}

// budgetPerPoll is how many operations may complete within one poll of a task
// before it must let others run; the number is tokio's.
const budgetPerPoll = 128

// Waker returns the waker of the future being polled. It may be kept.
func (cx *Context) Waker() Waker { return Waker{cx.slot, cx.gen, cx.loop.id} }

// Wake is w.Wake(), and faster when w belongs to the loop that polls.
func (cx *Context) Wake(w Waker) { cx.loop.wake(w) }

// Canceled reports whether the task, or the part of it being polled, was asked
// to finish. An operation that is begun then returns [ErrCanceled] at once, and
// one that waits withdraws and hands over what it has; only operations that give
// something back (Close, Unlock, Release) go on as usual. [Shield] hides it.
func (cx *Context) Canceled() bool { return cx.canceled }

// Spend takes one unit of the task's cooperative budget. An operation that could
// complete calls it first; when it reports false the budget is used up, the task
// has been scheduled again, and the operation must return Pending, so that a task
// whose operations are always ready cannot keep others from running.
func (cx *Context) Spend() bool {
	if cx.budget <= 0 {
		cx.loop.wake(cx.Waker())
		return false
	}
	cx.budget--
	return true
}

// Now returns the loop's time, which is read from its [Clock] once a turn at the
// most.
func (cx *Context) Now() time.Duration { return cx.loop.time() }

// Loop returns the loop that polls.
func (cx *Context) Loop() *Loop { return cx.loop }

// Choose returns a number in [0, n): the explorer's choice, or else a random one,
// so that none of n is always preferred. n must be at least 1.
func (cx *Context) Choose(point ChoicePoint, n int) int {
	if n < 2 {
		return 0
	}
	if cx.loop.choose != nil {
		return cx.loop.decide(point, n)
	}
	// A linear congruential generator (Numerical Recipes, 1992). A mere counter
	// would always give the same answer to each of two that ask in turn.
	cx.loop.rotor = cx.loop.rotor*1664525 + 1013904223
	return int(uint64(cx.loop.rotor) * uint64(n) >> 32)
}

// Value returns the value that the task was given for key, by [WithValue] when
// it was spawned or by inheritance from the task that spawned it, or nil.
func (cx *Context) Value(key any) any {
	if x := cx.loop.extraOf(cx.task); x != nil {
		return x.values.get(key)
	}
	return nil
}

// PollCanceled polls f as part of a cancelled subtree: operations in it that
// wait withdraw. It is what a combinator does to a child that it no longer
// wants, until the child is Ready.
func (cx *Context) PollCanceled(f Future) Poll {
	defer cx.restore(cx.canceled) // also for whoever recovers a panic of f
	cx.canceled = true
	return f.Poll(cx)
}

// PollShielded polls f as if nothing had been cancelled. From an abort at shutdown
// there is no shield.
func (cx *Context) PollShielded(f Future) Poll {
	defer cx.restore(cx.canceled)
	cx.canceled = cx.aborting
	return f.Poll(cx)
}

func (cx *Context) restore(canceled bool) { cx.canceled = canceled }

// PollToEnd is [Context.PollCanceled] over and over until f is Ready, for a future
// that will not be polled any more, since runtime.Goexit ends its task here and now.
// The task's budget does not apply. Operations on Go channels are waited for. f may
// be waiting for something else that only happens when this poll is over; hence
// PollToEnd gives up after polls polls and returns Pending. f must not be given up
// lightly: see the contract of [Future].
func (cx *Context) PollToEnd(f Future, polls int) Poll {
	canceled, budget, ending := cx.canceled, cx.budget, cx.ending
	defer func() { cx.canceled, cx.budget, cx.ending = canceled, budget, ending }()
	cx.canceled, cx.ending = true, true
	for ; polls > 0; polls-- {
		cx.budget = budgetPerPoll
		if f.Poll(cx) == Ready {
			return Ready
		}
		runtime.Gosched()
	}
	return Pending
}

// Withdraw ends the poll of an operation that has withdrawn and whose result has no
// room for an error, such as a receive from one of Go's channels: it panics with
// [ErrCanceled]. A task that was asked to finish and panics so has done what it was
// asked: its joiners get ErrCanceled, and no panic is reported. So do [Race],
// [Select2], [Timeout] and the like with a child that they have cancelled. In an
// abort at shutdown it is runtime.Goexit.
func (cx *Context) Withdraw() {
	cx.abort()
	panic(ErrCanceled)
}

// hold notes that the frame of the task that w wakes is pointed into, by a timer
// or a wait list. A frame that is still pointed into when its task ends is not
// reused.
func (cx *Context) hold(w Waker) { cx.loop.hold(w.slot, w.gen, 1) }

func (cx *Context) unhold(w Waker) {
	if w.owner == cx.loop.id { // else a future was handed from loop to loop
		cx.loop.hold(w.slot, w.gen, -1)
	}
}

func (l *Loop) hold(slot, gen uint32, n int32) {
	h := l.header(slot)
	if h.gen() != gen {
		return // a boxed future has outlived the task that polled it first
	}
	for h.flags&flagChild != 0 {
		set := &l.sets[h.extra]
		set.holds += uint32(n)
		h = l.header(set.parent)
		if h.gen() != set.gen {
			return // its parent has panicked: the frame is set aside already
		}
	}
	h.holds += uint32(n)
}

// abort ends the goroutine of a poll that is part of an abort, so that deferred
// calls in the future run; see [Runtime.Shutdown]. Operations call it when they
// have withdrawn.
func (cx *Context) abort() {
	if cx.aborting {
		runtime.Goexit()
	}
}
