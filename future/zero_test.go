package future

import (
	"errors"
	"testing"
)

// TestZeroPrimitivesThatAreNotReadyForUseSayWhatToDo regresses that a zero Chan worked
// until somebody was cancelled, who then panicked with a nil pointer.
func TestZeroPrimitivesThatAreNotReadyForUseSayWhatToDo(t *testing.T) {
	var (
		c Chan[int]
		b Broadcast[int]
		w Watch[int]
	)
	refused := func(name string, f Future) {
		t.Helper()
		l := newTestLoop(t)
		task := Spawn(l, script{f: func(cx *Context, _ int) Poll { return f.Poll(cx) }})
		_, err := task.Wait()
		if pe, ok := errors.AsType[*PanicError](err); !ok || pe.Value != notMade {
			t.Errorf("%s: Wait = %v", name, err)
		}
		task.Release()
	}
	recv, send := c.RecvAsync(), c.SendAsync(1)
	refused("Recv", &recv)
	refused("Send", &send)
	heard := b.Subscribe().RecvAsync()
	refused("Broadcast", &heard)
	changed := w.Subscribe().ChangedAsync()
	refused("Watch", &changed)
	func() {
		defer func() {
			if v := recover(); v != notMade {
				t.Errorf("Broadcast.Send: recovered %v", v)
			}
		}()
		b.Send(1)
	}()
}
