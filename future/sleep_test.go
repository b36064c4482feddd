package future

import (
	"math"
	"testing"
)

func TestSleepOfTheLongestDurationSleeps(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, SleepAsync(math.MaxInt64))
	idle(t, l)
	if isDone(l, task) {
		t.Error("a sleep of 292 years is over")
	}
	task.Cancel()
	if err := mustWait(t, task).Result(); err != ErrCanceled {
		t.Errorf("Result = %v", err)
	}
	task.Release()
}
