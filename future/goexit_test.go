package future

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestGoexitOnRuntimeHarmsOneTask(t *testing.T) {
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	bad := Spawn(rt, script{f: func(*Context, int) Poll { runtime.Goexit(); return Ready }})
	_, err = bad.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !pe.Goexit {
		t.Errorf("Wait = %v", err)
	}
	bad.Release()
	ok := Spawn(rt, SleepAsync(time.Millisecond))
	if f, err := ok.Wait(); err != nil || f.Result() != nil {
		t.Errorf("the loop did not go on: %v", err)
	}
	ok.Release()
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// onGoroutine runs f on a goroutine of its own and reports whether it returned.
func onGoroutine(f func()) (returned bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f()
		returned = true
	}()
	<-ended
	return returned
}

func TestGoexitEndsTheSteppingGoroutineAndLeavesTheLoopSteppable(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	woken := 0
	l.OnWake(func() { woken++ })
	other := Spawn(l, pending())
	bad := Spawn(l, script{f: func(*Context, int) Poll { runtime.Goexit(); return Ready }})
	if onGoroutine(func() { l.RunUntilIdle() }) {
		t.Error("Goexit did not end the goroutine")
	}
	_, err := bad.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !pe.Goexit || pe.Value != nil {
		t.Errorf("Wait = %v", err)
	}
	bad.Release()
	run(t, l)
	woken = 0
	onGoroutine(func() {
		Go(l, script{f: func(*Context, int) Poll { runtime.Goexit(); return Ready }})
		l.Step()
	})
	if woken = 0; l.own.idle.Load() != resting {
		t.Error("nobody would be told of the next wake")
	}
	other.Waker().Wake()
	if woken != 1 {
		t.Errorf("OnWake was called %d times, want 1", woken)
	}
	other.Cancel()
	mustWait(t, other)
	other.Release()
}

func TestGoexitInEveryCallback(t *testing.T) {
	type start = func(l *Loop, other Task[script])
	for name, spawn := range map[string]start{
		"detached task's Drop": func(l *Loop, _ Task[script]) {
			Go(l, script{f: func(*Context, int) Poll { return Ready }, drop: runtime.Goexit})
			l.RunUntilIdle()
		},
		"released task's Drop": func(l *Loop, _ Task[script]) {
			task := Spawn(l, script{f: func(*Context, int) Poll { return Ready }, drop: runtime.Goexit})
			l.RunUntilIdle()
			task.Release()
		},
		"Drop after a panic": func(l *Loop, _ Task[script]) {
			Go(l, script{f: func(*Context, int) Poll { panic("handled") }, drop: runtime.Goexit})
			l.RunUntilIdle()
		},
		"OnPanic": func(l *Loop, _ Task[script]) {
			Go(l, script{f: func(*Context, int) Poll { panic("exit") }})
			l.RunUntilIdle()
		},
		"OnPanic of a Drop": func(l *Loop, _ Task[script]) {
			Go(l, script{f: func(*Context, int) Poll { return Ready }, drop: func() { panic("exit") }})
			l.RunUntilIdle()
		},
		"Cancel": func(l *Loop, _ Task[script]) {
			task := Spawn(l, cancelExits{})
			task.Cancel()
			task.Release()
			l.RunUntilIdle()
		},
		"init": func(l *Loop, _ Task[script]) {
			SpawnInit(l, func(*script) error { runtime.Goexit(); return nil })
		},
		"Suspended": func(l *Loop, _ Task[script]) {
			task := Spawn(l, suspendedExits{})
			l.RunUntilIdle()
			defer task.Release()
			defer task.Cancel()
			l.Tasks(context.Background())
		},
		"poll within Wait": func(l *Loop, other Task[script]) {
			Go(l, script{f: func(*Context, int) Poll { runtime.Goexit(); return Ready }})
			other.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			l := newLoopWith(t, Config{OnPanic: func(e *PanicError) {
				if e.Value == "exit" {
					runtime.Goexit()
				}
			}})
			other := Spawn(l, pending())
			run(t, l)
			if onGoroutine(func() { spawn(l, other) }) {
				t.Error("the goroutine went on")
			}
			run(t, l)
			if l.live != 1 || l.tasks != 1 {
				t.Errorf("%d live of %d tasks, want 1 of 1", l.live, l.tasks)
			}
			other.Cancel()
			mustWait(t, other)
			other.Release()
		})
	}
}

type cancelExits struct{ _ int }

func (*cancelExits) Poll(cx *Context) Poll { return Poll(cx.canceled) }
func (*cancelExits) Cancel()               { runtime.Goexit() }

type suspendedExits struct{ _ int }

func (*suspendedExits) Poll(cx *Context) Poll { return Poll(cx.canceled) }
func (*suspendedExits) Suspended() string     { runtime.Goexit(); return "" }

// TestGoexitOnARuntimeInEveryCallback does to a Runtime what the test above does
// to a Loop: another goroutine takes over each time.
func TestGoexitOnARuntimeInEveryCallback(t *testing.T) {
	checkLeaks(t)
	rt, err := NewRuntime(Config{Loops: 1, OnPanic: func(*PanicError) { runtime.Goexit() }})
	if err != nil {
		t.Fatal(err)
	}
	other := Spawn(rt, pending())
	suspended := Spawn(rt, suspendedExits{})
	eventually(t, "it waits", func() bool { return sleeps(rt.Loop(0)) })
	for range 20 {
		Go(rt, script{f: func(*Context, int) Poll { runtime.Goexit(); return Ready }})
		Go(rt, script{f: func(*Context, int) Poll { return Ready }, drop: runtime.Goexit})
		Go(rt, script{f: func(*Context, int) Poll { panic("x") }})
		task := Spawn(rt, cancelExits{})
		task.Cancel()
		task.Release()
		onGoroutine(func() { SpawnInit(rt, func(*script) error { runtime.Goexit(); return nil }) })
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if _, err := rt.Tasks(ctx); err != nil {
			t.Errorf("Tasks = %v", err)
		}
		cancel()
		ok := Spawn(rt, SleepAsync(0))
		if mustWait(t, ok).Result() != nil {
			t.Error("the loop did not go on")
		}
		ok.Release()
	}
	other.Cancel()
	other.Release()
	suspended.Cancel()
	suspended.Release()
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
