package future

import (
	"context"
	"errors"
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
