package fuzz

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// quick is patience for futures of which nobody is going to wake the one under
// test, however long one waits.
var quick = Patience(20 * time.Millisecond)

// wantRule runs a type that breaks a rule, and wants the rule to be named.
func wantRule[F any, P future.Ptr[F]](t *testing.T, rule Rule, way string, newFuture func() F, opts ...Option) {
	t.Helper()
	err := checkFuture[F, P](newFuture, append(opts, quick))
	v, ok := errors.AsType[*Violation](err)
	if !ok || v.Rule != rule || !strings.Contains(v.Way, way) {
		t.Errorf("want %q (%s), got %v", rule, way, err)
	}
}

// scripted is a future whose polls are a function.
type scripted struct {
	anchor   pin.Anchor
	n        int // polls so far
	leaf     Leaf
	sleep    future.SleepFuture
	waker    future.Waker
	value    int
	canceled bool
	f        func(s *scripted, cx *future.Context) future.Poll
	drop     func(s *scripted)
}

func (s *scripted) Poll(cx *future.Context) future.Poll {
	s.anchor.Check()
	s.n++
	return s.f(s, cx)
}

func (s *scripted) Drop() {
	if s.drop != nil {
		s.drop(s)
	}
}

func script(f func(s *scripted, cx *future.Context) future.Poll) func() scripted {
	return func() scripted { return scripted{f: f} }
}

func TestAFutureThatForgetsToWakeIsCaught(t *testing.T) {
	wantRule(t, RuleWake, "run as usual", script(func(s *scripted, cx *future.Context) future.Poll {
		return s.n > 1
	}))
	// Only after a spurious poll.
	wantRule(t, RuleWake, "", script(func(s *scripted, cx *future.Context) future.Poll {
		if s.n == 1 {
			cx.Wake(cx.Waker())
		}
		return future.Poll(s.n > 4 || cx.Canceled())
	}))
}

// alarm is a task that calls f after an hour: on the harness's clock, when nothing else happens.
type alarm struct {
	sleep future.SleepFuture
	f     func(cx *future.Context)
}

func (a *alarm) Poll(cx *future.Context) future.Poll {
	if a.sleep.Poll(cx) == future.Pending {
		return future.Pending
	}
	a.f(cx)
	return future.Ready
}

func TestAFutureThatWakesAStaleWakerIsCaught(t *testing.T) {
	// It keeps the waker of its first poll; another task wakes that.
	wantRule(t, RuleWaker, "handed to another task", func() scripted {
		over := false
		return scripted{f: func(s *scripted, cx *future.Context) future.Poll {
			if s.n == 1 {
				first := cx.Waker()
				future.Go(cx, alarm{sleep: future.SleepAsync(time.Hour), f: func(cx *future.Context) {
					over = true
					cx.Wake(first)
				}})
			}
			return future.Poll(over || cx.Canceled())
		}}
	})
}

func TestAFutureThatPollsItsChildAfterReadyIsCaught(t *testing.T) {
	wantRule(t, RuleReady, "", script(func(s *scripted, cx *future.Context) future.Poll {
		if s.n == 1 {
			s.leaf.Waits = 1
		}
		if s.leaf.Poll(cx) == future.Pending {
			return future.Pending
		}
		if s.value++; s.value == 1 {
			cx.Wake(cx.Waker())
			return future.Pending
		}
		return future.Ready
	}))
}

func TestAFutureThatCopiesItselfIsCaught(t *testing.T) {
	wantRule(t, RuleMoved, "", script(func(s *scripted, cx *future.Context) future.Poll {
		c := *s // as a value receiver would
		if s.n == 1 {
			s.leaf.Waits = 2
			return s.leaf.Poll(cx)
		}
		p := c.leaf.Poll(cx)
		*s = c
		return p
	}))
	wantRule(t, RuleMoved, "", script(func(s *scripted, cx *future.Context) future.Poll {
		if s.n == 1 {
			s.sleep = future.SleepAsync(time.Hour)
			return s.sleep.Poll(cx)
		}
		c := s.sleep
		return c.Poll(cx)
	}), MaxPolls(100))
}

// receiver takes a value from a queue that its owner can look into.
type receiver struct {
	queue  *[]int
	got    int
	has    bool
	result error
	loses  bool
	waited bool
}

