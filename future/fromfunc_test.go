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

func TestFromFuncReturnsWhatTheFunctionDoes(t *testing.T) {
	l := newTestLoop(t)
	boom := errors.New("boom")
	task := Spawn(l, FromFunc(func() (string, error) { return "both", boom }))
	if v, err := mustWait(t, task).Result(); v != "both" || err != boom {
		t.Errorf("Result = %q, %v", v, err)
	}
	task.Release()
}

func TestFromFuncMayBlock(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, FromFunc(func() (int, error) { return 7, Sleep(time.Millisecond) }))
	if v, err := mustWait(t, task).Result(); v != 7 || err != nil {
		t.Errorf("Result = %d, %v", v, err)
	}
	task.Release()
}

func TestFromFuncPanicIsTheTasks(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, FromFunc(func() (int, error) { panic("boom") }))
	checkPanic(t, task, "boom")
	task.Release()
	exits := Spawn(l, FromFunc(func() (int, error) { runtime.Goexit(); return 0, nil }))
	_, err := exits.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !pe.Goexit {
		t.Errorf("Wait = %v", err)
	}
	exits.Release()
}

func TestFromFuncCancelWaitsForTheCall(t *testing.T) {
	l := newTestLoop(t)
	began, finish := make(chan bool), make(chan bool)
	task := Spawn(l, FromFunc(func() (int, error) {
		began <- true
		<-finish
		return 7, nil
	}))
	idle(t, l)
	<-began
	task.Cancel()
	idle(t, l)
	if isDone(l, task) {
		t.Fatal("did not wait for the call")
	}
	finish <- true
	if v, err := mustWait(t, task).Result(); v != 7 || err != nil {
		t.Errorf("Result = %d, %v", v, err)
	}
	task.Release()
}

func TestFromFuncContextCancelReachesTheCallAndWaitsForIt(t *testing.T) {
	l := newTestLoop(t)
	began := make(chan bool)
	task := Spawn(l, FromFuncContext(func(ctx context.Context) (int, error) {
		began <- true
		<-ctx.Done()
		return 7, ctx.Err()
	}))
	idle(t, l)
	<-began
	task.Cancel()
	if v, err := mustWait(t, task).Result(); v != 7 || err != context.Canceled {
		t.Errorf("Result = %d, %v", v, err)
	}
	task.Release()
}

func TestFromFuncContextHasTheTasksValues(t *testing.T) {
	l := newTestLoop(t)
	type key struct{}
	task := Spawn(l, FromFuncContext(func(ctx context.Context) (any, error) {
		return ctx.Value(key{}), nil
	}), WithValue(key{}, "value"))
	if v, _ := mustWait(t, task).Result(); v != "value" {
		t.Errorf("Value = %v", v)
	}
	task.Release()
}

func TestFromFuncCanceledBeforeItBeginsIsNotCalled(t *testing.T) {
	l := newTestLoop(t)
	called := false
	task := Spawn(l, FromFunc(func() (int, error) { called = true; return 0, nil }))
	task.Cancel()
	if _, err := mustWait(t, task).Result(); err != ErrCanceled || called {
		t.Errorf("err = %v, called = %v", err, called)
	}
	task.Release()
}

func TestFromFuncAbortLeavesTheCallAlone(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	began, finish, ended := make(chan bool), make(chan bool), make(chan error)
	Go(l, FromFuncContext(func(ctx context.Context) (int, error) {
		began <- true
		<-finish
		ended <- ctx.Err()
		return 0, nil
	}))
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	<-began
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 1 || len(se.Leaked) != 0 {
		t.Errorf("Shutdown = %v", err)
	}
	finish <- true
	if err := <-ended; err != context.Canceled {
		t.Errorf("the call's context: %v", err)
	}
}

func TestCallQueueBoundsAndKeepsOrder(t *testing.T) {
	var q callQueue
	var running, most atomic.Int32
	var mu sync.Mutex
	var order []int
	gate := make(chan struct{})
	var wg sync.WaitGroup
	const extra = 100
	for i := range maxCalls + extra {
		wg.Add(1)
		q.run(func() {
			defer wg.Done()
			n := running.Add(1)
			defer running.Add(-1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			<-gate
			if i%3 == 0 {
				runtime.Goexit() // must not take the place of those that queue with it
			}
			mu.Lock()
			defer mu.Unlock()
			order = append(order, i)
		})
	}
	q.mu.Lock()
	if q.running != maxCalls || len(q.queue) != extra {
		t.Errorf("%d run and %d queue", q.running, len(q.queue))
	}
	q.mu.Unlock()
	close(gate)
	wg.Wait()
	if m := most.Load(); m > maxCalls {
		t.Errorf("%d ran at once", m)
	}
	waitFor(t, "the queue to be idle", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.running == 0 && len(q.queue) == 0
	})
	waitFor(t, "idle goroutines to end", func() bool {
		q.workers.mu.Lock()
		defer q.workers.mu.Unlock()
		return len(q.workers.idle) == 0
	})
}

// waitFor waits until cond holds, and fails the test if that takes long.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestFromFuncInTheQueueIsWithdrawn(t *testing.T) {
	l := newTestLoop(t)
	gate := make(chan struct{})
	var blockers []Task[FromFuncFuture[int]]
	for range maxCalls {
		blockers = append(blockers, Spawn(l, FromFunc(func() (int, error) { <-gate; return 0, nil })))
	}
	idle(t, l)
	called := false
	task := Spawn(l, FromFunc(func() (int, error) { called = true; return 0, nil }))
	idle(t, l)
	task.Cancel()
	if _, err := mustWait(t, task).Result(); err != ErrCanceled || called {
		t.Errorf("err = %v, called = %v", err, called)
	}
	close(gate)
	for _, b := range blockers {
		mustWait(t, b)
		b.Release()
	}
	task.Release()
}

func TestWorkersAreReusedAndEnd(t *testing.T) {
	var p workers
	done := make(chan bool)
	for range 1000 {
		p.run(func() { done <- true })
		<-done
	}
	p.mu.Lock()
	n := len(p.idle)
	p.mu.Unlock()
	if n > 100 {
		t.Errorf("%d goroutines were started for calls made one after the other", n)
	}
	waitFor(t, "idle goroutines to end", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.idle) == 0
	})
}

func TestWorkerThatRetiresAndIsTakenAtOnceStillRuns(t *testing.T) {
	// The race of a worker's timer with somebody who takes it off the list: played
	// by hand, since it is rare.
	var p workers
	w := &worker{next: make(chan func(), 1)}
	p.idle = append(p.idle, w)
	ran := make(chan bool, 1)
	p.run(func() { ran <- true }) // takes w
	if p.retire(w) {
		t.Fatal("a worker that was taken may retire")
	}
	(<-w.next)()
	if !<-ran {
		t.Error("did not run")
	}
}

func BenchmarkFromFunc(b *testing.B) {
	b.Run("future", func(b *testing.B) {
		l := newTestLoop(b)
		b.ReportAllocs()
		for b.Loop() {
			task := Spawn(l, FromFunc(func() (int, error) { return 0, nil }))
			if _, err := task.Wait(); err != nil {
				b.Fatal(err)
			}
			task.Release()
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			done := make(chan int)
			go func() { done <- 0 }()
			<-done
		}
	})
}
