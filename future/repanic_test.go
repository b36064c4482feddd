package future

import (
	"errors"
	"strings"
	"testing"
)

//go:noinline
func firstCulprit(v any) { panic(v) }

// rethrows polls f and throws its panic again.
func rethrows(cx *Context, f func()) {
	defer func() {
		if v := recover(); v != nil {
			stack, exiting := cx.PanicStack()
			cx.Repanic(v, stack, exiting)
		}
	}()
	f()
}

func TestRepanicKeepsValueAndStack(t *testing.T) {
	l := newTestLoop(t)
	boom := errors.New("boom")
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		rethrows(cx, func() { rethrows(cx, func() { firstCulprit(boom) }) })
		return Ready
	}})
	_, err := task.Wait()
	pe, ok := errors.AsType[*PanicError](err)
	if !ok || pe.Value != any(boom) || !strings.Contains(string(pe.Stack), "firstCulprit") {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
}

func TestRepanicThatIsRecoveredLeavesNoStackToTheNextPanic(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		func() {
			defer func() { recover() }()
			rethrows(cx, func() { firstCulprit("x") })
		}()
		panic("x")
	}})
	_, err := task.Wait()
	pe, ok := errors.AsType[*PanicError](err)
	if !ok || strings.Contains(string(pe.Stack), "firstCulprit") {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
}

func TestPanicOfACanceledPollDoesNotLeaveThePollerCanceled(t *testing.T) {
	bad := script{f: func(cx *Context, _ int) Poll { panic("x") }}
	try := func(poll func(Future) Poll) {
		defer func() { recover() }()
		poll(&bad)
	}
	Block(&script{f: func(cx *Context, _ int) Poll {
		if try(cx.PollCanceled); cx.Canceled() {
			t.Error("cancelled after PollCanceled")
		}
		if try(func(f Future) Poll { return cx.PollToEnd(f, 1) }); cx.Canceled() || cx.ending {
			t.Error("cancelled after PollToEnd")
		}
		cx.canceled = true
		if try(cx.PollShielded); !cx.Canceled() {
			t.Error("not cancelled after PollShielded")
		}
		return Ready
	}})
}

func TestPollToEndNeedsNoBudgetAndGivesUp(t *testing.T) {
	Block(&script{f: func(cx *Context, _ int) Poll {
		for cx.Spend() {
		}
		f := script{f: func(cx *Context, n int) Poll { return Poll(cx.Spend() && cx.Canceled() && n == 3) }}
		if cx.PollToEnd(&f, 2) == Ready || f.polls != 2 {
			t.Errorf("polled %d times", f.polls)
		}
		if cx.PollToEnd(&f, 2) != Ready || f.polls != 3 {
			t.Errorf("polled %d times", f.polls)
		}
		if cx.budget != 0 {
			t.Errorf("the budget is %d", cx.budget)
		}
		return Ready
	}})
}

func TestWithdrawalOfATaskIsNoPanicOfItsScope(t *testing.T) {
	l := newTestLoop(t)
	var s Scope
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			kid := Spawn(s.In(cx), script{f: func(cx *Context, _ int) Poll {
				if cx.Canceled() {
					cx.Withdraw()
				}
				return Pending
			}})
			kid.CancelCx(cx)
		}
		return s.Poll(cx)
	}})
	mustWait(t, task)
	if err := s.Result(); err != nil {
		t.Error(err)
	}
	task.Release()
}
