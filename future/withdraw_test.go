package future

import (
	"context"
	"testing"
	"time"
)

// quitter waits, and when it is cancelled withdraws by panic, having no error to return.
type quitter struct{ value int }

func (f *quitter) Poll(cx *Context) Poll {
	if cx.Canceled() {
		cx.Withdraw()
	}
	return Pending
}

func TestTimeoutWhoseChildHasWithdrawnWithdraws(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, Timeout(time.Hour, quitter{}))
	idle(t, l)
	task.Cancel()
	if f, err := task.Wait(); err != ErrCanceled {
		t.Errorf("Wait = %v, Result = %v: the child has no result", err, f.Result())
	}
	task.Release()
}

func TestWithContextWhoseChildHasWithdrawnWithdraws(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, WithContext(context.Background(), quitter{}))
	idle(t, l)
	task.Cancel()
	if f, err := task.Wait(); err != ErrCanceled {
		t.Errorf("Wait = %v, Result = %v: the child has no result", err, f.Result())
	}
	task.Release()
}

func TestTimeoutAndWithContextThatEndWithdrawnChildrenSayWhy(t *testing.T) {
	l, _ := newVirtualLoop(t)
	task := Spawn(l, Timeout(time.Minute, quitter{}))
	if f := mustWait(t, task); f.Result() != ErrTimeout {
		t.Errorf("Timeout: Result = %v", f.Result())
	}
	task.Release()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	task2 := Spawn(l, WithContext(ctx, quitter{}))
	idle(t, l)
	cancel()
	if f := mustWait(t, task2); f.Result() != context.Canceled {
		t.Errorf("WithContext: Result = %v", f.Result())
	}
	task2.Release()
}

// lateContext is done only after its Err has been asked for often enough.
type lateContext struct {
	context.Context
	asks *int
	at   int
}

func (c lateContext) Err() error {
	if *c.asks++; *c.asks > c.at {
		return context.Canceled
	}
	return nil
}

func TestWithContextThatEndsAfterItsChildHasNoError(t *testing.T) {
	l := newTestLoop(t)
	asks := 0
	ctx := lateContext{context.Background(), &asks, 1 << 30}
	fs := probes(1)
	task := Spawn(l, WithContext[probe](&ctx, fs[0]))
	idle(t, l)
	ctx.at = asks + 1 // when it is polled, and is then cancelled since the child is Ready
	fs[0].finish()
	if f := mustWait(t, task); f.Result() != nil {
		t.Errorf("Result = %v of a child that was Ready before", f.Result())
	}
	task.Release()
}
