package future

import (
	"context"
	"testing"
)

type untilCanceled struct{}

func (*untilCanceled) Poll(cx *Context) Poll { return Poll(cx.Canceled()) }

// TestTasksOfAClosedLoopAreNone: a closed loop's headers serve the next loop, whose
// tasks are not its own.
func TestTasksOfAClosedLoopAreNone(t *testing.T) {
	closed, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	ended := rt.Loop(0)
	if err := closed.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := rt.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var heirs []*Loop
	for range 3 {
		l := newTestLoop(t)
		Go(l, untilCanceled{})
		heirs = append(heirs, l)
	}
	for _, l := range []*Loop{closed, ended} {
		tasks, err := l.Tasks(context.Background())
		if err != nil || len(tasks) != 0 {
			t.Errorf("a closed loop has tasks %v, error %v", tasks, err)
		}
	}
	for _, l := range heirs {
		if tasks, err := l.Tasks(context.Background()); err != nil || len(tasks) != 1 {
			t.Errorf("a loop with one task has %v, error %v", tasks, err)
		}
	}
}

// TestStepOfAClosedLoopLeavesItsHeirAlone: it must not take what was sent to the
// loop that has its headers now.
func TestStepOfAClosedLoopLeavesItsHeirAlone(t *testing.T) {
	closed, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	heir := newTestLoop(t)
	task := Spawn(heir, untilCanceled{})
	defer task.Release()
	task.w.Wake()
	if _, err := closed.Step(); err != ErrClosed {
		t.Errorf("Step of a closed loop returned %v, want ErrClosed", err)
	}
	if heir.own != closed.own {
		t.Fatal("the heir has other headers: this tests nothing")
	}
	task.Cancel()
	if _, err := task.Wait(); err != nil {
		t.Error(err)
	}
}
