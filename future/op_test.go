package future

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

// operation is one that would wait.
type operation struct {
	name    string
	f       Future
	err     func() error
	satisfy func(cx *Context) // lets it complete
	again   func() Future     // a like one
	queue   func() *waiter    // the first in line
}

// operations returns one of every kind.
func operations(t *testing.T) []operation {
	var m Mutex
	m.Lock()
	lock := m.LockAsync()

	var rw RWMutex
	rw.Lock()
	rlock := rw.RLockAsync()
	var rw2 RWMutex
	rw2.RLock()
	wlock := rw2.LockAsync()

	s := NewSemaphore(2)
	s.Acquire(1)
	acquire := s.AcquireAsync(2)

	var n Notify
	wait := n.WaitAsync()

	recvs, sends := NewChan[int](0), NewChan[int](0)
	recv, send := recvs.RecvAsync(), sends.SendAsync(1)
	full := NewChan[int](1)
	full.TrySend(0)
	sendFull := full.SendAsync(1)
	buffered := NewChan[int](1)
	recvBuffered := buffered.RecvAsync()
	t.Cleanup(recvs.Close)
	feed := func(*Context) {
		var sent atomic.Bool
		go func() {
			recvs.Send(1)
			sent.Store(true)
		}()
		for offered := false; !offered && !sent.Load(); runtime.Gosched() {
			recvs.mu.Lock()
			offered = recvs.senders.n > 0
			recvs.mu.Unlock()
		}
	}

	var o Oneshot[int]
	once := o.RecvAsync()

	b := NewBroadcast[int](1)
	r := b.Subscribe()
	hear := r.RecvAsync()

	w := NewWatch(0)
	ww := w.Subscribe()
	changed := ww.ChangedAsync()

	return []operation{
		{"Mutex.Lock", &lock, lock.Result, m.UnlockCx, func() Future { f := m.LockAsync(); return &f }, func() *waiter { return m.p.q.head }},
		{"RWMutex.RLock", &rlock, rlock.Result, rw.UnlockCx, func() Future { f := rw.RLockAsync(); return &f }, func() *waiter { return rw.p.q.head }},
		{"RWMutex.Lock", &wlock, wlock.Result, rw2.RUnlockCx, func() Future { f := rw2.LockAsync(); return &f }, func() *waiter { return rw2.p.q.head }},
		{"Semaphore.Acquire", &acquire, acquire.Result, func(cx *Context) { s.ReleaseCx(cx, 1) }, func() Future { f := s.AcquireAsync(2); return &f }, func() *waiter { return s.p.q.head }},
		{"Notify.Wait by one", &wait, wait.Result, n.NotifyOneCx, func() Future { f := n.WaitAsync(); return &f }, func() *waiter { return n.q.head }},
		{"Chan.Recv rendezvous", &recv, func() error { _, err := recv.Result(); return err }, feed, func() Future { f := recvs.RecvAsync(); return &f }, func() *waiter { return recvs.q.head }},
		{"Chan.Recv", &recvBuffered, func() error { _, err := recvBuffered.Result(); return err }, func(cx *Context) { buffered.TrySendCx(cx, 1) }, func() Future { f := buffered.RecvAsync(); return &f }, func() *waiter { return buffered.q.head }},
		{"Chan.Send rendezvous", &send, send.Result, func(cx *Context) { sends.TryRecvCx(cx) }, func() Future { f := sends.SendAsync(1); return &f }, nil},
		{"Chan.Send", &sendFull, sendFull.Result, func(cx *Context) { full.TryRecvCx(cx) }, func() Future { f := full.SendAsync(1); return &f }, nil},
		{"Oneshot.Recv", &once, func() error { _, err := once.Result(); return err }, func(cx *Context) { o.SendCx(cx, 1) }, func() Future { f := o.RecvAsync(); return &f }, func() *waiter { return o.q.head }},
		{"Broadcast.Recv", &hear, func() error { _, err := hear.Result(); return err }, func(cx *Context) { b.SendCx(cx, 1) }, func() Future { f := r.RecvAsync(); return &f }, func() *waiter { return b.q.head }},
		{"Watch.Changed", &changed, changed.Result, func(cx *Context) { w.SetCx(cx, 1) }, func() Future { f := ww.ChangedAsync(); return &f }, func() *waiter { return w.q.head }},
	}
}

