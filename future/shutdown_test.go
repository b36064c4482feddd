package future

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

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

func TestSpawnsInTheMailboxAtShutdownStillRun(t *testing.T) {
	checkLeaks(t)
	for range 20 {
		rt, err := NewRuntime(Config{Loops: 1})
		if err != nil {
			t.Fatal(err)
		}
		const n = 50
		polled, canceled := 0, 0
		for range n {
			Go(rt, script{f: func(cx *Context, _ int) Poll {
				polled++
				if cx.Canceled() {
					canceled++
				}
				return Ready
			}})
		}
		if err := rt.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		if polled != n {
			t.Fatalf("%d of %d tasks ran, %d of them cancelled", polled, n, canceled)
		}
	}
}

// askedToStop counts the calls of its Cancel method.
type askedToStop struct{ asked *int }

func (f *askedToStop) Poll(cx *Context) Poll { return Poll(cx.canceled) }
func (f *askedToStop) Cancel()               { *f.asked++ }

func TestTaskSpawnedDuringShutdownIsCancelledLikeOthers(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	Go(l, script{f: func(cx *Context, n int) Poll {
		if cx.Canceled() {
			Go(cx, askedToStop{&asked})
		}
		return Poll(cx.Canceled())
	}})
	run(t, l)
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if asked != 1 {
		t.Errorf("Cancel was called %d times, want 1", asked)
	}
}

func TestDropMaySpawnDuringShutdown(t *testing.T) {
	checkLeaks(t)
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	ran := false
	Spawn(l, script{
		f:    func(*Context, int) Poll { return Ready },
		drop: func() { Go(l, script{f: func(*Context, int) Poll { ran = true; return Ready }}) },
	})
	err = l.Shutdown(context.Background())
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Unreleased) != 1 {
		t.Errorf("Shutdown = %v", err)
	}
	if !ran {
		t.Error("the task spawned by Drop was lost")
	}
}

func TestShutdownReportsEveryPanic(t *testing.T) {
	checkLeaks(t)
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"one", "two", "three"} {
		Spawn(l, script{f: func(*Context, int) Poll { panic(v) }}, Named(v))
	}
	err = l.Shutdown(context.Background())
	se, ok := errors.AsType[*ShutdownError](err)
	if !ok || len(se.Unreleased) != 3 {
		t.Fatalf("Shutdown = %v", err)
	}
	for _, v := range []string{"one", "two", "three"} {
		if !strings.Contains(err.Error(), v+" panicked during a poll: "+v) {
			t.Errorf("the panic %q is missing in %v", v, err)
		}
	}
}

func TestPanicDuringAnAbortIsReported(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	Go(l, script{f: func(cx *Context, n int) Poll {
		if cx.aborting {
			defer func() { panic("in a deferred call") }()
			cx.abort()
		}
		return Pending
	}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if pe, ok := errors.AsType[*PanicError](err); !ok || pe.Value != "in a deferred call" {
		t.Errorf("Shutdown = %v", err)
	}
}

// TestReportOfAShutdownSurvivesGoexit has a Drop end the goroutine that shuts
// down: calling Shutdown again goes on, and tells of everything.
func TestReportOfAShutdownSurvivesGoexit(t *testing.T) {
	checkLeaks(t)
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		Spawn(l, script{f: func(*Context, int) Poll { return Ready }, drop: runtime.Goexit}, Named("exits"))
	}
	for tries := 0; ; tries++ {
		var err error
		if onGoroutine(func() { err = l.Shutdown(context.Background()) }) {
			se, ok := errors.AsType[*ShutdownError](err)
			if tries != 3 || !ok || len(se.Unreleased) != 3 {
				t.Errorf("after %d tries: %v", tries, err)
			}
			break
		}
	}

	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		Spawn(rt, script{f: func(*Context, int) Poll { return Ready }, drop: runtime.Goexit}, Named("exits"))
	}
	err = rt.Shutdown(context.Background())
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Unreleased) != 3 {
		t.Errorf("Shutdown = %v", err)
	}
}

// TestResultsCanBeReadWhileTheLoopEnds waits for tasks that Shutdown cancels; the
// race detector finds it if their frames are wiped under the reader.
func TestResultsCanBeReadWhileTheLoopEnds(t *testing.T) {
	checkLeaks(t)
	for range 30 {
		rt, err := NewRuntime(Config{Loops: 1})
		if err != nil {
			t.Fatal(err)
		}
		task := Spawn(rt, SleepAsync(time.Hour))
		got := make(chan error)
		go func() {
			f, err := task.Wait()
			if err == nil {
				for range 100 {
					if err = f.Result(); err != ErrCanceled {
						break
					}
				}
			}
			got <- err
		}()
		eventually(t, "it sleeps", func() bool { return sleeps(rt.Loop(0)) })
		rt.Shutdown(context.Background())
		// A Wait that began when all was over finds a stale handle, since another
		// loop may have the headers by then.
		err = <-got
		if _, stale := errors.AsType[*StaleError](err); err != ErrCanceled && err != ErrClosed && !stale {
			t.Errorf("got %v", err)
		}
	}
}

