package future

import (
	"context"
	"testing"
	"time"
)

func TestCancelWakesSleeper(t *testing.T) {
	rt, err := NewRuntime(Config{})
	if err != nil {
		t.Fatal(err)
	}
	task := Spawn(rt, SleepAsync(time.Hour))
	all := Spawn(rt, All(SleepAsync(time.Hour), SleepAsync(0), SleepAsync(time.Microsecond)))
	task.Cancel()
	if f, err := task.Wait(); err != nil || f.Result() != ErrCanceled {
		t.Errorf("Wait = %v, %v", f.Result(), err)
	}
	all.Cancel()
	f, err := all.Wait()
	if err != nil || f.At(0).Result() != ErrCanceled {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
	all.Release()
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