// inPolls runs f in a task's polls.
func inPolls(t *testing.T, f func(cx *Context, n int) Poll) {
	t.Helper()
	l := newTestLoop(t)
	task := Spawn(l, script{f: f})
	run(t, l)
	wantDone(t, l, task, true)
	release(t, task)
	if l.leaked != 0 || l.own.grants.n != 0 {
		t.Errorf("%d frames leaked, %d waiters have not answered", l.leaked, l.own.grants.n)
	}
}

func TestOperationsWaitUntilSatisfied(t *testing.T) {
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			inPolls(t, func(cx *Context, n int) Poll {
				if n > 1 {
					return op.f.Poll(cx)
				}
				for range 3 { // spurious polls
					if op.f.Poll(cx) {
						t.Error("it does not wait")
					}
				}
				op.satisfy(cx)
				return Pending
			})
			if err := op.err(); err != nil {
				t.Errorf("Result = %v", err)
			}
		})
	}
}

func TestOperationsPolledAfterReadyStayReady(t *testing.T) {
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			inPolls(t, func(cx *Context, n int) Poll {
				op.f.Poll(cx)
				op.satisfy(cx)
				for i := range 3 {
					if !op.f.Poll(cx) {
						t.Errorf("poll %d: Pending", i)
					}
				}
				return Ready
			})
		})
	}
}

func TestOperationsBegunInACancelledPartAreRefusedAndCostBudget(t *testing.T) {
	for _, how := range []string{"PollCanceled", "Cancel"} {
		for _, op := range operations(t) {
			t.Run(how+"/"+op.name, func(t *testing.T) {
				inPolls(t, func(cx *Context, n int) Poll {
					if n == 1 {
						op.satisfy(cx) // so that it could be had
						cx.budget = 0
					}
					p := Pending
					if how == "Cancel" {
						op.f.(Canceler).Cancel()
						p = op.f.Poll(cx)
					} else {
						p = cx.PollCanceled(op.f)
					}
					if p != (n == 2) {
						t.Errorf("poll %d: %v", n, p)
					}
					return p
				})
				if err := op.err(); !errors.Is(err, ErrCanceled) {
					t.Errorf("Result = %v", err)
				}
			})
		}
	}
}

func TestOperationsCancelledWhileTheyWaitWithdraw(t *testing.T) {
	for _, how := range []string{"PollCanceled", "Cancel"} {
		for _, op := range operations(t) {
			t.Run(how+"/"+op.name, func(t *testing.T) {
				inPolls(t, func(cx *Context, n int) Poll {
					op.f.Poll(cx)
					p := Pending
					if how == "Cancel" {
						op.f.(Canceler).Cancel()
						p = op.f.Poll(cx)
					} else {
						p = cx.PollCanceled(op.f)
					}
					if p != Ready {
						t.Error("Pending")
					}
					// It has left the line to the next.
					next := op.again()
					next.Poll(cx)
					op.satisfy(cx)
					if next.Poll(cx) != Ready {
						t.Error("it is in the way of the next")
					}
					return Ready
				})
				if err := op.err(); !errors.Is(err, ErrCanceled) {
					t.Errorf("Result = %v", err)
				}
			})
		}
	}
}

func TestOperationsThatCompleteAtOnceCostBudget(t *testing.T) {
	for _, op := range operations(t) {
		if op.name == "Chan.Send rendezvous" {
			continue // it never completes at once
		}
		t.Run(op.name, func(t *testing.T) {
			inPolls(t, func(cx *Context, n int) Poll {
				if n == 1 {
					op.satisfy(cx)
					cx.budget = 0
					if op.f.Poll(cx) {
						t.Error("Ready without budget")
					}
					return Pending // it has woken the task
				}
				before := cx.budget
				p := op.f.Poll(cx)
				if p == Ready && cx.budget != before-1 {
					t.Errorf("it cost %d", before-cx.budget)
				}
				return p
			})
		})
	}
}

