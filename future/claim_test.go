package future

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestStepIsNotBusyBecauseOthersVisit(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	var wg sync.WaitGroup
	target := Spawn(l, pending())
	for range 3 {
		wg.Go(func() {
			for range 1000 {
				task := Spawn(l, script{f: func(*Context, int) Poll { return Ready }})
				target.Waker().Wake()
				task.Cancel()
				task.Release()
			}
		})
	}
	visited := make(chan struct{})
	go func() {
		wg.Wait()
		close(visited)
	}()
	for done := false; !done; {
		select {
		case <-visited:
			done = true
		default:
			runtime.Gosched() // where there is one thread, js, nobody else would get it
		}
		if _, err := l.Step(); err != nil {
			t.Errorf("Step = %v", err)
			break
		}
	}
	<-visited
	run(t, l)
	target.Cancel()
	mustWait(t, target)
	target.Release()
}

func TestRunnerIsBusyToOthers(t *testing.T) {
	l := newTestLoop(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	task := Spawn(l, script{f: func(*Context, int) Poll { close(entered); <-leave; return Ready }})
	ran := make(chan error)
	go func() { ran <- l.RunUntilIdle() }()
	<-entered
	if _, err := l.Step(); err != ErrBusy {
		t.Errorf("Step = %v", err)
	}
	if err := l.RunUntilIdle(); err != ErrBusy {
		t.Errorf("RunUntilIdle = %v", err)
	}
	if err := l.Shutdown(t.Context()); err != ErrBusy {
		t.Errorf("Shutdown = %v", err)
	}
	close(leave)
	if err := <-ran; err != nil {
		t.Error(err)
	}
	task.Release()
}

// TestRunnerWaitsForASlowVisitor has a Drop, run by Release, take its time.
func TestRunnerWaitsForASlowVisitor(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	dropping, leave := make(chan struct{}), make(chan struct{})
	task := Spawn(l, script{
		f:    func(*Context, int) Poll { return Ready },
		drop: func() { close(dropping); <-leave },
	})
	run(t, l)
	go task.Release()
	<-dropping
	go func() {
		time.Sleep(2 * time.Millisecond)
		close(leave)
	}()
	if _, err := l.Step(); err != nil {
		t.Errorf("Step = %v", err)
	}
}

func TestVisitorsCallbackCannotRunTheLoop(t *testing.T) {
	l := newTestLoop(t)
	other := Spawn(l, SleepAsync(time.Hour))
	var errs []error
	try := func() {
		_, err := l.Step()
		errs = append(errs, err)
		errs = append(errs, l.Shutdown(t.Context()))
		_, err = other.Wait()
		errs = append(errs, err)
		_, err = l.Tasks(t.Context())
		errs = append(errs, err)
		_, err = SpawnInit(l, func(*SleepFuture) error { return nil })
		errs = append(errs, err)
	}
	task := Spawn(l, script{f: func(*Context, int) Poll { return Ready }, drop: try})
	run(t, l)
	task.Release()
	fromDrop := len(errs)
	if _, err := SpawnInit(l, func(*script) error { try(); return errors.New("no") }); err == nil {
		t.Error("no error")
	}
	if fromDrop != 5 || len(errs) != 10 {
		t.Fatal(errs)
	}
	for i, err := range errs {
		if err != ErrBlockedPoll && err != ErrBusy {
			t.Errorf("call %d: %v", i, err)
		}
	}
	other.Cancel()
	mustWait(t, other)
	other.Release()
}
