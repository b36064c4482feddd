package future

import (
	"testing"
	"time"
)

// TestEventsAreServedWithinARoundOfReadyTasks: with very many tasks that are always
// ready, one that a timer or another goroutine has woken is polled before any of
// them is polled twice more. Polls are counted, and the time is the test's.
func TestEventsAreServedWithinARoundOfReadyTasks(t *testing.T) {
	const busy = 100_000
	clock := newVirtual()
	l := newLoopWith(t, Config{Clock: clock})
	polls, stop := 0, false
	for range busy {
		Go(l, script{f: func(cx *Context, n int) Poll {
			polls++
			cx.Wake(cx.Waker())
			return Poll(stop)
		}})
	}
	served := 0
	sleeper := Spawn(l, script{f: func(cx *Context, n int) Poll {
		served++
		return Poll(stop)
	}})
	step := func() {
		if _, err := l.Step(); err != nil {
			t.Fatal(err)
		}
	}
	within := func(what string, event func()) {
		before, was := polls, served
		event()
		for served == was && polls-before < 10*busy {
			step()
		}
		if n := polls - before; n > busy+2*pollsPerTurn {
			t.Errorf("%s: it was polled after %d polls of %d ready tasks, want one round of them", what, n, busy)
		}
	}
	within("the first poll", func() {})
	within("a wake from elsewhere", func() {
		done := make(chan struct{})
		go func() { sleeper.Waker().Wake(); close(done) }()
		<-done
	})
	timer := SleepAsync(time.Second)
	alarm := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if timer.Poll(cx) == Ready {
			served++
			return Ready
		}
		return Pending
	}})
	for before := polls; polls-before < 2*busy; {
		step()
	}
	within("a timer", func() { clock.now += 2 * time.Second })
	stop = true
	sleeper.Waker().Wake()
	run(t, l)
	release(t, sleeper)
	release(t, alarm)
}
