package future

import (
	"testing"
	"time"
)

func TestBlockingInPollIsFound(t *testing.T) {
	l := newTestLoop(t)
	other := Spawn(l, SleepAsync(0))
	var errs [3]error
	task := Spawn(l, script{f: func(*Context, int) Poll {
		errs[0] = Sleep(time.Hour)
		f := SleepAsync(time.Hour)
		errs[1] = Block(&f)
		_, errs[2] = other.Wait()
		return Ready
	}})
	if _, err := task.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if err != ErrBlockedPoll {
			t.Errorf("call %d: %v", i, err)
		}
	}
	task.Release()
	other.Release()
}
