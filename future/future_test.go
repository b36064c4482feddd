package future

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// script is a future whose polls are functions.
type script struct {
	polls int
	f     func(cx *Context, n int) Poll
	drop  func()
}

func (s *script) Poll(cx *Context) Poll {
	s.polls++
	return s.f(cx, s.polls)
}

func (s *script) Drop() {
	if s.drop != nil {
		s.drop()
	}
}

func TestWakesBetweenTwoPollsCauseOnePoll(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(cx *Context, n int) Poll { return Poll(n == 3) }})
	polls := func() int { return l.futureOf(l.own.header(task.w.slot)).(*script).polls }
	check := func(want int) {
		t.Helper()
		if err := l.RunUntilIdle(); err != nil {
			t.Fatal(err)
		}
		if got := polls(); got != want {
			t.Errorf("polls = %d, want %d", got, want)
		}
	}
	check(1)
	for range 10 {
		task.w.Wake()
	}
	check(2)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				task.w.Wake()
			}
		})
	}
	wg.Wait()
	check(3)
	task.w.Wake()
	check(3)
	task.Release()
	task.w.Wake()
	if _, err := task.Wait(); err == nil {
		t.Error("Wait on a released task returned no error")
	} else if _, ok := errors.AsType[*StaleError](err); !ok {
		t.Errorf("Wait on a released task: %v", err)
	}
}

func TestPanicHarmsOneTask(t *testing.T) {
	l := newTestLoop(t)
	dropped := 0
	bad := Spawn(l, script{f: func(*Context, int) Poll { panic("boom") }, drop: func() { dropped++ }})
	good := Spawn(l, SleepAsync(time.Millisecond))
	if _, err := good.Wait(); err != nil {
		t.Error(err)
	}
	_, err := bad.Wait()
	pe, ok := errors.AsType[*PanicError](err)
	if !ok || pe.Value != "boom" || !strings.Contains(string(pe.Stack), "TestPanicHarmsOneTask") {
		t.Errorf("Wait = %v", err)
	}
	bad.Release()
	good.Release()
	if dropped != 1 {
		t.Errorf("dropped %d times", dropped)
	}
	Go(l, script{f: func(*Context, int) Poll { panic("unjoined") }})
	err = l.RunUntilIdle()
	if pe, ok := errors.AsType[*PanicError](err); !ok || pe.Value != "unjoined" {
		t.Errorf("RunUntilIdle = %v", err)
	}
}

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

func TestBlockingInPollIsFound(t *testing.T) {
	l := newTestLoop(t)
	other := Spawn(l, SleepAsync(0))
	var errs [3]error
	task := Spawn(l, script{f: func(*Context, int) Poll {
		errs[0] = Sleep(time.Hour)
		f := SleepAsync(time.Hour)
		errs[1] = Block(&f)
		_, errs[2] = other.Wait()
		return Ready
	}})
	if _, err := task.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if err != ErrBlockedPoll {
			t.Errorf("call %d: %v", i, err)
		}
	}
	task.Release()
	other.Release()
}

func TestShutdownAborts(t *testing.T) {
	rt, err := NewRuntime(Config{Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	deferred := make(chan struct{}, 1)
	stubborn := Spawn(rt, script{f: func(*Context, int) Poll { return Pending }}, Named("stubborn"))
	var sleep SleepFuture = SleepAsync(time.Hour)
	shielded := Spawn(rt, script{f: func(cx *Context, n int) Poll {
		defer func() {
			if n > 1 && cx.aborting {
				deferred <- struct{}{}
			}
		}()
		if cx.aborting {
			return sleep.Poll(cx)
		}
		return cx.PollShielded(&sleep)
	}})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err = rt.Shutdown(ctx)
	se, ok := errors.AsType[*ShutdownError](err)
	if !ok || len(se.Aborted) != 2 || len(se.Leaked) != 1 || se.Leaked[0].Name != "stubborn" {
		t.Errorf("Shutdown = %v", err)
	}
	<-deferred
	stubborn.w.Wake()
	stubborn.Cancel()
	shielded.Release()
	if _, err := stubborn.Wait(); err == nil {
		t.Error("a leaked task's Wait returned no error")
	}
	if tk := Spawn(rt, SleepAsync(0)); true {
		if _, err := tk.Wait(); err != ErrClosed {
			t.Errorf("Wait on a closed runtime: %v", err)
		}
	}
}

func TestAllOfManyIsLinear(t *testing.T) {
	l := newTestLoop(t)
	const n = 100_000
	fs := make([]SleepFuture, n)
	for i := range fs {
		fs[i] = SleepAsync(time.Duration(i%1000) * time.Microsecond)
	}
	task := Spawn(l, All(fs...))
	f, err := task.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range f.Each() {
		if s.Result() != nil {
			t.Fatalf("child %d: %v", i, s.Result())
		}
	}
	task.Release()
}

func TestScopeEndsAfterItsTasks(t *testing.T) {
	l := newTestLoop(t)
	var scope Scope
	ended := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			for i := range 10 {
				Spawn(scope.In(cx), script{f: func(cx *Context, n int) Poll {
					if n > i {
						ended++
						return Ready
					}
					cx.Wake(cx.Waker())
					return Pending
				}})
			}
		}
		return scope.Poll(cx)
	}})
	if _, err := task.Wait(); err != nil {
		t.Fatal(err)
	}
	if ended != 10 {
		t.Errorf("%d tasks had ended", ended)
	}
	task.Release()
}
