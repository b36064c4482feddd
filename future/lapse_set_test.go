package future

import (
	"slices"
	"testing"
)

// never is a future that waits for nothing but its end.
func never() Future {
	return &script{f: func(cx *Context, n int) Poll { return Poll(cx.Canceled()) }}
}

// nest puts f into sets within sets.
func nest(f Future, depth int) Future {
	for range depth {
		all := All(boxed{never()}, boxed{f}, boxed{never()})
		f = &all
	}
	return f
}

// TestFutureLockOfAWholeSet: what a select stops polling is not the waiter but a set
// of futures, one of which waits, at any depth.
func TestFutureLockOfAWholeSet(t *testing.T) {
	for depth := 1; depth <= 3; depth++ {
		for _, remote := range []bool{false, true} {
			for _, spins := range []bool{false, true} {
				l := newTestLoop(t)
				var m Mutex
				m.Lock()
				lock := m.LockAsync()
				set := nest(&lock, depth)
				ears := true
				a := Spawn(l, script{f: func(cx *Context, n int) Poll {
					if ears {
						return set.Poll(cx)
					}
					if spins {
						cx.Wake(cx.Waker())
					}
					return Pending
				}})
				b := Spawn(l, m.LockAsync())
				run(t, l)
				ears = false
				if remote {
					m.Unlock()
				} else {
					release(t, Spawn(l, script{f: func(cx *Context, n int) Poll { m.UnlockCx(cx); return Ready }}))
				}
				for range 20 {
					l.Step()
				}
				wantDone(t, l, b, true)
				if l.lapses != 1 {
					t.Errorf("%d lapses", l.lapses)
				}
				m.Unlock()
				ears = true
				a.Cancel()
				release(t, a)
				release(t, b)
				if lock.Result() == nil {
					m.Unlock()
				}
				wantUnused(t, &m.p)
				wantQuiet(t, l, &m.p.q)
				if len(l.debts.list) != 0 {
					t.Errorf("%d debts are left", len(l.debts.list))
				}
			}
		}
	}
}

// TestWaitersOfASetThatIsPolledKeepTheirTurns, although there are more of them than
// one poll of the task has budget for, and other tasks besides.
func TestWaitersOfASetThatIsPolledKeepTheirTurns(t *testing.T) {
	const n = 5 * budgetPerPoll
	for _, depth := range []int{0, 2} {
		l := newTestLoop(t)
		s := NewSemaphore(n)
		s.Acquire(n)
		var came, went []int
		kids := make([]boxed, n)
		for i := range kids {
			f := s.AcquireAsync(1)
			kids[i] = boxed{&script{f: func(cx *Context, polls int) Poll {
				if polls == 1 {
					came = append(came, i)
				}
				if !f.Poll(cx) {
					return Pending
				}
				went = append(went, i)
				return Ready
			}}}
		}
		all := All(kids...)
		task := Spawn(l, boxed{nest(&all, depth)})
		var busy []Task[script]
		stop := false
		for range 3 * pollsPerTurn {
			busy = append(busy, Spawn(l, script{f: func(cx *Context, _ int) Poll {
				cx.Wake(cx.Waker())
				return Poll(stop)
			}}))
		}
		for range 200 {
			l.Step()
		}
		s.Release(n)
		for range 200 {
			l.Step()
		}
		if l.lapses != 0 || len(went) != n || !slices.Equal(came, went) {
			t.Errorf("depth %d: %d lapses, %d acquired, in order: %v", depth, l.lapses, len(went), slices.Equal(came, went))
		}
		stop = true
		for _, b := range busy {
			release(t, b)
		}
		task.Cancel()
		release(t, task)
		s.Release(n)
		wantUnused(t, &s.p)
		wantQuiet(t, l, &s.p.q)
	}
}

// TestFutureLockOfASetInABlock: the same on a goroutine of its own.
func TestFutureLockOfASetInABlock(t *testing.T) {
	var m Mutex
	m.Lock()
	lock := m.LockAsync()
	set := nest(&lock, 2)
	second := m.LockAsync()
	heard := 0
	if err := Block(&script{f: func(cx *Context, n int) Poll {
		switch {
		case n == 1:
			set.Poll(cx)
			second.Poll(cx)
			m.Unlock() // offered to the set, which is left alone
			return Pending
		case !second.over():
			if second.Poll(cx) == Pending {
				return Pending
			}
			m.Unlock()
		}
		heard++
		return cx.PollCanceled(set)
	}}); err != nil {
		t.Fatal(err)
	}
	if second.Result() != nil || heard == 0 {
		t.Errorf("second: %v", second.Result())
	}
	if lock.Result() == nil {
		m.Unlock()
	}
	wantUnused(t, &m.p)
}

// TestSetLeftBehindByAPanicHoldsUpNobody: its waiters stay in the queue of the lock,
// and nobody will ever poll them.
func TestSetLeftBehindByAPanicHoldsUpNobody(t *testing.T) {
	for _, offer := range []string{"before", "after"} {
		for _, where := range []string{"task", "Block"} {
			l := newTestLoop(t)
			var m Mutex
			m.Lock()
			lock := m.LockAsync()
			set := nest(&lock, 2)
			bad := script{f: func(cx *Context, n int) Poll {
				set.Poll(cx)
				if offer == "before" {
					m.Unlock()
				}
				panic("left behind")
			}}
			if where == "task" {
				task := Spawn(l, bad)
				if _, err := task.Wait(); err == nil {
					t.Error("no panic")
				}
				task.Release()
			} else {
				func() {
					defer func() {
						if v := recover(); v != "left behind" {
							t.Errorf("Block panicked with %v", v)
						}
					}()
					Block(&bad)
				}()
			}
			if offer == "after" {
				m.Unlock()
			}
			good := Spawn(l, m.LockAsync())
			run(t, l)
			if !taskDone(l, good) {
				t.Errorf("%s, offered %s: the lock is held up", where, offer)
				good.Cancel()
			}
			good.Release()
			run(t, l)
		}
	}
}
