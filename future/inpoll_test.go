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

func TestPollIsFoundBelowManyCallers(t *testing.T) {
	var deep func(n int) bool
	deep = func(n int) bool {
		if n == 0 {
			return inPoll()
		}
		return deep(n - 1)
	}
	for _, depth := range []int{0, 1, 20, 29, 30, 31, 32, 33, 100, 1000} {
		if deep(depth) {
			t.Errorf("a poll was found %d calls below none", depth)
		}
		Block(&script{f: func(*Context, int) Poll {
			if !deep(depth) {
				t.Errorf("the poll was not found %d calls below", depth)
			}
			return Ready
		}})
	}
}

func TestPollIsFoundFromEveryCallback(t *testing.T) {
	found := make(map[string]bool)
	look := func(where string) { found[where] = inPoll() }
	l := newTestLoop(t)
	task, err := SpawnInit(l, func(f *script) error {
		look("init")
		f.f = func(*Context, int) Poll { look("poll"); return Ready }
		f.drop = func() { look("Drop") }
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	set := Spawn(l, All(script{f: func(*Context, int) Poll { look("child"); return Ready }}))
	c := Spawn(l, cancelSpawns{func() { look("Cancel") }})
	c.Cancel()
	run(t, l)
	task.Release()
	set.Release()
	c.Release()
	Block(&script{f: func(*Context, int) Poll { look("Block"); return Ready }})
	for _, where := range []string{"init", "poll", "Drop", "child", "Cancel", "Block"} {
		if !found[where] {
			t.Errorf("the poll is not found from %s", where)
		}
	}
	other := make(chan bool)
	Block(&script{f: func(*Context, int) Poll {
		go func() { other <- inPoll() }()
		if <-other {
			t.Error("a goroutine started by a poll is not in it")
		}
		return Ready
	}})
}

func TestYieldIsAllowedInAPoll(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(*Context, int) Poll {
		Yield()
		if err := Sleep(0); err != nil {
			t.Error(err)
		}
		return Ready
	}})
	mustWait(t, task)
	task.Release()
	if err := Sleep(time.Microsecond); err != nil {
		t.Error(err)
	}
}
