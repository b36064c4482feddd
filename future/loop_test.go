package future

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestIdleLoopSleepsInItsDriverAndStaysThere(t *testing.T) {
	checkLeaks(t)
	d := newCounting()
	rt, err := NewRuntime(Config{Loops: 1, Driver: func(int) (Driver, error) { return d, nil }})
	if err != nil {
		t.Fatal(err)
	}
	task := Spawn(rt, pending())
	eventually(t, "the loop sleeps", func() bool { return sleeps(rt.Loop(0)) && d.waits.Load() > 0 })
	before := d.waits.Load()
	time.Sleep(20 * time.Millisecond)
	if n := d.waits.Load() - before; n != 0 {
		t.Errorf("an idle loop went round %d times", n)
	}
	task.Cancel()
	mustWait(t, task)
	task.Release()
	if err := rt.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLoopEmbedsInAnEventLoop runs a Loop as a host would: steps while there is
// more, and then nothing until OnWake or the timer says so.
func TestLoopEmbedsInAnEventLoop(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	events := make(chan struct{}, 1)
	var calls atomic.Int32
	l.OnWake(func() {
		calls.Add(1)
		notify(events)
	})
	const n = 30
	var done atomic.Int32
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			task := Spawn(l, script{f: func(cx *Context, k int) Poll {
				if k == 1 {
					w := cx.Waker()
					time.AfterFunc(time.Duration(i)*10*time.Microsecond, w.Wake)
					return Pending
				}
				done.Add(1)
				return Ready
			}})
			task.Release()
		})
	}
	sleep := Spawn(l, SleepAsync(2*time.Millisecond))
	steps := 0
	for deadline := time.After(20 * time.Second); done.Load() < n || !isDone(l, sleep); {
		more, err := l.Step()
		if err != nil {
			t.Fatal(err)
		}
		steps++
		if more || done.Load() == n && isDone(l, sleep) {
			continue
		}
		var timer <-chan time.Time
		if d, ok := l.NextTimer(); ok {
			timer = time.After(d)
		}
		select {
		case <-events:
		case <-timer:
		case <-deadline:
			t.Fatalf("%d of %d tasks are done after %d steps", done.Load(), n, steps)
		}
	}
	wg.Wait()
	sleep.Release()
}

func TestOnWakeIsCalledOnceUntilTheNextStep(t *testing.T) {
	l := newTestLoop(t)
	calls := 0
	l.OnWake(func() { calls++ })
	task := Spawn(l, pending())
	if calls != 1 {
		t.Errorf("%d calls after a spawn, want 1", calls)
	}
	for range 10 {
		task.Waker().Wake()
	}
	if calls != 1 {
		t.Errorf("%d calls after ten wakes, want 1", calls)
	}
	run(t, l)
	for range 10 {
		task.Waker().Wake()
	}
	if calls != 2 {
		t.Errorf("%d calls after a step and ten wakes, want 2", calls)
	}
	run(t, l)
	task.Cancel()
	mustWait(t, task)
	task.Release()
}

func TestTurnIsBounded(t *testing.T) {
	l := newTestLoop(t)
	polls := 0
	const n = 10 * pollsPerTurn
	for range n {
		Go(l, script{f: func(*Context, int) Poll { polls++; return Ready }})
	}
	more, err := l.Step()
	if !more || err != nil || polls > pollsPerTurn {
		t.Errorf("Step = %v, %v after %d polls", more, err, polls)
	}
	run(t, l)
	if polls != n {
		t.Errorf("%d polls, want %d", polls, n)
	}
}

func TestTaskThatIsAlwaysReadyStarvesNobody(t *testing.T) {
	l := newTestLoop(t)
	spent := 0
	greedy := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		for !cx.canceled && cx.Spend() {
			spent++
		}
		return Poll(cx.canceled)
	}})
	modest := Spawn(l, SleepAsync(time.Millisecond))
	if _, err := modest.Wait(); err != nil {
		t.Fatal(err)
	}
	if f := at(l, greedy); spent != f.polls*budgetPerPoll {
		t.Errorf("%d units in %d polls, want %d each", spent, f.polls, budgetPerPoll)
	}
	greedy.Cancel()
	mustWait(t, greedy)
	greedy.Release()
	modest.Release()
}

func TestTasksArePolledInTheOrderOfTheirWakes(t *testing.T) {
	l := newTestLoop(t)
	var order []int
	const n = 100
	var tasks []Task[script]
	for i := range n {
		tasks = append(tasks, Spawn(l, script{f: func(cx *Context, k int) Poll {
			if k > 1 {
				order = append(order, i)
			}
			return Poll(k > 1)
		}}))
	}
	run(t, l)
	want := make([]int, n)
	for i := range n {
		want[i] = i * 37 % n
		tasks[want[i]].Waker().Wake()
	}
	run(t, l)
	for i := range n {
		if order[i] != want[i] {
			t.Fatalf("polled %v, woken %v", order, want)
		}
		tasks[i].Release()
	}
}

func TestSlowPollsAreTold(t *testing.T) {
	var names []string
	l := newLoopWith(t, Config{SlowPoll: time.Millisecond, OnSlow: func(name string, took time.Duration) {
		if took < time.Millisecond {
			t.Errorf("told of a poll of %v", took)
		}
		names = append(names, name)
		panic("in OnSlow") // harms nobody
	}, OnPanic: func(*PanicError) {}})
	slow := Spawn(l, script{f: func(*Context, int) Poll { time.Sleep(2 * time.Millisecond); return Ready }}, Named("slow"))
	mustWait(t, slow)
	if len(names) != 1 || names[0] != "slow" {
		t.Errorf("told of %q", names)
	}
	slow.Release()
}

func TestExplorerChoosesTheTask(t *testing.T) {
	var order []int
	l := newLoopWith(t, Config{Choose: func(p ChoicePoint, n int) int {
		if p != ChooseTask || n < 2 {
			t.Errorf("asked for %v of %d", p, n)
		}
		return n - 1
	}})
	for i := range 5 {
		Go(l, script{f: func(*Context, int) Poll { order = append(order, i); return Ready }})
	}
	run(t, l)
	for i, v := range order {
		if v != 4-i {
			t.Fatalf("the last was to be polled first, got %v", order)
		}
	}
	if ChooseTask.String() != "task" || ChooseBranch.String() != "branch" || ChooseWaiter.String() != "waiter" || ChoicePoint(99).String() != "unknown" {
		t.Error("names of the choice points")
	}
}

func TestChooseFavoursNoneWithoutAnExplorer(t *testing.T) {
	l := newTestLoop(t)
	counts := make([]int, 3)
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		for range 300 {
			counts[cx.Choose(ChooseBranch, 3)]++
		}
		if cx.Choose(ChooseBranch, 1) != 0 || cx.Choose(ChooseBranch, 0) != 0 {
			t.Error("a choice of one")
		}
		return Ready
	}})
	mustWait(t, task)
	if min(counts[0], counts[1], counts[2]) < 50 {
		t.Errorf("chose %v", counts)
	}
	task.Release()
}
