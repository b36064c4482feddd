package future

import (
	"testing"
	"time"
)

// ticker records when its interval ticks.
type ticker struct {
	i     Interval
	tick  IntervalTickFuture
	waits bool
	at    []time.Duration
	n     []int
	busy  func(k int) time.Duration // how long the k-th tick keeps it
	v     *virtual
	left  int
}

func (f *ticker) Poll(cx *Context) Poll {
	for ; f.left > 0; f.left-- {
		if !f.waits {
			f.waits = true
			f.tick = f.i.TickAsync()
		}
		if f.tick.Poll(cx) == Pending {
			return Pending
		}
		f.waits = false
		n, err := f.tick.Result()
		if err != nil {
			panic(err)
		}
		f.at = append(f.at, cx.Now())
		f.n = append(f.n, n)
		if f.busy != nil {
			f.v.now += f.busy(len(f.at))
		}
	}
	return Ready
}

func TestIntervalDoesNotDriftNorBurst(t *testing.T) {
	l, v := newVirtualLoop(t)
	start := v.now
	task := Spawn(l, ticker{i: NewInterval(10), left: 6, v: v, busy: func(k int) time.Duration {
		if k == 2 {
			return 34 // past three ticks
		}
		return 3
	}})
	f := mustWait(t, task)
	// Ticks at 10 and 20; then busy until 54: those at 30, 40 and 50 come as one.
	at := []time.Duration{10, 20, 54, 60, 70, 80}
	n := []int{1, 1, 3, 1, 1, 1}
	for k := range at {
		// The loop may see later than at once that time has passed.
		if got := f.at[k] - start; got < at[k] || got >= at[k]+10 || f.n[k] != n[k] {
			t.Errorf("tick %d at %v for %d, want %v for %d", k, got, f.n[k], at[k], n[k])
		}
	}
	task.Release()
}

func TestIntervalCanceledTickIsNotUsedUp(t *testing.T) {
	l, v := newVirtualLoop(t)
	start := v.now
	i := NewInterval(time.Second)
	first := Spawn(l, i.TickAsync())
	idle(t, l)
	first.Cancel()
	if n, err := mustWait(t, first).Result(); n != 0 || err != ErrCanceled {
		t.Errorf("Result = %d, %v", n, err)
	}
	second := Spawn(l, i.TickAsync())
	if n, err := mustWait(t, second).Result(); n != 1 || err != nil {
		t.Errorf("Result = %d, %v", n, err)
	}
	if v.now-start != time.Second {
		t.Errorf("the tick came at %v", v.now-start)
	}
	first.Release()
	second.Release()
}

func TestIntervalEachTickIsForOneOfThoseThatWait(t *testing.T) {
	l, v := newVirtualLoop(t)
	start := v.now
	i := NewInterval(time.Second)
	ticks := Spawn(l, All(i.TickAsync(), i.TickAsync(), i.TickAsync()))
	for _, f := range mustWait(t, ticks).Each() {
		if n, err := f.Result(); n != 1 || err != nil {
			t.Errorf("Result = %d, %v", n, err)
		}
	}
	if v.now-start != 3*time.Second {
		t.Errorf("three ticks took %v", v.now-start)
	}
	ticks.Release()
}

func TestIntervalOfNothingPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("NewInterval(0) did not panic")
		}
	}()
	NewInterval(0)
}

func TestIntervalTickBlocks(t *testing.T) {
	i := NewInterval(time.Millisecond)
	for range 3 {
		if n, err := i.Tick(); n < 1 || err != nil {
			t.Fatalf("Tick = %d, %v", n, err)
		}
	}
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(*Context, int) Poll {
		long := NewInterval(time.Hour)
		if _, err := long.Tick(); err != ErrBlockedPoll {
			t.Errorf("Tick in a poll: %v", err)
		}
		return Ready
	}})
	mustWait(t, task)
	task.Release()
}
