package future

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinion-go/pinion/unsafeptr"
)

func wantUnused(tb testing.TB, p *permits) {
	tb.Helper()
	// What lapsed last may have left the bit behind, which only costs time.
	if s := p.state.Load() &^ contended; s != 0 || p.q.head != nil || p.q.promised != 0 {
		tb.Errorf("left with state %d, head %p, %d promised", s, p.q.head, p.q.promised)
	}
}

func TestMutexExcludes(t *testing.T) {
	scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
		var m Mutex
		var inside, entered atomic.Int32
		plain := 0 // the race detector's business
		in := func() {
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d hold the lock", n)
			}
			plain++
			entered.Add(1)
		}
		out := func() { inside.Add(-1) }
		var ends []func()
		for i := range c.tasks {
			left := c.rounds
			ends = append(ends, spawn(newActor(uint64(i), func(rng *rand.Rand) *attempt {
				if left--; left < 0 {
					return nil
				}
				f := m.LockAsync()
				hold, local := rng.IntN(4), rng.IntN(2) == 0
				return &attempt{
					f: &f,
					then: func(*Context) (int, error) {
						if err := f.Result(); err != nil {
							return 0, err
						}
						in()
						return hold, nil
					},
					done: func(cx *Context) {
						out()
						if local {
							m.UnlockCx(cx)
						} else {
							m.Unlock()
						}
					},
				}
			})))
		}
		var wg sync.WaitGroup
		for i := range c.goroutines {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(i), 1))
				for range c.rounds {
					if rng.IntN(3) > 0 || !m.TryLock() {
						if err := m.Lock(); err != nil {
							t.Error(err)
						}
					}
					in()
					fiddle(rng)
					out()
					m.Unlock()
				}
			})
		}
		wg.Wait()
		for _, end := range ends {
			end()
		}
		if entered.Load() < int32(c.goroutines*c.rounds) || entered.Load() == 0 {
			t.Errorf("the lock was taken %d times", entered.Load())
		}
		wantUnused(t, &m.p)
	})
}

func TestMutexIsFirstComeFirstServed(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	m.Lock()
	var order []int
	var tasks []Task[script]
	for i := range 10 {
		f := m.LockAsync()
		tasks = append(tasks, Spawn(l, script{f: func(cx *Context, n int) Poll {
			if !f.Poll(cx) {
				return Pending
			}
			order = append(order, i)
			m.UnlockCx(cx)
			return Ready
		}}))
		run(t, l)
	}
	m.Unlock()
	if m.TryLock() {
		t.Error("TryLock has overtaken those who wait")
	}
	run(t, l)
	for i, got := range order {
		if got != i {
			t.Fatalf("order %v", order)
		}
	}
	for _, task := range tasks {
		release(t, task)
	}
	if !m.TryLock() {
		t.Error("the lock is not free")
	}
	m.Unlock()
	wantUnused(t, &m.p)
	wantQuiet(t, l, &m.p.q)
}

// TestMutexFutureLock is the classical futurelock: a select's branch waits for the
// lock, the lock comes to it, and the select waits for its other branch, which
// needs the lock.
func TestMutexFutureLock(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	m.Lock()
	first := m.LockAsync()
	second := m.LockAsync()
	sel := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			first.Poll(cx)
		}
		return second.Poll(cx) // from now on alone
	}})
	run(t, l)
	m.Unlock()
	run(t, l)
	wantDone(t, l, sel, true)
	if second.Result() != nil || first.over() {
		t.Errorf("second: %v, first over: %v", second.Result(), first.over())
	}
	// The branch that was left alone must still cope with being polled.
	m.Unlock()
	late := Spawn(l, script{f: func(cx *Context, n int) Poll { return first.Poll(cx) }})
	run(t, l)
	wantDone(t, l, late, true)
	if first.Result() != nil || m.TryLock() {
		t.Error("the first branch has not got the lock")
	}
	m.Unlock()
	release(t, sel)
	release(t, late)
	wantUnused(t, &m.p)
	wantQuiet(t, l, &m.p.q)
}

