package future

import (
	"testing"
)

// leaver is a stream that waits, and when it is cancelled withdraws by panic.
type leaver struct{}

func (leaver) PollNext(cx *Context) (p Poll, v int, err error) {
	if cx.Canceled() {
		cx.Withdraw()
	}
	return Pending, 0, nil
}

func TestForEachWhoseStreamHasWithdrawnWithdraws(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, ForEach[int, probe](leaver{}, 2, func(int) probe { return probes(1)[0] }))
	idle(t, l)
	task.Cancel()
	if _, err := task.Wait(); err != ErrCanceled {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
}

func TestCancelledNextOfAStreamThatPanicsCancelsNothingElse(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		next := Next[int](leaver{})
		next.Cancel()
		func() {
			defer func() { recover() }()
			next.Poll(cx)
		}()
		if cx.Canceled() {
			t.Error("the rest of the poll is cancelled too")
		}
		return Ready
	}})
	mustWait(t, task)
	task.Release()
}
