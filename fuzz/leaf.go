package fuzz

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// A Leaf is a future to be the child of a future that is being tested. It waits a
// given number of times and is then Ready, and it panics with a [*Violation],
// which [Future] reports, when its parent breaks a rule: polls it when it was
// Ready, moves it when it has started, drops it twice or half way, asks for its
// result too early.
//
// The fields are set while it is fresh. Cancelled, it is Ready at the next poll, and
// unless it Exits also in an abort.
// The zero Leaf is Ready at once.
type Leaf struct {
	Waits  int  // how many times it waits
	Remote bool // another goroutine wakes it; otherwise it wakes itself
	ID     int  // its result
	Exits  bool // aborted, it ends its goroutine as an operation of package future does

	anchor   pin.Anchor
	wait     *leafWait // the wait that is under way, or nil
	ready    bool
	canceled bool
	asked    bool // Cancel was called
	dropped  bool
}

// leafWait is what a Leaf shares with the goroutine that wakes it.
type leafWait struct {
	mu    sync.Mutex
	waker future.Waker
	over  bool
}

func (f *Leaf) broken(rule Rule, format string, args ...any) {
	panic(&Violation{Rule: rule, Err: fmt.Errorf("Leaf %d: %s", f.ID, fmt.Sprintf(format, args...))})
}

// Poll implements [future.Future].
func (f *Leaf) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	switch {
	case f.dropped:
		f.broken(RuleDrop, "it was polled after its Drop")
	case f.ready:
		f.broken(RuleReady, "it was polled after it was Ready")
	}
	if f.wait != nil && f.wait.renew(cx) {
		f.wait = nil
		f.Waits--
	}
	switch {
	case cx.Canceled() || f.asked:
		f.ready, f.canceled = true, true
		if f.Exits {
			exit := future.SleepAsync(0)
			exit.Poll(cx) // comes back unless this is an abort
		}
	case f.wait != nil: // nobody has woken it yet
	case f.Waits > 0:
		f.wait = &leafWait{waker: cx.Waker()}
		if f.Remote {
			go f.wait.end()
		} else {
			f.wait.over = true
			cx.Wake(cx.Waker())
		}
	case !cx.Spend():
	default:
		f.ready = true
	}
	return future.Poll(f.ready)
}

// renew reports whether the wait is over, and notes whom to wake if it is not.
func (w *leafWait) renew(cx *future.Context) (over bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waker = cx.Waker()
	return w.over
}

func (w *leafWait) end() {
	runtime.Gosched()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.waker.Wake()
}

// Cancel implements [future.Canceler].
func (f *Leaf) Cancel() { f.asked = true }

// Result returns ID, or ErrCanceled if the Leaf was cancelled before its last
// wait was over.
func (f *Leaf) Result() (int, error) {
	if !f.ready {
		f.broken(RuleResult, "Result was called before it was Ready")
	}
	if f.canceled {
		return 0, future.ErrCanceled
	}
	return f.ID, nil
}

// Drop implements [pin.Dropper].
func (f *Leaf) Drop() {
	switch {
	case f.dropped:
		f.broken(RuleDrop, "it was dropped twice")
	case f.anchor.Pinned() && !f.ready:
		f.broken(RuleDrop, "it was dropped when it had started and was not Ready")
	}
	f.dropped = true
}