func TestMutexFutureLockAgainstGoroutine(t *testing.T) {
	rt := newQuietRuntime(t, 1)
	var m Mutex
	m.Lock()
	f := m.LockAsync()
	quit := make(chan struct{})
	task := Spawn(rt, script{f: func(cx *Context, n int) Poll {
		select {
		case <-quit:
			f.Cancel()
			return f.Poll(cx)
		default:
		}
		if n == 1 {
			f.Poll(cx)
		}
		return Pending
	}})
	for len(mustTasks(t, rt, "waiting")) < 1 {
		runtime.Gosched()
	}
	got := make(chan error)
	go func() { got <- m.Lock() }()
	for n := 0; n < 2; runtime.Gosched() {
		m.p.mu.Lock()
		n = 0
		for w := m.p.q.head; w != nil; w = w.next {
			n++
		}
		m.p.mu.Unlock()
	}
	m.Unlock()
	if err := <-got; err != nil {
		t.Error(err)
	}
	close(quit)
	task.w.Wake()
	release(t, task)
	if f.Result() != ErrCanceled {
		t.Errorf("Result = %v", f.Result())
	}
	m.Unlock()
	wantUnused(t, &m.p)
}

// TestMutexOwnTaskDoesNotStarve: a task in two parts, of which one locks again as
// soon as it has unlocked, after the other was polled.
func TestMutexOwnTaskDoesNotStarve(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	m.Lock()
	f := m.LockAsync()
	held := true
	var mine MutexLockFuture
	rounds := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if f.Poll(cx) {
			return Ready
		}
		if rounds++; rounds > 10 {
			t.Error("starved")
			f.Cancel()
		}
		if held {
			m.UnlockCx(cx)
			mine = m.LockAsync()
			held = false
		}
		held = bool(mine.Poll(cx))
		cx.Wake(cx.Waker())
		return Pending
	}})
	release(t, task)
	m.Unlock()
	mine.Cancel()
	clean := Spawn(l, script{f: func(cx *Context, n int) Poll { return mine.Poll(cx) }})
	release(t, clean)
	wantUnused(t, &m.p)
}

func TestMutexCancelledAfterItWasChosenPassesTheLockOn(t *testing.T) {
	for _, how := range []string{"Task.Cancel", "Cancel", "PollCanceled"} {
		l := newTestLoop(t)
		var m Mutex
		m.Lock()
		canceled := false
		f := m.LockAsync()
		a := Spawn(l, script{f: func(cx *Context, n int) Poll {
			if canceled {
				return cx.PollCanceled(&f)
			}
			return f.Poll(cx)
		}})
		b := Spawn(l, m.LockAsync())
		run(t, l)
		m.Unlock()
		switch how { // a is chosen, but not polled yet
		case "Task.Cancel":
			a.Cancel()
		case "Cancel":
			f.Cancel()
		case "PollCanceled":
			canceled = true
		}
		run(t, l)
		wantDone(t, l, a, true)
		wantDone(t, l, b, true)
		if f.Result() != ErrCanceled || at(l, b).Result() != nil {
			t.Errorf("%s: %v, %v", how, f.Result(), at(l, b).Result())
		}
		m.Unlock()
		release(t, a)
		release(t, b)
		wantUnused(t, &m.p)
		wantQuiet(t, l, &m.p.q)
	}
}

func TestMutexLockBegunInCancelledTaskIsRefused(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	task := Spawn(l, m.LockAsync())
	task.Cancel()
	release(t, task)
	if !m.TryLock() {
		t.Error("the lock was taken")
	}
}

func TestMutexCopiedWhileWaitingIsCaught(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	m.Lock()
	a := Spawn(l, m.LockAsync())
	run(t, l)
	var moved []MutexLockFuture // it grows, and so moves what is in it
	moved = append(moved, *at(l, a))
	bad := Spawn(l, script{f: func(cx *Context, n int) Poll {
		wantMoved(t, "LockFuture", func() { moved[0].Poll(cx) })
		return Ready
	}})
	release(t, bad)
	m.Unlock()
	release(t, a) // the original is unharmed
	m.Unlock()
	wantUnused(t, &m.p)
	wantQuiet(t, l, &m.p.q)
}

func TestMutexUnlockOfUnlockedPanics(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	misuse := func(what string, f func()) {
		t.Helper()
		defer func() {
			t.Helper()
			e, ok := recover().(*PermitError)
			if !ok || e.Addr != unsafeptr.Addr(&m) || e.Op != "Mutex.Unlock" {
				t.Errorf("%s: %v", what, e)
			}
		}()
		f()
	}
	misuse("fresh", m.Unlock)
	m.Lock()
	a := Spawn(l, m.LockAsync())
	run(t, l)
	m.Unlock()
	misuse("offered", m.Unlock) // a has not taken it yet
	run(t, l)
	wantDone(t, l, a, true)
	m.Unlock()
	misuse("unlocked again", m.Unlock)
	release(t, a)
	bad := Spawn(l, script{f: func(cx *Context, n int) Poll { m.UnlockCx(cx); return Ready }})
	_, err := bad.Wait()
	if e, ok := errors.AsType[*PermitError](err); !ok {
		t.Errorf("Wait = %v, want a *PermitError within", e)
	}
	bad.Release()
	wantUnused(t, &m.p)
}