func (f *receiver) Poll(cx *future.Context) future.Poll {
	if !f.has && len(*f.queue) > 0 {
		f.got, f.has = (*f.queue)[0], true
		*f.queue = (*f.queue)[1:]
	}
	if cx.Canceled() {
		if f.loses || !f.has {
			f.got, f.has, f.result = 0, false, future.ErrCanceled
		}
		return future.Ready
	}
	if !f.waited {
		f.waited = true
		cx.Wake(cx.Waker())
		return future.Pending
	}
	return future.Poll(f.has)
}

func TestAFutureThatLosesAValueAtCancelIsCaught(t *testing.T) {
	loses := true
	newReceiver := func() receiver { return receiver{queue: &[]int{42}, loses: loses} }
	kept := Check(func(f *receiver) error {
		if len(*f.queue) == 0 && f.got != 42 {
			return fmt.Errorf("the value is neither in the queue nor in the result, which is %d, %v", f.got, f.result)
		}
		return nil
	})
	wantRule(t, RuleCheck, "cancelled by its task", newReceiver, kept)
	loses = false
	Future(t, newReceiver, kept)
}

func TestAFutureThatNeverEndsAfterCancelIsCaught(t *testing.T) {
	// One that waits for what does not come, one that is always busy.
	wantRule(t, RuleCancel, "cancelled", script(func(s *scripted, cx *future.Context) future.Poll {
		if cx.Canceled() {
			s.canceled = true
		} else if !s.canceled {
			cx.Wake(cx.Waker())
		}
		return future.Poll(s.n > 3 && !s.canceled)
	}))
	wantRule(t, RuleCancel, "cancelled", script(func(s *scripted, cx *future.Context) future.Poll {
		cx.Wake(cx.Waker())
		return future.Poll(s.n > 3 && !cx.Canceled())
	}), MaxPolls(200))
}

func TestAFutureThatIsNeverReadyIsCaught(t *testing.T) {
	wantRule(t, RuleEnd, "run as usual", script(func(s *scripted, cx *future.Context) future.Poll {
		cx.Wake(cx.Waker())
		return future.Pending
	}), MaxPolls(200))
}

func TestAFutureThatTakesEachPollForAWakeIsCaught(t *testing.T) {
	newFuture := func() scripted {
		return scripted{sleep: future.SleepAsync(time.Hour), f: func(s *scripted, cx *future.Context) future.Poll {
			if s.n > 2 {
				panic("it was woken, and the time is not over")
			}
			return s.sleep.Poll(cx)
		}}
	}
	wantRule(t, RulePanic, "nobody woke it", newFuture)
}

// bomb is where a future panics, by name.
func bomb(value any) { panic(value) }

func TestAPanicIsReportedWithTheStackOfWhoPanicked(t *testing.T) {
	inPoll := func(value any) func() scripted {
		return script(func(*scripted, *future.Context) future.Poll { bomb(value); return future.Ready })
	}
	inDrop := func() scripted {
		return scripted{
			f:    func(*scripted, *future.Context) future.Poll { return future.Ready },
			drop: func(*scripted) { bomb("a text") },
		}
	}
	cause := errors.New("a cause")
	for _, newFuture := range []func() scripted{inPoll("a text"), inPoll(cause), inDrop} {
		wantRule(t, RulePanic, "", newFuture)
		err := checkFuture(newFuture, []Option{quick})
		if !strings.Contains(err.Error(), "fuzz.bomb(") {
			t.Errorf("the report does not lead to the panic:\n%v", err)
		}
	}
	if err := checkFuture(inPoll(cause), []Option{quick}); !errors.Is(err, cause) {
		t.Errorf("the value of the panic is not to be had from %v", err)
	}
}

func TestAFutureThatEndsItsGoroutineIsCaught(t *testing.T) {
	wantRule(t, RuleGoexit, "", script(func(s *scripted, cx *future.Context) future.Poll {
		if s.n > 1 {
			runtime.Goexit()
		}
		cx.Wake(cx.Waker())
		return future.Pending
	}))
}

func TestAFutureThatLeavesATimerRunningIsCaught(t *testing.T) {
	wantRule(t, RuleRegistered, "", script(func(s *scripted, cx *future.Context) future.Poll {
		if s.n == 1 {
			s.sleep = future.SleepAsync(time.Hour)
			s.sleep.Poll(cx)
			cx.Wake(cx.Waker())
		}
		return s.n > 1
	}))
}

func TestAFutureThatIsWrittenToAfterItsReleaseIsCaught(t *testing.T) {
	// A pointer that outlived its future, as one that a goroutine or the kernel kept.
	var kept []*scripted
	late := Check(func(s *scripted) error {
		if kept = append(kept, s); len(kept) == 4 {
			kept[1].value = 1
		}
		return nil
	})
	wantRule(t, RuleReleased, "", script(func(s *scripted, cx *future.Context) future.Poll { return future.Ready }), late)
}

