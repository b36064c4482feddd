package future

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

func TestTasksSpawnedInAnAbortAreNamed(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	first := Spawn(l, script{f: func(*Context, int) Poll { return Ready }})
	polled, dropped := false, false
	Go(l, script{f: func(cx *Context, _ int) Poll {
		if cx.aborting {
			defer Go(cx, script{f: func(cx *Context, _ int) Poll {
				polled = true
				cx.abort()
				return Ready
			}, drop: func() { dropped = true }}, Named("late"))
			cx.abort()
		}
		return Pending
	}}, Named("parent"))
	idle(t, l)
	first.Release() // its slot comes before that of the other
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	se, ok := errors.AsType[*ShutdownError](err)
	if !ok || len(se.Aborted) != 2 || len(se.Leaked) != 0 || !polled || !dropped {
		t.Errorf("polled = %v, dropped = %v, Shutdown = %v", polled, dropped, err)
	}
}

func TestAFutureThatComesTooLateIsDropped(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	drops := 0
	fut := script{f: func(*Context, int) Poll { return Ready }, drop: func() { drops++ }}
	// Once while another goroutine runs the loop, so that the spawn is in the mailbox.
	l.enter()
	task := Spawn(l, fut)
	Go(l, fut)
	l.leave()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 2 || len(se.Unreleased) != 1 {
		t.Errorf("Shutdown = %v", err)
	}
	if drops != 2 {
		t.Errorf("of 2 futures in the mailbox %d were dropped", drops)
	}
	if _, err := task.Wait(); err != ErrClosed {
		t.Error(err)
	}
	drops = 0
	Spawn(l, fut)
	Go(l, fut)
	if drops != 2 {
		t.Errorf("of 2 futures after the end %d were dropped", drops)
	}
}

func TestAFutureThatADropSpawnsInVainIsDropped(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	drops := 0
	late := func(f func()) script {
		return script{f: func(*Context, int) Poll { return Ready }, drop: func() { drops++; f() }}
	}
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll { return Ready }, drop: func() {
		Go(l, late(func() { panic("in a late Drop") }))
		Go(l, late(runtime.Goexit))
		Go(l, late(func() {}))
	}})
	idle(t, l)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for i := 0; err == nil && i < 3; i++ { // a Goexit ends the goroutine
		done := make(chan struct{})
		go func() {
			defer close(done)
			err = l.Shutdown(ctx)
		}()
		<-done
	}
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Unreleased) != 1 || len(se.Errs) != 1 || drops != 3 {
		t.Errorf("%d drops, Shutdown = %v", drops, err)
	}
	if _, err := task.Wait(); err != ErrClosed {
		t.Error(err)
	}
}

func TestAFutureBuiltWhileItsRuntimeEndsIsDropped(t *testing.T) {
	checkLeaks(t)
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	drops := 0
	_, err = SpawnInit(rt, func(f *script) error {
		f.drop = func() { drops++ }
		ended := make(chan error)
		go func() { ended <- rt.Shutdown(context.Background()) }()
		return <-ended
	})
	if err != ErrClosed || drops != 1 {
		t.Errorf("SpawnInit = %v, %d drops", err, drops)
	}
}

func TestStreamsOfSequencesEndInAnAbort(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := FromSeq(func(yield func(int) bool) {
		for yield(1) {
		}
	})
	defer s.Close()
	ended := false
	next := Next(s)
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		if cx.aborting {
			defer func() { ended = true }()
		}
		for {
			if next.Poll(cx) == Pending {
				return Pending
			}
			if _, err := next.Result(); err != nil && cx.aborting {
				t.Error("an abort has not ended it:", err)
				return Ready
			}
			next = Next(s)
		}
	}})
	if _, err := l.Step(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 1 || len(se.Leaked) != 0 || !ended {
		t.Errorf("Shutdown = %v, ended = %v", err, ended)
	}
	task.Release()
}
