package future

import "time"

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
func SleepAsync(d time.Duration) SleepFuture {
	return SleepFuture{t: timer{when: d}}
}

// SleepFuture is the future of [SleepAsync]. It holds its own timer: a sleeping
// future costs no goroutine and no allocation, and starting or stopping it takes
// constant time.
type SleepFuture struct {
	t     timer // before the first poll, when is the duration
	state sleepState
}

type sleepState uint8

const (
	sleepFresh sleepState = iota
	sleepWaits
	sleepOver
	sleepCanceled
)

// Poll implements [Future].
func (f *SleepFuture) Poll(cx *Context) Poll {
	switch f.state {
	case sleepFresh:
		if cx.canceled {
			return f.withdraw(cx)
		}
		if f.t.when <= 0 {
			if !cx.Spend() {
				return Pending
			}
			f.state = sleepOver
			return Ready
		}
		cx.startTimer(&f.t, cx.loop.now+f.t.when)
		f.state = sleepWaits
		return Pending
	case sleepWaits:
		f.t.check()
		if f.t.next == nil {
			cx.unholdTimer(&f.t)
			f.state = sleepOver
			return Ready
		}
		if cx.canceled {
			return f.withdraw(cx)
		}
		cx.rewake(&f.t)
		return Pending
	case sleepCanceled:
		return f.withdraw(cx)
	}
	return Ready
}

// withdraw ends the sleep early, within a poll.
func (f *SleepFuture) withdraw(cx *Context) Poll {
	if f.t.next != nil {
		f.t.stop()
		cx.unholdTimer(&f.t)
	}
	f.state = sleepCanceled
	cx.abort()
	return Ready
}

// Cancel implements [Canceler].
func (f *SleepFuture) Cancel() {
	if f.state == sleepFresh || f.state == sleepWaits {
		f.state = sleepCanceled
	}
}

// Result returns nil, or ErrCanceled if the sleep was cut short.
func (f *SleepFuture) Result() error {
	if f.state == sleepCanceled {
		return ErrCanceled
	}
	return nil
}
