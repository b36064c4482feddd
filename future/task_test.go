package future

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestCancelWakesSleeper(t *testing.T) {
	rt, err := NewRuntime(Config{})
	if err != nil {
		t.Fatal(err)
	}
	task := Spawn(rt, SleepAsync(time.Hour))
	all := Spawn(rt, All(SleepAsync(time.Hour), SleepAsync(0), SleepAsync(time.Microsecond)))
	task.Cancel()
	if f, err := task.Wait(); err != nil || f.Result() != ErrCanceled {
		t.Errorf("Wait = %v, %v", f.Result(), err)
	}
	all.Cancel()
	f, err := all.Wait()
	if err != nil || f.At(0).Result() != ErrCanceled {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
	all.Release()
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestReleaseInItsOwnPollDetaches(t *testing.T) {
	l := newTestLoop(t)
	drops := 0
	var self Task[script]
	self = Spawn(l, script{
		f: func(cx *Context, n int) Poll {
			self.ReleaseCx(cx)
			self.Release()
			return Poll(n == 2)
		},
		drop: func() { drops++ },
	})
	run(t, l)
	if drops != 0 {
		t.Error("reclaimed before it was Ready")
	}
	self.Waker().Wake()
	run(t, l)
	if drops != 1 || l.tasks != 0 {
		t.Errorf("%d drops, %d tasks left", drops, l.tasks)
	}
	self.Release()
	self.Cancel()
	self.Waker().Wake()
}

func TestCancelInItsOwnPollIsSeenAtTheNext(t *testing.T) {
	l := newTestLoop(t)
	var seen []bool
	var self Task[script]
	self = Spawn(l, script{f: func(cx *Context, n int) Poll {
		seen = append(seen, cx.Canceled())
		self.CancelCx(cx)
		self.CancelCx(cx)
		return Poll(n == 2)
	}})
	run(t, l)
	if len(seen) != 2 || seen[0] || !seen[1] {
		t.Errorf("canceled at each poll: %v", seen)
	}
	self.Release()
}

func TestTaskCancelledBeforeItsFirstPollStillRuns(t *testing.T) {
	l := newTestLoop(t)
	asked := 0
	task := Spawn(l, askedToStop{&asked})
	task.Cancel()
	task.Cancel()
	if asked != 0 {
		t.Error("Cancel was called by the caller of Cancel")
	}
	mustWait(t, task)
	if asked != 1 {
		t.Errorf("Cancel was called %d times", asked)
	}
	task.Cancel() // does nothing
	run(t, l)
	if asked != 1 {
		t.Error("a task that is done was asked to finish")
	}
	task.Release()
}

func TestEveryDropRunsOnce(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 2)
	const n = 300
	var drops [n]atomic.Int32
	var wg sync.WaitGroup
	for i := range n {
		f := script{
			f:    func(cx *Context, k int) Poll { return Poll(cx.canceled || i%3 == 0) },
			drop: func() { drops[i].Add(1) },
		}
		wg.Go(func() {
			switch i % 4 {
			case 0:
				task := Spawn(rt, f)
				task.Cancel()
				mustWait(t, task)
				for range 4 { // all copies of the handle release
					wg.Go(task.Release)
				}
			case 1:
				task := Spawn(rt, f)
				task.Release()
				task.Cancel()
			case 2:
				task := Spawn(rt, f)
				task.Cancel()
				task.Release()
				task.Release()
			case 3:
				Go(rt, script{f: func(*Context, int) Poll { return Ready }, drop: f.drop})
			}
		})
	}
	wg.Wait()
	eventually(t, "all were dropped", func() bool {
		for i := range drops {
			if drops[i].Load() == 0 {
				return false
			}
		}
		return true
	})
	for i := range drops {
		if k := drops[i].Load(); k != 1 {
			t.Errorf("task %d was dropped %d times", i, k)
		}
	}
}

func TestResultIsValidUntilRelease(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 1)
	type result struct{ *wipedFrame }
	var all []result
	var tasks []Task[wipedFrame]
	for i := range 200 {
		task := Spawn(rt, wipedFrame{n: i})
		all = append(all, result{mustWait(t, task)})
		tasks = append(tasks, task)
	}
	for i, r := range all {
		if r.n != i {
			t.Fatalf("result %d is %d", i, r.n)
		}
		if again, err := tasks[i].Wait(); err != nil || again != r.wipedFrame {
			t.Error("a second Wait gives something else")
		}
		tasks[i].Release()
		if _, err := tasks[i].Wait(); err == nil {
			t.Error("Wait after Release returned no error")
		}
	}
}

func TestTaskIsComparableAndSaysWhoItIs(t *testing.T) {
	l := newTestLoop(t)
	a := Spawn(l, SleepAsync(0))
	b := Spawn(l, SleepAsync(0))
	if c := a; c != a || a == b || a.String() == b.String() || !strings.HasPrefix(a.String(), "task ") {
		t.Error(a, b)
	}
	for _, task := range []Task[SleepFuture]{a, b} {
		mustWait(t, task)
		task.Release()
	}
	var stale *StaleError
	if _, err := a.Wait(); !errors.As(err, &stale) || !strings.Contains(err.Error(), "call Release last") {
		t.Error(err)
	}
}

func TestWaitForATaskWhoseLoopIsGoneSaysSo(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	task := Spawn(l, pending())
	if err := l.Shutdown(context.Background()); err == nil {
		t.Error("the task was not released, and Shutdown has not said so")
	}
	if _, err := task.Wait(); err != ErrClosed {
		t.Errorf("Wait = %v", err)
	}
	newTestLoop(t) // in its place
	_, err = task.Wait()
	if _, stale := errors.AsType[*StaleError](err); err != ErrClosed && !(stale && strings.Contains(err.Error(), "executor was shut down")) {
		t.Errorf("Wait = %v with another loop in its place", err)
	}
}
