package future

import (
	"context"
	"errors"
	"testing"
)

func TestFromContextIsReadyWhenTheContextIsDone(t *testing.T) {
	rt := newTestRuntime(t)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(context.Background())
	waits := Spawn(rt, FromContext(ctx))
	cancel(why)
	late := Spawn(rt, FromContext(ctx))
	for _, task := range []Task[FromContextFuture]{waits, late} {
		if err := mustWait(t, task).Result(); err != why {
			t.Errorf("Result = %v", err)
		}
		task.Release()
	}
}

func TestFromContextCanceledLetsGoOfTheContext(t *testing.T) {
	l := newTestLoop(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	task := Spawn(l, FromContext(ctx))
	idle(t, l)
	task.Cancel()
	f := mustWait(t, task)
	if f.Result() != ErrCanceled {
		t.Errorf("Result = %v", f.Result())
	}
	if f.stop() {
		t.Error("was still registered with the context")
	}
	cancel()
	if f.Result() != ErrCanceled {
		t.Errorf("Result = %v after the context has ended too", f.Result())
	}
	task.Release()
}

// A future that is handed from one waker to another wakes the one that polled last.
func TestFromContextWakesWhoeverPolledLast(t *testing.T) {
	l := newTestLoop(t)
	ctx, cancel := context.WithCancel(context.Background())
	f := FromContext(ctx)
	first := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		f.Poll(cx)
		return Ready
	}})
	mustWait(t, first)
	second := Spawn(l, script{f: func(cx *Context, _ int) Poll { return f.Poll(cx) }})
	idle(t, l)
	cancel()
	mustWait(t, second)
	first.Release()
	second.Release()
}

func TestFromContextThatNeverEndsIsNeverReady(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, FromContext(context.Background()))
	idle(t, l)
	if isDone(l, task) {
		t.Error("Background has ended")
	}
	task.Cancel()
	mustWait(t, task)
	task.Release()
}

func TestWithContextCancelsAndAwaitsItsChild(t *testing.T) {
	l := newTestLoop(t)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(context.Background())
	fs := probes(2)
	fs[1].stubborn = true
	task := Spawn(l, WithContext(ctx, Join(fs[0], fs[1])))
	idle(t, l)
	cancel(why)
	waitFor(t, "the cancel", func() bool { idle(t, l); return fs[0].canceled })
	if isDone(l, task) {
		t.Fatal("did not wait for its child")
	}
	fs[1].finish()
	if f := mustWait(t, task); f.Result() != why || f.F().B().Result() != nil {
		t.Errorf("Result = %v, the child's %v", f.Result(), f.F().B().Result())
	}
	checkProbes(t, fs...)
	task.Release()
}

func TestWithContextOfAChildThatIsReadyLetsGoOfTheContext(t *testing.T) {
	l := newTestLoop(t)
	ctx, cancel := context.WithCancel(context.Background())
	fs := probes(1)
	task := Spawn(l, WithContext(ctx, fs[0]))
	idle(t, l)
	fs[0].finish()
	f := mustWait(t, task)
	if f.end.stop() {
		t.Error("was still registered with the context")
	}
	cancel()
	if f.Result() != nil || fs[0].canceled {
		t.Errorf("Result = %v", f.Result())
	}
	task.Release()
}

func TestWithContextThatHasEndedCancelsFromTheStart(t *testing.T) {
	l := newTestLoop(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fs := probes(1)
	fs[0].spends = true
	task := Spawn(l, WithContext(ctx, fs[0]))
	if f := mustWait(t, task); f.Result() != context.Canceled || !fs[0].canceled || fs[0].polls != 1 {
		t.Errorf("Result = %v, child canceled = %v after %d polls", f.Result(), fs[0].canceled, fs[0].polls)
	}
	task.Release()
}

func TestWithContextOfACanceledTaskHasNoError(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(1)
	task := Spawn(l, WithContext(context.Background(), fs[0]))
	idle(t, l)
	task.Cancel()
	if f := mustWait(t, task); f.Result() != nil || f.F().Result() != ErrCanceled {
		t.Errorf("Result = %v, the child's %v", f.Result(), f.F().Result())
	}
	task.Release()
}
