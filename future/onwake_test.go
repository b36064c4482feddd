package future

import (
	"runtime"
	"testing"
	"time"
)

// A host's OnWake may use the very primitive whose waiter was woken, and may even step the
// loop there: it was called with the primitive's mutex held, and waited for itself.
func TestOnWakeMayUseThePrimitiveAndStepTheLoop(t *testing.T) {
	var (
		mutex   Mutex
		rw      RWMutex
		sem     = NewSemaphore(1)
		one     Notify
		all     Notify
		ready   = NewChan[int](1)
		ended   = NewChan[int](1)
		full    = NewChan[int](0)
		shut    = NewChan[int](0)
		once    Oneshot[int]
		never   Oneshot[int]
		cast    = NewBroadcast[int](1)
		off     = NewBroadcast[int](1)
		watch   = NewWatch(0)
		settled = NewWatch(0)
	)
	mutex.Lock()
	rw.Lock()
	sem.TryAcquire(1)
	for _, c := range []struct {
		name string
		wait func(l *Loop)
		tell func()
		use  func()
	}{
		{"Mutex.Unlock", func(l *Loop) { Go(l, mutex.LockAsync()) }, mutex.Unlock, func() { mutex.TryLock() }},
		{"RWMutex.Unlock", func(l *Loop) { Go(l, rw.RLockAsync()) }, rw.Unlock, func() { rw.TryLock() }},
		{"Semaphore.Release", func(l *Loop) { Go(l, sem.AcquireAsync(1)) }, func() { sem.Release(1) }, func() { sem.TryAcquire(1) }},
		{"Notify.NotifyOne", func(l *Loop) { Go(l, one.WaitAsync()) }, one.NotifyOne, one.NotifyAll},
		{"Notify.NotifyAll", func(l *Loop) { Go(l, all.WaitAsync()); Go(l, all.WaitAsync()) }, all.NotifyAll, all.NotifyAll},
		{"Chan.TrySend", func(l *Loop) { Go(l, ready.RecvAsync()) }, func() { ready.TrySend(1) }, func() { ready.Len() }},
		{"Chan.Close", func(l *Loop) { Go(l, ended.RecvAsync()) }, ended.Close, ended.Close},
		{"Chan.TryRecv", func(l *Loop) { Go(l, full.SendAsync(1)) }, func() { full.TryRecv() }, func() { full.TryRecv() }},
		{"Chan.Close with a sender", func(l *Loop) { Go(l, shut.SendAsync(1)) }, shut.Close, func() { shut.TryRecv() }},
		{"Oneshot.Send", func(l *Loop) { Go(l, once.RecvAsync()) }, func() { once.Send(1) }, func() { once.TryRecv() }},
		{"Oneshot.Close", func(l *Loop) { Go(l, never.RecvAsync()) }, never.Close, func() { never.TryRecv() }},
		{"Broadcast.Send", func(l *Loop) { Go(l, cast.Subscribe().RecvAsync()) }, func() { cast.Send(1) }, func() { cast.Subscribe() }},
		{"Broadcast.Close", func(l *Loop) { Go(l, off.Subscribe().RecvAsync()) }, off.Close, func() { off.Send(1) }},
		{"Watch.Set", func(l *Loop) { Go(l, watch.Subscribe().ChangedAsync()) }, func() { watch.Set(1) }, func() { watch.Get() }},
		{"Watch.Close", func(l *Loop) { Go(l, settled.Subscribe().ChangedAsync()) }, settled.Close, func() { settled.Get() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := NewLoop(Config{})
			if err != nil {
				t.Fatal(err)
			}
			c.wait(l)
			idle(t, l)
			calls := 0
			l.OnWake(func() {
				calls++
				c.use()
				if err := l.RunUntilIdle(); err != nil {
					t.Error(err)
				}
				c.use()
			})
			inTime(t, c.tell)
			if calls != 1 || l.live != 0 {
				t.Errorf("OnWake was called %d times, want 1, and %d tasks still wait", calls, l.live)
			}
			if err := l.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A turn that lapses on one loop goes to a waiter on another, which is told by the goroutine
// of the first, also with the mutex held.
func TestOnWakeMayUseThePrimitiveWhoseTurnLapsed(t *testing.T) {
	var m Mutex
	a, b := newTestLoop(t), newTestLoop(t)
	m.Lock()
	var lock MutexLockFuture
	deaf := Spawn(a, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			lock = m.LockAsync()
		}
		if n == 1 || cx.Canceled() {
			return lock.Poll(cx)
		}
		return Pending // it is chosen, and polls something else
	}})
	idle(t, a)
	next := Spawn(b, m.LockAsync())
	idle(t, b)
	b.OnWake(func() {
		if m.TryLock() {
			t.Error("TryLock has overtaken the one in line")
		}
		if err := b.RunUntilIdle(); err != nil {
			t.Error(err)
		}
	})
	m.Unlock()
	inTime(t, func() { a.RunUntilIdle() })
	if !isDone(b, next) {
		t.Error("the lock has gone to nobody")
	}
	next.Release()
	deaf.Cancel()
	deaf.Release()
	m.Unlock()
	idle(t, a)
}

// Whoever is told first may panic: the others are told all the same, and the mutex is free.
func TestOnWakeThatPanicsKeepsNobodyFromBeingTold(t *testing.T) {
	var n Notify
	var told [3]int
	for i := range told {
		l := newTestLoop(t)
		Go(l, n.WaitAsync())
		idle(t, l)
		l.OnWake(func() {
			told[i]++
			panic(i)
		})
		t.Cleanup(func() { l.OnWake(func() {}); run(t, l) })
	}
	inTime(t, func() {
		if v := panicOf(n.NotifyAll); v == nil {
			t.Error("the panic has vanished")
		}
	})
	if told != [3]int{1, 1, 1} {
		t.Errorf("the loops were told %v times, want once each", told)
	}
	inTime(t, n.NotifyOne)
}

// Two goroutines may find the same loop at rest, through different primitives: whichever of them
// tells it, it is told after both wakes.
func TestLoopThatTwoHaveToRouseIsToldAfterBothWakes(t *testing.T) {
	l := newTestLoop(t)
	var n [2]Notify
	rounds := [2]int{}
	for i := range n {
		var wait NotifyWaitFuture
		Go(l, script{f: func(cx *Context, polls int) Poll {
			for polls == 1 || wait.Poll(cx) == Ready {
				if cx.Canceled() {
					return Ready
				}
				if polls > 1 {
					rounds[i]++
				}
				polls, wait = 2, n[i].WaitAsync()
			}
			return Pending
		}})
	}
	idle(t, l)
	rouse := make(chan struct{}, 1)
	l.OnWake(func() { notify(rouse) })
	const all = 2000
	done := make(chan struct{})
	for i := range n {
		go func() {
			for range all {
				n[i].NotifyOne()
				runtime.Gosched()
			}
			done <- struct{}{}
		}()
	}
	for left := 2; left > 0; {
		select {
		case <-done:
			left--
		case <-rouse:
			run(t, l)
		case <-time.After(20 * time.Second):
			t.Fatal("nobody has told the loop")
		}
	}
	select {
	case <-rouse:
		run(t, l)
	default:
	}
	for i := range n {
		if n[i].q.resting != nil || n[i].one != 0 {
			t.Errorf("notification %d is left, and %v is to be roused", n[i].one, n[i].q.resting)
		}
	}
	if l.own.listed.Load() {
		t.Error("the loop is on a list that nobody works off")
	}
}

// inTime calls f on another goroutine and fails the test if it does not return.
func inTime(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		all := make([]byte, 1<<16)
		t.Fatalf("it does not return:\n%s", all[:runtime.Stack(all, true)])
	}
}