func TestAbortReachesOperationsUnderAShield(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	ended := 0
	for _, f := range []Future{new(sleepForever), new(yieldForever)} {
		Go(l, script{f: func(cx *Context, n int) Poll {
			if n > 1 && cx.aborting {
				defer func() { ended++ }()
			}
			return cx.PollShielded(f)
		}})
	}
	if _, err := l.Step(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 2 || len(se.Leaked) != 0 || ended != 2 {
		t.Errorf("Shutdown = %v; %d deferred calls", err, ended)
	}
}

type sleepForever struct {
	s     SleepFuture
	begun bool
}

func (f *sleepForever) Poll(cx *Context) Poll {
	if !f.begun {
		f.begun, f.s = true, SleepAsync(time.Hour)
	}
	return f.s.Poll(cx)
}

type yieldForever struct{ y YieldFuture }

func (f *yieldForever) Poll(cx *Context) Poll {
	if f.y.Poll(cx) == Ready {
		f.y = YieldFuture{}
		return f.y.Poll(cx)
	}
	return Pending
}

// TestAbortOfAPollThatDoesNotReturn leaves the task behind, and goes on with the
// others.
func TestAbortOfAPollThatDoesNotReturn(t *testing.T) {
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	for range 3 {
		Go(rt, script{f: func(cx *Context, n int) Poll {
			if cx.aborting {
				<-gate
				cx.Canceled()
			}
			return Pending
		}}, Named("hangs"))
	}
	Go(rt, script{f: func(cx *Context, n int) Poll { cx.abort(); return Pending }}, Named("ends"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = rt.Shutdown(ctx)
	close(gate)
	se, ok := errors.AsType[*ShutdownError](err)
	if !ok || len(se.Stuck) != 0 || len(se.Aborted) != 4 || len(se.Leaked) != 3 {
		t.Errorf("Shutdown = %v", err)
	}
}

func TestShutdownTellsOfALoopThatIsStuck(t *testing.T) {
	rt, err := NewRuntime(Config{Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	gate, entered := make(chan struct{}), make(chan struct{})
	Go(rt.Loop(1), script{f: func(*Context, int) Poll { close(entered); <-gate; return Ready }})
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = rt.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Stuck) != 1 || se.Stuck[0] != 1 ||
		!strings.Contains(err.Error(), "loop 1 is stuck in a poll that does not return") {
		t.Errorf("Shutdown = %v", err)
	}
	if again := rt.Shutdown(context.Background()); again != err {
		t.Errorf("Shutdown again = %v", again)
	}
	close(gate)
	eventually(t, "the loop has ended after all", func() bool { return rt.Loop(1).claim.Load() == over })
}

func TestShutdownInsideAPollIsRefused(t *testing.T) {
	checkLeaks(t)
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := newTestLoop(t)
	var errs [3]error
	task := Spawn(rt, script{f: func(cx *Context, _ int) Poll {
		errs = [3]error{rt.Shutdown(context.Background()), cx.Loop().Shutdown(context.Background()), l.Shutdown(context.Background())}
		return Ready
	}})
	mustWait(t, task)
	for i, err := range errs {
		if err != ErrBlockedPoll {
			t.Errorf("call %d: %v", i, err)
		}
	}
	task.Release()
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestShutdownErrorGroupsLikeTasks(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		Spawn(l, script{f: func(*Context, int) Poll { return Ready }}, Named(fmt.Sprint("kind ", i%25)))
	}
	for range 100 {
		Spawn(l, SleepAsync(0))
	}
	err = l.Shutdown(context.Background())
	s := fmt.Sprint(err)
	if !strings.Contains(s, "140 tasks were never released (call Release on every Task, or use Go)") ||
		!strings.Contains(s, "100 x future.SleepFuture, done") || !strings.HasSuffix(s, "...") || strings.Count(s, "\n") != 22 {
		t.Errorf("Shutdown = %v", s)
	}
}

// TestTheFirstContextThatEndsCounts has a second Shutdown be in more of a hurry than the first.
func TestTheFirstContextThatEndsCounts(t *testing.T) {
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	Go(rt, Shield(script{f: func(cx *Context, n int) Poll {
		if n == 1 || n == 2 {
			begun <- struct{}{} // it runs; and then, it was cancelled
		}
		cx.abort()
		return Pending
	}}), Named("endless"))
	<-begun
	first := make(chan error)
	go func() { first <- rt.Shutdown(context.Background()) }()
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	second := rt.Shutdown(ctx)
	e, ok := errors.AsType[*ShutdownError](second)
	if !ok || len(e.Aborted) != 1 || e.Aborted[0].Name != "endless" {
		t.Errorf("the second Shutdown: %v", second)
	}
	if err := <-first; err != second {
		t.Errorf("the first Shutdown: %v", err)
	}
}

// TestAnAbortMayTakeLongAsLongAsItGoesOn regresses a large set that was given up after a second,
// in the midst of its children.
func TestAnAbortMayTakeLongAsLongAsItGoesOn(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	slow := script{f: func(cx *Context, n int) Poll {
		defer time.Sleep(min(1, time.Duration(n-1)) * abortGrace * 2 / 5)
		cx.abort()
		return Pending
	}}
	Go(l, All(slow, slow, slow, slow))
	run(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, ok := errors.AsType[*ShutdownError](l.Shutdown(ctx))
	if !ok || len(e.Aborted) != 1 || len(e.Leaked) > 0 {
		t.Errorf("Shutdown: %v", e)
	}
}
