package fuzz

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// twoSleeps waits for two things at once, one after the other.
type twoSleeps struct {
	a, b   future.SleepFuture
	exits  bool // it sees to it that an abort ends both
	polled bool
}

func newTwoSleeps(exits bool) func() twoSleeps {
	return func() twoSleeps {
		return twoSleeps{a: future.SleepAsync(time.Minute), b: future.SleepAsync(time.Hour), exits: exits}
	}
}

func (f *twoSleeps) Poll(cx *future.Context) future.Poll {
	f.polled = false
	if f.exits {
		defer func() {
			if !f.polled {
				f.b.Poll(cx) // a has ended the goroutine
			}
		}()
	}
	a := f.a.Poll(cx)
	f.polled = true
	return f.b.Poll(cx) && a
}

func TestAFutureOfWhichAnAbortLeavesATimerRunningIsCaught(t *testing.T) {
	wantRule(t, RuleAbort, "aborted at suspension 1", newTwoSleeps(false))
	Future(t, newTwoSleeps(true))
}

func TestAFutureThatSurvivesItsAbortIsCaught(t *testing.T) {
	// It takes two polls to end when it is cancelled, and is given one.
	wantRule(t, RuleAbort, "aborted at", script(func(s *scripted, cx *future.Context) future.Poll {
		if s.canceled || s.n > 3 {
			return future.Ready
		}
		s.canceled = cx.Canceled()
		cx.Wake(cx.Waker())
		return future.Pending
	}))
}

func TestAFutureThatNeverReturnsFromItsAbortIsCaught(t *testing.T) {
	forEver := make(chan struct{})
	defer close(forEver)
	wantRule(t, RuleAbort, "aborted at suspension 1", func() scripted {
		return scripted{f: func(s *scripted, cx *future.Context) future.Poll {
			over := false
			defer func() {
				if !over && s.n > 1 {
					<-forEver
				}
			}()
			cx.Exit() // and no operation: the loop does not wait for what that has read
			over = true
			if s.n == 1 {
				cx.Wake(cx.Waker())
			}
			return s.n > 1
		}}
	})
}

func TestAPanicInAnAbortIsCaught(t *testing.T) {
	wantRule(t, RulePanic, "aborted at suspension 1", func() scripted {
		return scripted{sleep: future.SleepAsync(time.Hour), f: func(s *scripted, cx *future.Context) future.Poll {
			over := false
			defer func() {
				if !over && s.n > 1 {
					bomb("in a deferred call")
				}
			}()
			p := s.sleep.Poll(cx)
			over = true
			return p
		}}
	})
}

// A lockHolder holds a lock while it sleeps.
type lockHolder struct {
	m      *future.Mutex
	defers bool
	sleep  future.SleepFuture
	held   bool
}

func (f *lockHolder) Poll(cx *future.Context) (p future.Poll) {
	if !f.held {
		f.held = f.m.TryLock()
	}
	if f.defers {
		returned := false
		defer func() {
			if !returned || p == future.Ready {
				f.m.UnlockCx(cx)
			}
		}()
		p = f.sleep.Poll(cx)
		returned = true
		return p
	}
	if p = f.sleep.Poll(cx); p == future.Ready {
		f.m.UnlockCx(cx)
	}
	return p
}

func TestALockThatAnAbortTakesAlongIsFound(t *testing.T) {
	var m *future.Mutex
	newHolder := func(defers bool) func() lockHolder {
		return func() lockHolder {
			m = new(future.Mutex)
			return lockHolder{m: m, defers: defers, sleep: future.SleepAsync(time.Hour)}
		}
	}
	free := func(*lockHolder) error {
		if !m.TryLock() {
			return errors.New("the lock is lost")
		}
		return nil
	}
	wantRule(t, RuleCheck, "aborted at", newHolder(false), Check(free), Aborted(free))
	Future(t, newHolder(true), Check(free), Aborted(free))
}

// halves counts what becomes of a future that is Ready after two leaves.
type halves struct {
	a, b  Leaf
	first bool
	drops *int
}

func (f *halves) Poll(cx *future.Context) future.Poll {
	if !f.first && f.a.Poll(cx) == future.Pending {
		return future.Pending
	}
	f.first = true
	return f.b.Poll(cx)
}

func (f *halves) Drop() { *f.drops++ }

func TestAnAbortedFutureIsDroppedOnceAndNotChecked(t *testing.T) {
	var made, drops, aborted, checked int
	Future(t, func() halves {
		made++
		return halves{a: Leaf{Waits: 2, Exits: true}, b: Leaf{Waits: 1, Exits: true}, drops: &drops}
	}, Check(func(f *halves) error {
		checked++
		if !f.first {
			return errors.New("it is not Ready")
		}
		return nil
	}), Aborted(func(f *halves) error {
		aborted++
		if drops != made-1 {
			return fmt.Errorf("%d of %d were dropped, and this one has to be looked at", drops, made)
		}
		return nil
	}))
	if want := 1 + 3; aborted != want || drops != made || checked+aborted != made {
		t.Errorf("of %d futures %d were aborted (want %d), %d checked, %d dropped", made, aborted, want, checked, drops)
	}
}

// A future that polls two children in each poll drops the second half way, when the first has
// ended the goroutine.
func TestAFutureThatDropsAChildHalfWayAfterAnAbortIsCaught(t *testing.T) {
	wantRule(t, RuleDrop, "aborted at", func() pair {
		return pair{a: Leaf{Waits: 2, Exits: true}, b: Leaf{Waits: 2, Exits: true}}
	})
}
