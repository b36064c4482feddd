package future

import (
	"errors"
	"time"
)

// ErrTimeout is the result of a [Timeout] whose child was not Ready in time.
var ErrTimeout = errors.New("future: timed out: the child was cancelled and has ended; what it obtained nevertheless is in F")

// Timeout returns a future that cancels f when d has passed since the first poll,
// and is Ready when f is: f may take longer than d to finish. If it completes its
// work in spite of the cancel, the result is in it, and is not lost as it is where
// a timed out future is dropped (tokio-uring 129 lost connections so).
//
// A child that is Ready at its first poll never times out, whatever d is.
func Timeout[F any, P Ptr[F]](d time.Duration, f F) TimeoutFuture[F, P] {
	// A sleep of no length would want a share of the budget, which f may use up.
	return TimeoutFuture[F, P]{f: f, alarm: SleepAsync(max(d, 1))}
}

// TimeoutFuture is the future of [Timeout].
type TimeoutFuture[F any, P Ptr[F]] struct {
	branches
	alarm SleepFuture
	f     F
}

// Poll implements [Future].
func (f *TimeoutFuture[F, P]) Poll(cx *Context) Poll {
	return f.pollAlarmed(cx, "Timeout", f.kids(), f.TimedOut)
}

func (f *TimeoutFuture[F, P]) kids() []Future { return []Future{P(&f.f), &f.alarm} }

// F returns the child. It may be used for its result once the timeout is Ready.
func (f *TimeoutFuture[F, P]) F() *F { return &f.f }

// TimedOut reports whether d passed before the child was Ready.
func (f *TimeoutFuture[F, P]) TimedOut() bool { return f.winner == 2 && f.alarm.Result() == nil }

// Result returns ErrTimeout if d passed before the child was Ready, else nil.
func (f *TimeoutFuture[F, P]) Result() error {
	if f.TimedOut() {
		return ErrTimeout
	}
	return nil
}

// Drop implements [pin.Dropper]: it drops the child.
func (f *TimeoutFuture[F, P]) Drop() { f.drop(f.kids()) }