func TestDropsThatAreWrongAreCaught(t *testing.T) {
	ends := func(s *scripted, cx *future.Context) future.Poll { return s.leaf.Poll(cx) }
	wantRule(t, RuleDrop, "", func() scripted {
		return scripted{f: ends, drop: func(s *scripted) { s.leaf.Drop(); s.leaf.Drop() }}
	})
	wantRule(t, RuleDrop, "", func() scripted {
		return scripted{leaf: Leaf{Waits: 2}, drop: func(s *scripted) { s.leaf.Drop() },
			f: func(s *scripted, cx *future.Context) future.Poll { s.leaf.Poll(cx); return future.Ready }}
	})
	wantRule(t, RuleDrop, "", func() scripted {
		return scripted{f: func(s *scripted, cx *future.Context) future.Poll {
			s.leaf.Drop()
			return s.leaf.Poll(cx)
		}}
	})
}

func TestAResultThatIsAskedForTooEarlyIsCaught(t *testing.T) {
	wantRule(t, RuleResult, "", func() scripted {
		return scripted{leaf: Leaf{Waits: 2}, f: func(s *scripted, cx *future.Context) future.Poll {
			p := s.leaf.Poll(cx)
			_, _ = s.leaf.Result()
			return p
		}}
	})
}

func TestACheckOfAnotherTypeIsReported(t *testing.T) {
	wantRule(t, RuleCheck, "", func() Leaf { return Leaf{} }, Check(func(*scripted) error { return nil }))
}

// pair is a future of two children as it should be.
type pair struct {
	a, b         Leaf
	aDone, bDone bool
}

func (f *pair) Poll(cx *future.Context) future.Poll {
	f.aDone = f.aDone || f.a.Poll(cx) == future.Ready
	f.bDone = f.bDone || f.b.Poll(cx) == future.Ready
	return future.Poll(f.aDone && f.bDone)
}

func (f *pair) Cancel() {
	f.a.Cancel()
	f.b.Cancel()
}

func (f *pair) Drop() {
	f.b.Drop()
	f.a.Drop()
}

func TestFuturesThatKeepTheRulesPass(t *testing.T) {
	t.Run("Leaf", func(t *testing.T) { Future(t, func() Leaf { return Leaf{Waits: 3, ID: 5} }) })
	t.Run("remote Leaf", func(t *testing.T) { Future(t, func() Leaf { return Leaf{Waits: 3, Remote: true} }) })
	t.Run("ready Leaf", func(t *testing.T) { Future(t, func() Leaf { return Leaf{} }) })
	t.Run("pair", func(t *testing.T) {
		Future(t, func() pair { return pair{a: Leaf{Waits: 2}, b: Leaf{Waits: 3, Remote: true}} })
	})
	t.Run("Sleep", func(t *testing.T) { Future(t, func() future.SleepFuture { return future.SleepAsync(time.Hour) }) })
	t.Run("Yield", func(t *testing.T) { Future(t, future.YieldAsync) })
	t.Run("All", func(t *testing.T) {
		Future(t, func() future.AllFuture[Leaf, *Leaf] {
			return future.All(Leaf{Waits: 1}, Leaf{Waits: 2, Remote: true}, Leaf{})
		})
	})
}

// recorder is a test that notes what is reported to it.
type recorder struct {
	testing.TB
	errs []string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.errs = append(r.errs, fmt.Sprint(args...)) }

func TestFutureReportsToTheTest(t *testing.T) {
	r := &recorder{TB: t}
	Future(r, script(func(s *scripted, cx *future.Context) future.Poll { return future.Pending }), quick)
	if len(r.errs) != 1 || !strings.Contains(r.errs[0], string(RuleWake)) || !strings.Contains(r.errs[0], "run as usual") {
		t.Errorf("%q", r.errs)
	}
}

func TestAFutureThatLeavesATaskBehindIsCaught(t *testing.T) {
	wantRule(t, RuleEnd, "run as usual", script(func(s *scripted, cx *future.Context) future.Poll {
		future.Go(cx, stubborn{})
		return future.Ready
	}))
}

// stubborn is a task that waits for nothing, and does not care whether it is cancelled.
type stubborn struct{ _ byte }

func (*stubborn) Poll(*future.Context) future.Poll { return future.Pending }
