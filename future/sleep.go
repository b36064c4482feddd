package future

import (
	"math"
	"time"
)

// Sleep blocks for at least d. It returns nil, or ErrBlockedPoll without waiting
// when it is called inside a poll.
func Sleep(d time.Duration) error {
	if d > 0 && inPoll() {
		return ErrBlockedPoll
	}
	time.Sleep(d)
	return nil
}

// SleepAsync is [Sleep] as a future. Its result is nil once d has passed since
// its first poll, or ErrCanceled.
//
// That a poll begins a sleep does not read the clock again: a loop does so once in each
// turn of at most 61 polls, and all sleeps, timeouts and intervals that begin in a turn begin at
// that time. Behind slow polls of the same turn a sleep is shorter by what they took.
//
//pinion:noescape
func SleepAsync(d time.Duration) SleepFuture {
	// The longest one would be told as cancelled: a nanosecond in 292 years.
	return SleepFuture{t: timer{when: ^min(max(d, 0), math.MaxInt64-1)}}
}

// SleepFuture is the future of [SleepAsync]. It is its own timer, of 32 bytes: a
// sleeping future costs no goroutine and no allocation, and starting or stopping
// it takes constant time. The zero SleepFuture is one that is over.
type SleepFuture struct {
	// While t is in the wheel it waits. Else t.when tells: ^d when it is fresh,
	// sleepCanceled, or the deadline when that has passed. A cancelled sleep
	// that is still in the wheel has sleepCanceled as its deadline.
	t timer
}

const sleepCanceled time.Duration = math.MinInt64

// Poll implements [Future].
func (f *SleepFuture) Poll(cx *Context) Poll {
	t := &f.t
	t.check()
	switch {
	case t.when == sleepCanceled || cx.canceled && (t.next != nil || t.when < 0):
		if t.next == nil && t.slot == 0 && !cx.Spend() {
			return Pending // it was never begun: a cancelled task may try again and again
		}
		t.stop()
		if t.slot != 0 { // it may also have fired between Cancel and this poll
			cx.unholdTimer(t)
			t.slot = 0
		}
		t.when = sleepCanceled
		cx.abort()
		return Ready
	case t.next != nil:
		cx.rewake(t)
		return Pending
	case t.when >= 0: // it has fired, or it was polled again after that
		if t.slot != 0 {
			cx.unholdTimer(t)
			t.slot = 0
		}
		return Ready
	case t.when == ^0:
		if !cx.Spend() {
			return Pending
		}
		t.when = 0
		return Ready
	}
	cx.startTimer(t, cx.loop.time()+^t.when)
	return Pending
}

// Cancel implements [Canceler].
func (f *SleepFuture) Cancel() {
	if f.t.next != nil || f.t.when < 0 {
		f.t.when = sleepCanceled
	}
}

// Result returns nil, or ErrCanceled if the sleep was cut short.
func (f *SleepFuture) Result() error {
	if f.t.when == sleepCanceled {
		return ErrCanceled
	}
	return nil
}
