package future

import (
	"context"
	"testing"
	"time"
)

// Found by fuzz.Future: the task that a set was handed to was charged for timers
// that had been started under the first one, and either frame was set aside.
func TestRegistrationsGoAlongWithASetThatIsHandedToAnotherTask(t *testing.T) {
	l := newTestLoop(t)
	inner := func(d time.Duration) AllFuture[SleepFuture, *SleepFuture] { return All(SleepAsync(d), SleepAsync(d)) }
	set := All(inner(time.Hour), inner(time.Microsecond))
	turn := 0
	first := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if turn == 1 {
			return Ready
		}
		return set.Poll(cx)
	}})
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	turn = 1
	second := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			cx.Wake(first.Waker()) // it ends while the set goes on elsewhere
		}
		if n > 1 {
			return cx.PollCanceled(&set)
		}
		return set.Poll(cx)
	}})
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	second.Waker().Wake()
	for _, task := range []Task[script]{first, second} {
		if _, err := task.Wait(); err != nil {
			t.Error(err)
		}
		task.Release()
	}
	if s, err := l.Stats(context.Background()); err != nil || s.Quarantined != 0 {
		t.Errorf("%d frames were set aside, %v", s.Quarantined, err)
	}
}
