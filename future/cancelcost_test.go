package future

import (
	"testing"
	"time"
)

func TestASleepBegunInACancelledPartCostsBudget(t *testing.T) {
	l := newTestLoop(t)
	stop := false
	n := 0
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		for !stop {
			n++
			if n > 100*budgetPerPoll {
				t.Error("it sleeps for ever without letting others run")
				return Ready
			}
			if s := SleepAsync(time.Second); cx.PollCanceled(&s) == Pending {
				return Pending
			}
		}
		return Ready
	}})
	other := Spawn(l, script{f: func(*Context, int) Poll { stop = true; return Ready }})
	idle(t, l)
	task.Release()
	other.Release()
}

func TestAWaitForATaskBegunInACancelledPartCostsBudget(t *testing.T) {
	l := newTestLoop(t)
	rt := newTestRuntime(t)
	for _, sp := range []Spawner{l, rt} {
		waits := Spawn(sp, pending())
		stop := false
		n := 0
		task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
			for !stop {
				n++
				if n > 100*budgetPerPoll {
					t.Error("it waits for ever without letting others run")
					return Ready
				}
				if s := waits.WaitAsync(); cx.PollCanceled(&s) == Pending {
					return Pending
				}
			}
			return Ready
		}})
		other := Spawn(l, script{f: func(*Context, int) Poll { stop = true; return Ready }})
		idle(t, l)
		task.Release()
		other.Release()
		waits.Cancel()
		waits.Release()
	}
}
