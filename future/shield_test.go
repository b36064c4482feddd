package future

import "testing"

func TestShieldHidesACancel(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(2)
	task := Spawn(l, Join(Shield(fs[0]), fs[1]))
	idle(t, l)
	task.Cancel()
	idle(t, l)
	if isDone(l, task) || fs[0].canceled || !fs[1].canceled {
		t.Errorf("done = %v, canceled: shielded %v, other %v", isDone(l, task), fs[0].canceled, fs[1].canceled)
	}
	fs[0].finish()
	if f := mustWait(t, task); f.A().F().Result() != nil {
		t.Errorf("Result = %v", f.A().F().Result())
	}
	task.Release()
	checkProbes(t, fs...)
	if fs[0].drops != 1 {
		t.Errorf("dropped %d times", fs[0].drops)
	}
}

func TestShieldOfAWholeTaskHidesItsCancel(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(1)
	task := Spawn(l, Shield(fs[0]))
	task.Cancel()
	idle(t, l)
	if fs[0].canceled {
		t.Error("the task's Cancel reached the shielded future")
	}
	fs[0].finish()
	mustWait(t, task)
	task.Release()
}
