package future

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOneshotCarriesOneValue(t *testing.T) {
	l := newTestLoop(t)
	for _, sendFirst := range []bool{false, true} {
		for _, local := range []bool{false, true} {
			var o Oneshot[string]
			send := func() {
				if !local {
					if err := o.Send("v"); err != nil {
						t.Error(err)
					}
					return
				}
				release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
					if err := o.SendCx(cx, "v"); err != nil {
						t.Error(err)
					}
					return Ready
				}}))
			}
			if sendFirst {
				send()
			}
			r := Spawn(l, o.RecvAsync())
			run(t, l)
			if !sendFirst {
				wantDone(t, l, r, false)
				send()
			}
			run(t, l)
			for range 2 { // a result can be looked at again
				if v, err := at(l, r).Result(); v != "v" || err != nil {
					t.Errorf("%q, %v", v, err)
				}
			}
			release(t, r)
			if _, err := o.Recv(); err != ErrClosed {
				t.Errorf("a second Recv: %v", err)
			}
			var e *SendError[string]
			if err := o.Send("w"); !errors.As(err, &e) || e.Err != ErrSent || e.Value != "w" {
				t.Errorf("a second Send: %v", err)
			}
			if o.value != "" {
				t.Error("the value is kept")
			}
			wantQuiet(t, l, &o.q)
		}
	}
}

func TestOneshotWhoseSenderIsGone(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	a, b := Spawn(l, o.RecvAsync()), Spawn(l, o.RecvAsync())
	run(t, l)
	if _, err := o.TryRecv(); err != ErrWouldBlock {
		t.Errorf("TryRecv = %v", err)
	}
	// The sender gives up in its Drop.
	s := Spawn(l, script{f: func(*Context, int) Poll { return Ready }, drop: o.Close})
	release(t, s)
	run(t, l)
	for _, r := range []Task[OneshotRecvFuture[int]]{a, b} {
		if _, err := at(l, r).Result(); err != ErrClosed {
			t.Errorf("Recv = %v", err)
		}
		release(t, r)
	}
	if _, err := o.TryRecv(); err != ErrClosed {
		t.Errorf("TryRecv = %v", err)
	}
	if _, err := o.Recv(); err != ErrClosed {
		t.Errorf("Recv = %v", err)
	}
	wantQuiet(t, l, &o.q)
}

func TestOneshotWhoseReceiverIsGone(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll { o.CloseCx(cx); return Ready }}))
	var e *SendError[int]
	if err := o.Send(3); !errors.As(err, &e) || e.Err != ErrClosed || e.Value != 3 {
		t.Errorf("Send = %v", err)
	}
}

func TestOneshotCloseAfterSendKeepsTheValue(t *testing.T) {
	var o Oneshot[int]
	o.Send(3)
	o.Close()
	o.Close()
	if v, err := o.Recv(); v != 3 || err != nil {
		t.Errorf("Recv = %d, %v", v, err)
	}
}

// TestOneshotSecondReceiverDoesNotDropTheFirst regresses samber/mo: a second
// continuation replaced the first, which was never called.
func TestOneshotSecondReceiverDoesNotDropTheFirst(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	a, b := Spawn(l, o.RecvAsync()), Spawn(l, o.RecvAsync())
	run(t, l)
	o.Send(1)
	run(t, l)
	if v, err := at(l, a).Result(); v != 1 || err != nil {
		t.Errorf("first: %d, %v", v, err)
	}
	wantDone(t, l, b, true)
	if _, err := at(l, b).Result(); err != ErrClosed {
		t.Errorf("second: %v", err)
	}
	release(t, a)
	release(t, b)
	wantQuiet(t, l, &o.q)
}