func TestMutexStaysLockedAfterItsHolderPanics(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	f := m.LockAsync()
	bad := Spawn(l, script{f: func(cx *Context, n int) Poll { f.Poll(cx); panic("holder") }})
	if _, err := bad.Wait(); err == nil {
		t.Error("no panic")
	}
	bad.Release()
	if m.TryLock() {
		t.Error("it was unlocked")
	}
}

func TestMutexLockInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	m.Lock()
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if err := m.Lock(); err != ErrBlockedPoll {
			t.Errorf("Lock = %v", err)
		}
		m.Unlock()
		if err := m.Lock(); err != nil { // there is nothing to wait for
			t.Errorf("Lock = %v", err)
		}
		return Ready
	}})
	release(t, task)
	m.Unlock()
	wantUnused(t, &m.p)
}

// TestMutexLosesNoWakeBetweenCheckAndRegistration races an Unlock with the first
// poll of a Lock: who looks first and registers then is never woken.
func TestMutexLosesNoWakeBetweenCheckAndRegistration(t *testing.T) {
	rt := newQuietRuntime(t, 1)
	for range 2000 {
		var m Mutex
		m.Lock()
		task := Spawn(rt, m.LockAsync())
		m.Unlock()
		release(t, task)
		m.Unlock()
		wantUnused(t, &m.p)
	}
}

func TestMutexLockSpendsBudget(t *testing.T) {
	l := newTestLoop(t)
	var m Mutex
	locks := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		for {
			f := m.LockAsync()
			if !f.Poll(cx) {
				return Ready // it is free, so that only the budget can be the reason
			}
			locks++
			m.UnlockCx(cx)
		}
	}})
	release(t, task)
	if locks != budgetPerPoll {
		t.Errorf("%d locks in one poll, want %d", locks, budgetPerPoll)
	}
}

// TestMutexIsNotHeldUpByATaskThatSurvivedItsAbort: its loop has ended, nobody will
// ever poll it, and it waits in front.
func TestMutexIsNotHeldUpByATaskThatSurvivedItsAbort(t *testing.T) {
	for _, offer := range []string{"before", "after"} {
		rt, err := NewRuntime(Config{Loops: 1})
		if err != nil {
			t.Fatal(err)
		}
		var m Mutex
		m.Lock()
		f := m.LockAsync()
		Spawn(rt, script{f: func(cx *Context, n int) Poll {
			if n == 1 {
				f.Poll(cx)
			} else if offer == "before" && cx.aborting {
				m.Unlock()
			}
			return Pending
		}}, Named("stubborn"))
		for len(mustTasks(t, rt, "waiting")) < 1 {
			runtime.Gosched()
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := rt.Shutdown(ctx); err == nil {
			t.Error("Shutdown did not name the stubborn task")
		}
		if offer == "after" {
			m.Unlock()
		}
		if err := m.Lock(); err != nil {
			t.Error(err)
		}
		m.Unlock()
	}
}

func TestMutexAbortWithdraws(t *testing.T) {
	for _, shielded := range []bool{false, true} {
		rt, err := NewRuntime(Config{Loops: 1})
		if err != nil {
			t.Fatal(err)
		}
		var m Mutex
		m.Lock()
		f := m.LockAsync()
		deferred := false
		Spawn(rt, script{f: func(cx *Context, n int) (p Poll) {
			defer func() { deferred = cx.aborting }()
			if cx.aborting && !shielded {
				return f.Poll(cx)
			}
			return cx.PollShielded(&f)
		}})
		for len(mustTasks(t, rt, "waiting")) < 1 {
			runtime.Gosched()
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		err = rt.Shutdown(ctx)
		cancel()
		if e, ok := errors.AsType[*ShutdownError](err); !ok || len(e.Aborted) != 1 || len(e.Leaked) != 0 {
			t.Errorf("Shutdown = %v", err)
		}
		if !deferred || f.Result() != ErrCanceled {
			t.Errorf("deferred calls ran: %v, Result = %v", deferred, f.Result())
		}
		m.Unlock()
		wantUnused(t, &m.p)
	}
}

func TestMutexDoesNotAllocateToWait(t *testing.T) {
	var m Mutex
	wantNoAllocs(t, 3, m.LockAsync, m.UnlockCx)
	wantUnused(t, &m.p)
}
