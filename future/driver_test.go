package future

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestParkerKeepsAWakeForTheNextWait(t *testing.T) {
	p := newParker()
	for range 3 {
		p.Wake()
		p.Wake()
		if err := p.Wait(-1); err != nil { // returns, since it was woken before
			t.Error(err)
		}
	}
	start := time.Now()
	p.Wait(time.Millisecond)
	if time.Since(start) < time.Millisecond {
		t.Error("Wait has returned too early without a wake")
	}
	p.Wake()
	p.Wait(time.Hour)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	p.Wake() // also after Close
}

// completions is a driver whose operations are completed by other goroutines.
type completions struct {
	parker
	done    chan Waker
	submits int
	closed  bool
}

func (d *completions) Submit() error {
	d.submits++
	for {
		select {
		case w := <-d.done:
			w.Wake()
		default:
			return nil
		}
	}
}

func (d *completions) Wait(t time.Duration) error {
	d.parker.Wait(t)
	return d.Submit()
}

func (d *completions) Close() error { d.closed = true; return nil }

func TestDriverBringsCompletions(t *testing.T) {
	checkLeaks(t)
	d := &completions{parker: *newParker(), done: make(chan Waker, 100)}
	rt, err := NewRuntime(Config{Loops: 1, Driver: func(int) (Driver, error) { return d, nil }})
	if err != nil {
		t.Fatal(err)
	}
	var tasks []Task[script]
	for range 50 {
		tasks = append(tasks, Spawn(rt, script{f: func(cx *Context, n int) Poll {
			if n == 1 {
				w := cx.Waker()
				go func() { // the kernel
					d.done <- w
					d.Wake()
				}()
			}
			return Poll(n == 2)
		}}))
	}
	for _, task := range tasks {
		mustWait(t, task)
		task.Release()
	}
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if d.submits == 0 || !d.closed {
		t.Errorf("%d submits, closed %v", d.submits, d.closed)
	}
}

func TestDriverThatCannotBeMadeFailsTheRuntime(t *testing.T) {
	checkLeaks(t)
	broken := errors.New("no ring")
	made := 0
	_, err := NewRuntime(Config{Loops: 3, Driver: func(n int) (Driver, error) {
		if n == 2 {
			return nil, broken
		}
		made++
		return newParker(), nil
	}})
	if err != broken || made != 2 {
		t.Errorf("NewRuntime = %v after %d drivers", err, made)
	}
	if _, err := NewLoop(Config{Driver: func(int) (Driver, error) { return nil, broken }}); err != broken {
		t.Errorf("NewLoop = %v", err)
	}
}

func TestErrorsOfADriverComeOutOfStepAndShutdown(t *testing.T) {
	broken := errors.New("broken")
	d := &erring{parker: *newParker(), err: broken}
	l, err := NewLoop(Config{Driver: func(int) (Driver, error) { return d, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Step(); !errors.Is(err, broken) {
		t.Errorf("Step = %v", err)
	}
	d.err = nil
	if err := l.RunUntilIdle(); err != nil {
		t.Errorf("RunUntilIdle = %v", err)
	}
	d.err = broken
	if err := l.Shutdown(context.Background()); !errors.Is(err, broken) {
		t.Errorf("Shutdown = %v", err)
	}
}

type erring struct {
	parker
	err error
}

func (d *erring) Submit() error { return d.err }
func (d *erring) Close() error  { return d.err }

// draining is a driver whose operations end in Close.
type draining struct {
	parker
	loop  *Loop
	ended bool
	early bool // somebody was told that the loop had ended before they had
}

func (d *draining) Attach(l *Loop) { d.loop = l }

func (d *draining) Close() error {
	d.loop.Do(func(l *Loop) { d.early = l != nil || !d.ended })
	d.ended = true
	return nil
}

// TestNobodyIsToldOfTheEndBeforeTheDriverHasClosed: a connection that was closed meanwhile closed
// its descriptor under an operation.
func TestNobodyIsToldOfTheEndBeforeTheDriverHasClosed(t *testing.T) {
	d := &draining{parker: *newParker(), early: true}
	l, err := NewLoop(Config{Driver: func(int) (Driver, error) { return d, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if d.early {
		t.Error("it was told before the operations had ended, or not at all")
	}
}

// forcing is a driver with one operation, which ends only when it is aborted.
type forcing struct {
	parker
	held   Waker
	ended  bool
	aborts int
}

func (d *forcing) Abort() error {
	d.aborts++
	if d.held != (Waker{}) {
		d.ended = true
		d.held.Wake()
	}
	return nil
}

func TestWhatADriverCanEndByForceIsNotLeaked(t *testing.T) {
	for _, waits := range []bool{false, true} {
		d := &forcing{parker: *newParker()}
		l, err := NewLoop(Config{Driver: func(int) (Driver, error) { return d, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if waits {
			task := Spawn(l, script{f: func(cx *Context, n int) Poll {
				if n == 1 {
					d.held = cx.Hold()
				}
				if !d.ended {
					return Pending
				}
				cx.Unhold(d.held)
				return Ready
			}})
			defer task.Release()
			l.Step()
		}
		ctx, cancel := context.WithCancel(context.Background())
		if waits {
			cancel()
		}
		err = l.Shutdown(ctx)
		cancel()
		se, ok := errors.AsType[*ShutdownError](err)
		if waits && (!ok || len(se.Leaked) > 0 || d.aborts != 1) || !waits && (err != nil || d.aborts > 0) {
			t.Errorf("a task that waits: %v; %d aborts; %v", waits, d.aborts, err)
		}
	}
}