func TestOneshotCancelledAfterItWasChosenLeavesTheValue(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	a, b := Spawn(l, o.RecvAsync()), Spawn(l, o.RecvAsync())
	run(t, l)
	o.Send(1)
	a.Cancel()
	run(t, l)
	if _, err := at(l, a).Result(); err != ErrCanceled {
		t.Errorf("a: %v", err)
	}
	if v, err := at(l, b).Result(); v != 1 || err != nil {
		t.Errorf("b: %d, %v", v, err)
	}
	release(t, a)
	release(t, b)
	// With nobody else, it stays for whoever comes.
	var p Oneshot[int]
	c := Spawn(l, p.RecvAsync())
	run(t, l)
	p.Send(2)
	c.Cancel()
	release(t, c)
	if v, err := p.TryRecv(); v != 2 || err != nil {
		t.Errorf("TryRecv = %d, %v", v, err)
	}
	wantQuiet(t, l, &o.q)
	wantQuiet(t, l, &p.q)
}

func TestOneshotFutureLock(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	ears := true
	a := Spawn(l, deaf[OneshotRecvFuture[int], *OneshotRecvFuture[int]]{f: o.RecvAsync(), ears: &ears})
	b := Spawn(l, o.RecvAsync())
	run(t, l)
	ears = false
	o.Send(1)
	run(t, l)
	if v, err := at(l, b).Result(); v != 1 || err != nil {
		t.Errorf("b: %d, %v", v, err)
	}
	ears = true
	a.w.Wake()
	release(t, a)
	release(t, b)
	wantQuiet(t, l, &o.q)
}

func TestOneshotRecvCopiedIsCaught(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	a := Spawn(l, o.RecvAsync())
	run(t, l)
	moved := *at(l, a)
	release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
		wantMoved(t, "waiting", func() { moved.Poll(cx) })
		return Ready
	}}))
	o.Send(1)
	release(t, a)
	wantQuiet(t, l, &o.q)
}

// TestOneshotOneOfManyHasTheValue among receivers and senders on two loops and on
// goroutines, some cancelled.
func TestOneshotOneOfManyHasTheValue(t *testing.T) {
	rt := newQuietRuntime(t, 2)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var o Oneshot[int]
		var got, sent atomic.Int32
		var tasks []Task[OneshotRecvFuture[int]]
		for range 4 {
			tasks = append(tasks, Spawn(rt, o.RecvAsync()))
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if v, err := o.Recv(); err == nil && v > 0 {
				got.Add(1)
			} else if err != ErrClosed {
				t.Errorf("Recv = %d, %v", v, err)
			}
		})
		for i := range 2 {
			wg.Go(func() {
				if o.Send(i+1) == nil {
					sent.Add(1)
				}
			})
		}
		for _, task := range tasks {
			if rng.IntN(3) == 0 {
				task.Cancel()
			}
		}
		wg.Wait()
		for _, task := range tasks {
			f, err := task.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if v, err := f.Result(); err == nil && v > 0 {
				got.Add(1)
			} else if err != ErrClosed && err != ErrCanceled {
				t.Errorf("Recv = %d, %v", v, err)
			}
			task.Release()
		}
		if sent.Load() != 1 || got.Load() != 1 {
			t.Fatalf("sent %d times, received %d times", sent.Load(), got.Load())
		}
	}
}

func TestOneshotLosesNoWakeBetweenCheckAndRegistration(t *testing.T) {
	rt := newQuietRuntime(t, 1)
	for i := range 1000 {
		var o Oneshot[int]
		r := Spawn(rt, o.RecvAsync())
		if i%2 == 0 {
			o.Send(i)
		} else {
			o.Close()
		}
		release(t, r)
	}
}

func TestOneshotInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
		if _, err := o.Recv(); err != ErrBlockedPoll {
			t.Errorf("Recv = %v", err)
		}
		return Ready
	}}))
}

func TestOneshotDoesNotAllocateToWait(t *testing.T) {
	l := newTestLoop(t)
	var o Oneshot[int]
	r, w := o.RecvAsync(), o.RecvAsync()
	var n float64
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		n = testing.AllocsPerRun(1, func() {
			w.Poll(cx)
			r.Poll(cx)
		})
		if o.q.head == nil || o.q.head == o.q.tail {
			t.Error("they do not wait")
		}
		o.SendCx(cx, 1)
		return w.Poll(cx) && r.Poll(cx)
	}})
	run(t, l)
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
	release(t, task)
	wantQuiet(t, l, &o.q)
}