func TestOperationsWithdrawInAnAbort(t *testing.T) {
	for _, shielded := range []bool{false, true} {
		for _, op := range operations(t) {
			t.Run(op.name, func(t *testing.T) {
				l, err := NewLoop(Config{})
				if err != nil {
					t.Fatal(err)
				}
				deferred := 0
				Spawn(l, script{f: func(cx *Context, n int) Poll {
					defer func() {
						if cx.aborting {
							deferred++
						}
					}()
					if cx.aborting && !shielded {
						return op.f.Poll(cx)
					}
					return cx.PollShielded(op.f)
				}})
				run(t, l)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				err = l.Shutdown(ctx)
				e, ok := errors.AsType[*ShutdownError](err)
				if !ok || len(e.Aborted) != 1 || len(e.Leaked) != 0 || deferred != 1 {
					t.Errorf("Shutdown = %v; %d deferred calls", err, deferred)
				}
				if err := op.err(); !errors.Is(err, ErrCanceled) {
					t.Errorf("Result = %v", err)
				}
				if op.queue != nil && op.queue() != nil {
					t.Error("it is still in line")
				}
				if l.leaked != 0 {
					t.Errorf("%d frames leaked", l.leaked)
				}
			})
		}
	}
}

func TestOperationsDoNotAllocateToWait(t *testing.T) {
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			inPolls(t, func(cx *Context, n int) Poll {
				// The first run, which is not counted, waits and renews; the rest
				// renew only: a future that has waited once is not fresh again.
				if a := testing.AllocsPerRun(10, func() { op.f.Poll(cx) }); a != 0 {
					t.Errorf("%v allocations", a)
				}
				more := make([]Future, 8)
				for i := range more {
					more[i] = op.again()
				}
				i := 0
				if a := testing.AllocsPerRun(len(more)-1, func() { more[i].Poll(cx); i++ }); a != 0 {
					t.Errorf("%v allocations for a first wait", a)
				}
				for _, f := range more {
					cx.PollCanceled(f)
				}
				cx.PollCanceled(op.f)
				return Ready
			})
		})
	}
}

// TestOperationsUnderAllAreWokenOneByOne: each child has a waker of its own.
func TestOperationsUnderAllAreWokenOneByOne(t *testing.T) {
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			l := newTestLoop(t)
			idle := 0
			other := NewChan[int](0)
			otherRecv := other.RecvAsync()
			task := Spawn(l, All(boxed{op.f}, boxed{&script{f: func(cx *Context, n int) Poll {
				idle++
				return otherRecv.Poll(cx)
			}}}))
			run(t, l)
			release(t, Spawn(l, script{f: func(cx *Context, n int) Poll { op.satisfy(cx); return Ready }}))
			run(t, l)
			if op.err() != nil || idle != 1 {
				t.Errorf("Result = %v; its sibling was polled %d times", op.err(), idle)
			}
			other.Close()
			release(t, task)
		})
	}
}

// TestOperationsOnABlockedGoroutine: each is satisfied from elsewhere while its
// goroutine sleeps in Block.
func TestOperationsOnABlockedGoroutine(t *testing.T) {
	rt := newQuietRuntime(t, 1)
	for _, op := range operations(t) {
		t.Run(op.name, func(t *testing.T) {
			done := make(chan error)
			polled := make(chan struct{}, 8)
			go func() {
				done <- Block(&script{f: func(cx *Context, n int) Poll {
					p := op.f.Poll(cx)
					polled <- struct{}{}
					return p
				}})
			}()
			<-polled
			release(t, Spawn(rt, script{f: func(cx *Context, n int) Poll { op.satisfy(cx); return Ready }}))
			if err := <-done; err != nil || op.err() != nil {
				t.Errorf("Block = %v, Result = %v", err, op.err())
			}
		})
	}
}

// TestBlockedPollThatGotItAfterAll: inside a poll a blocking call may find at its
// last look that it has what it wanted; then it must not say that it has not.
func TestBlockedPollThatGotItAfterAll(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	stop := make(chan struct{})
	taken := 0
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := c.TryRecv(); err == nil {
				taken++
			}
		}
	}()
	sent := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		for range 1000 {
			switch err := c.Send(1); {
			case err == nil:
				sent++
			case !errors.Is(err, ErrBlockedPoll):
				t.Errorf("Send = %v", err)
			}
		}
		return Ready
	}})
	release(t, task)
	close(stop)
	<-gone
	if sent != taken {
		t.Errorf("%d sent, %d taken", sent, taken)
	}
	wantChanUnused(t, c)
}
