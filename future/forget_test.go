package future

import (
	"testing"
)

func TestCancelledWaitsFromElsewhereAreForgotten(t *testing.T) {
	l, other := newTestLoop(t), newTestLoop(t)
	long := Spawn(other, pending())
	idle(t, other)
	for range 1000 {
		w := Spawn(l, long.WaitAsync())
		idle(t, l)
		idle(t, other)
		w.Cancel()
		idle(t, l)
		if _, err := mustWait(t, w).Result(); err != ErrCanceled {
			t.Fatal(err)
		}
		w.Release()
		idle(t, other)
	}
	if x := other.extraOf(long.w.slot); x == nil || len(x.joiners) > 64 {
		t.Errorf("%d waits are kept", len(x.joiners))
	}
	long.Cancel()
	idle(t, other)
	long.Release()
}

func TestPanicOfATaskWhoseRemoteWaitWasCancelledIsReported(t *testing.T) {
	var got []*PanicError
	l, other := newTestLoop(t), newLoopWith(t, Config{OnPanic: func(e *PanicError) { got = append(got, e) }})
	bad := Spawn(other, script{f: func(_ *Context, n int) Poll {
		if n == 2 {
			panic("nobody joins")
		}
		return Pending
	}})
	idle(t, other)
	w := Spawn(l, bad.WaitAsync())
	idle(t, l)
	idle(t, other)
	w.Cancel()
	idle(t, l)
	w.Release()
	bad.Waker().Wake()
	idle(t, other)
	bad.Release()
	if len(got) != 1 {
		t.Errorf("reported %v", got)
	}
}
