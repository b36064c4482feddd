package future

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestManyWaitForTasksOfALoopThatNobodyRuns(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	var tasks []Task[SleepFuture]
	for i := range 40 {
		tasks = append(tasks, Spawn(l, SleepAsync(time.Duration(i%7)*100*time.Microsecond)))
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range tasks {
				f, err := tasks[(j+5*i)%len(tasks)].Wait()
				if err != nil || f.Result() != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, task := range tasks {
		task.Release()
	}
}

// TestWaiterTakesOverWhenTheRunnerLeaves has each of several waiters run the loop
// for the others' sake.
func TestWaiterTakesOverWhenTheRunnerLeaves(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	const n = 6
	var wg sync.WaitGroup
	for i := range n {
		task := Spawn(l, SleepAsync(time.Duration(i+1)*time.Millisecond))
		wg.Go(func() {
			if _, err := task.Wait(); err != nil {
				t.Error(err)
			}
			task.Release()
		})
	}
	wg.Wait()
}

func TestWaiterThatIsThrownOutByAPanicLeavesTheLoop(t *testing.T) {
	checkLeaks(t)
	for _, goexit := range []bool{false, true} {
		l := newTestLoop(t)
		entered, leave := make(chan struct{}), make(chan struct{})
		target := Spawn(l, pending())
		blocker := Spawn(l, script{f: func(*Context, int) Poll { close(entered); <-leave; return Ready }})
		first := make(chan struct{})
		go func() {
			defer close(first)
			blocker.Wait()
		}()
		<-entered
		// The second waiter runs the loop once the first has left it.
		second := make(chan any)
		go func() {
			var v any
			defer func() {
				if v = recover(); v == nil && !goexit {
					v = errors.New("no panic")
				}
				second <- v
			}()
			_, err := target.Wait()
			t.Errorf("Wait = %v", err)
		}()
		eventually(t, "the second waits", func() bool { return l.waiting.Load() > 0 })
		close(leave)
		<-first
		eventually(t, "the second runs the loop", func() bool { return sleeps(l) })
		Go(l, script{f: func(*Context, int) Poll {
			if goexit {
				runtime.Goexit()
			}
			panic("boom")
		}})
		v := <-second
		if pe, ok := v.(*PanicError); !goexit && (!ok || pe.Value != "boom") {
			t.Errorf("Wait panicked with %v", v)
		}
		target.Cancel()
		mustWait(t, target)
		target.Release()
		blocker.Release()
	}
}

func TestWaitForAStaleTaskOfABusyLoopReturns(t *testing.T) {
	l := newTestLoop(t)
	busy := Spawn(l, script{f: func(cx *Context, n int) Poll {
		cx.Wake(cx.Waker())
		return Poll(cx.canceled)
	}})
	gone := Spawn(l, script{f: func(*Context, int) Poll { return Ready }})
	mustWait(t, gone)
	gone.Release()
	if _, err := gone.Wait(); err == nil {
		t.Error("no error")
	} else if se, ok := errors.AsType[*StaleError](err); !ok || se.Want != gone.w.gen || se.Got != gone.w.gen+1 {
		t.Errorf("Wait = %v", err)
	}
	var zero Task[script]
	if _, err := zero.Wait(); err == nil || err.Error() != (&StaleError{}).Error() {
		t.Errorf("Wait on the zero Task = %v", err)
	}
	busy.Cancel()
	mustWait(t, busy)
	busy.Release()
}

func TestWaitReturnsTheDriversError(t *testing.T) {
	broken := errors.New("broken")
	d := &failing{err: broken}
	l, err := NewLoop(Config{Driver: func(int) (Driver, error) { return d, nil }})
	if err != nil {
		t.Fatal(err)
	}
	task := Spawn(l, script{f: func(*Context, int) Poll { return Pending }})
	if _, err := task.Wait(); !errors.Is(err, broken) {
		t.Errorf("Wait = %v", err)
	}
	// Shutdown does not try for ever: what is not done is aborted.
	task.Release()
	err = l.Shutdown(context.Background())
	if se, ok := errors.AsType[*ShutdownError](err); !ok || !errors.Is(err, broken) || len(se.Aborted) != 1 || len(se.Leaked) != 1 || len(se.Errs) != 1 {
		t.Errorf("Shutdown = %v", err)
	}
}

// failing is a driver whose Wait fails at once.
type failing struct {
	parker
	err error
}

func (d *failing) Wait(time.Duration) error { return d.err }

func TestWaitForATaskThatOutlivesItsLoop(t *testing.T) {
	for _, byRuntime := range []bool{false, true} {
		stubborn := script{f: func(*Context, int) Poll { return Pending }}
		ctx, cancel := context.WithCancel(context.Background())
		var task Task[script]
		var shutdown func(context.Context) error
		if byRuntime {
			rt, err := NewRuntime(Config{Loops: 1})
			if err != nil {
				t.Fatal(err)
			}
			task, shutdown = Spawn(rt, stubborn), rt.Shutdown
		} else {
			l, err := NewLoop(Config{})
			if err != nil {
				t.Fatal(err)
			}
			task = Spawn(l, stubborn)
			shutdown = func(ctx context.Context) error {
				Spawn(l, script{f: func(*Context, int) Poll { panic("let the waiter go") }}).Release()
				for {
					if err := l.Shutdown(ctx); err != ErrBusy {
						return err
					}
					time.Sleep(100 * time.Microsecond)
				}
			}
		}
		waited := make(chan error, 1)
		go func() {
			defer func() {
				if recover() != nil { // thrown out of running the loop: wait from outside
					r := &remoteJoin{task: task.w, told: make(chan struct{}, 1)}
					task.w.loop().post(r.register)
					<-r.told
					waited <- r.err
				}
			}()
			_, err := task.Wait()
			waited <- err
		}()
		time.Sleep(2 * time.Millisecond)
		cancel()
		shutdown(ctx)
		select {
		case err := <-waited:
			if err != ErrClosed {
				t.Errorf("Wait = %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("Wait never returned")
		}
	}
}

// waitPair is two waits for one task in one future, the first of which is
// cancelled.
type waitPair struct {
	a, b TaskWaitFuture[script]
	done bool
}

func (f *waitPair) Poll(cx *Context) Poll {
	if !f.done {
		f.a.Poll(cx)
		if f.b.Poll(cx) == Ready {
			return Ready
		}
		f.done = cx.PollCanceled(&f.a) == Ready
		return Pending
	}
	return f.b.Poll(cx)
}

func TestCancelOfOneWaitLeavesTheOtherOfTheSameTask(t *testing.T) {
	for _, name := range []string{"", "named"} { // with a name, the task has an extra
		l := newTestLoop(t)
		target := Spawn(l, script{f: func(cx *Context, n int) Poll { return Poll(n == 2) }}, Named(name))
		pair := Spawn(l, waitPair{a: target.WaitAsync(), b: target.WaitAsync()})
		run(t, l)
		if _, err := at(l, pair).a.Result(); err != ErrCanceled {
			t.Errorf("the cancelled wait: %v", err)
		}
		target.Waker().Wake()
		run(t, l)
		if !isDone(l, pair) {
			t.Error("the other wait was never woken")
		}
		pair.Release()
		target.Release()
	}
}

func TestCancelledWaitsDoNotPileUp(t *testing.T) {
	l := newTestLoop(t)
	target := Spawn(l, pending(), Named("target"))
	retry := func(last *TaskWaitFuture[script]) script {
		return script{f: func(cx *Context, n int) Poll {
			if n > 2000 {
				return Ready
			}
			*last = target.WaitAsync()
			if last.Poll(cx) == Ready || cx.PollCanceled(last) == Pending {
				t.Error("the wait did not wait, or was not cancelled")
			}
			cx.Wake(cx.Waker())
			return Pending
		}}
	}
	var waits [3]TaskWaitFuture[script]
	for i := range waits {
		Go(l, retry(&waits[i]))
	}
	run(t, l)
	x := l.extraOf(target.w.slot)
	if n := cap(x.joiners); n > 64 {
		t.Errorf("%d joiners are kept", n)
	}
	target.Cancel()
	mustWait(t, target)
	target.Release()
}

// passed is a wait that is polled by two tasks, first by one and then by the
// other.
type passed struct {
	wait *TaskWaitFuture[script]
	mine func() bool
}

func (f *passed) Poll(cx *Context) Poll {
	if !f.mine() {
		return Pending
	}
	return f.wait.Poll(cx)
}

func TestWaitThatMovesToAnotherTaskWakesThatOne(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 2)
	for _, from := range []int{0, 1} { // the target's own loop, or the other
		target := Spawn(rt.Loop(0), script{f: func(cx *Context, n int) Poll { return Poll(cx.canceled) }})
		wait := target.WaitAsync()
		var turn, polls atomic.Int32
		mine := func(i int32) func() bool {
			return func() bool {
				defer polls.Add(1)
				return turn.Load() == i
			}
		}
		a := Spawn(rt.Loop(from), passed{&wait, mine(0)})
		eventually(t, "the first has polled", func() bool { return polls.Load() == 1 })
		turn.Store(1)
		b := Spawn(rt.Loop(from), passed{&wait, mine(1)})
		eventually(t, "the second has polled", func() bool { return polls.Load() >= 2 })
		target.Cancel()
		mustWait(t, b)
		turn.Store(0)
		a.Waker().Wake()
		mustWait(t, a)
		a.Release()
		b.Release()
		target.Release()
	}
}

func TestTaskCannotWaitForItself(t *testing.T) {
	l := newTestLoop(t)
	var self Task[script]
	var wait TaskWaitFuture[script]
	var blocked error
	self = Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			_, blocked = self.Wait()
			wait = self.WaitAsync()
		}
		return wait.Poll(cx)
	}})
	run(t, l)
	if blocked != ErrBlockedPoll {
		t.Errorf("Wait = %v", blocked)
	}
	if isDone(l, self) {
		t.Error("WaitAsync for itself was Ready")
	}
	self.Cancel()
	mustWait(t, self)
	if _, err := wait.Result(); err != ErrCanceled {
		t.Errorf("WaitAsync = %v", err)
	}
	self.Release()
}

func TestJoinersOfAllKindsAreTold(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 2)
	target := Spawn(rt.Loop(0), script{f: func(cx *Context, n int) Poll { return Poll(cx.canceled) }})
	var futures []Task[TaskWaitFuture[script]]
	for i := range 20 {
		futures = append(futures, Spawn(rt.Loop(i%2), target.WaitAsync()))
	}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if f, err := target.Wait(); err != nil || f == nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		w := target.WaitAsync()
		if err := Block(&w); err != nil {
			t.Error(err)
		} else if _, err := w.Result(); err != nil {
			t.Error(err)
		}
	})
	time.Sleep(time.Millisecond)
	target.Cancel()
	wg.Wait()
	for _, f := range futures {
		if _, err := mustWait(t, f).Result(); err != nil {
			t.Error(err)
		}
		f.Release()
	}
	target.Release()
}
