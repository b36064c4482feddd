package future

import (
	"testing"
)

// TestChanQueuedFlagDoesNotSwallowAWake regresses futures-rs 1006: a task that is
// woken while it is being polled, after the future concerned was.
func TestChanQueuedFlagDoesNotSwallowAWake(t *testing.T) {
	for _, how := range []string{"Cx", "signal", "goroutine"} {
		for _, inSet := range []bool{false, true} {
			l := newTestLoop(t)
			c := NewChan[int](1)
			f := c.RecvAsync()
			body := script{f: func(cx *Context, n int) Poll {
				if f.Poll(cx) {
					return Ready
				}
				if n == 1 {
					switch how {
					case "Cx":
						c.TrySendCx(cx, 1)
					case "signal":
						c.TrySend(1)
					case "goroutine":
						done := make(chan struct{})
						go func() { c.TrySend(1); close(done) }()
						<-done
					}
				}
				return Pending
			}}
			if inSet {
				task := Spawn(l, All(body, script{f: func(cx *Context, n int) Poll { return Poll(n == 1) }}))
				run(t, l)
				wantDone(t, l, task, true)
				release(t, task)
			} else {
				task := Spawn(l, body)
				run(t, l)
				wantDone(t, l, task, true)
				release(t, task)
			}
			if v, err := f.Result(); v != 1 || err != nil {
				t.Errorf("%s: %d, %v", how, v, err)
			}
			wantQuiet(t, l, &c.q)
		}
	}
}

// TestChanStaleWakerIsNotKeptAfterAMoveToAnotherTask: sender and receiver futures on
// the heap, polled by one task and then by another.
func TestChanStaleWakerIsNotKeptAfterAMoveToAnotherTask(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	for _, sends := range []bool{false, true} {
		var f Future
		if sends {
			g := c.SendAsync(1)
			f = &g
		} else {
			g := c.RecvAsync()
			f = &g
		}
		mine := 1
		holder := func(me int) script {
			return script{f: func(cx *Context, n int) Poll {
				if mine == me {
					return f.Poll(cx)
				}
				return Poll(mine > me)
			}}
		}
		a, b := Spawn(l, holder(1)), Spawn(l, holder(2))
		run(t, l)
		mine = 2
		b.w.Wake()
		run(t, l)
		if l.lookup(a.w).holds != 0 || l.lookup(b.w).holds != 1 {
			t.Error("the first task's frame is held, or the second's is not")
		}
		a.w.Wake()
		release(t, a) // its memory is gone
		if sends {
			if v, err := c.TryRecv(); v != 1 || err != nil {
				t.Errorf("TryRecv = %d, %v", v, err)
			}
		} else {
			s := Spawn(l, c.SendAsync(2))
			release(t, s)
		}
		run(t, l)
		wantDone(t, l, b, true)
		release(t, b)
	}
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

func TestChanSecondReceiverDoesNotDropTheFirst(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](4)
	a, b := Spawn(l, c.RecvAsync()), Spawn(l, c.RecvAsync())
	run(t, l)
	c.TrySend(1)
	c.TrySend(2)
	run(t, l)
	for i, r := range []Task[ChanRecvFuture[int]]{a, b} {
		wantDone(t, l, r, true)
		if v, _ := at(l, r).Result(); v != i+1 {
			t.Errorf("receiver %d has %d", i, v)
		}
		release(t, r)
	}
}

// TestChanLosesNoWakeBetweenCheckAndRegistration races a send with the first poll of
// a receive on another loop.
func TestChanLosesNoWakeBetweenCheckAndRegistration(t *testing.T) {
	rt := newQuietRuntime(t, 2)
	for i := range 1000 {
		c := NewChan[int](i % 2)
		r := Spawn(rt.Loop(0), c.RecvAsync())
		s := Spawn(rt.Loop(1), c.SendAsync(i))
		f, err := r.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if v, err := f.Result(); v != i || err != nil {
			t.Fatalf("%d, %v", v, err)
		}
		release(t, s)
		r.Release()
	}
}

func TestChanFuturesCopiedWhileWaitingAreCaught(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	expect := func(what string, f Future) {
		t.Helper()
		bad := Spawn(l, script{f: func(cx *Context, _ int) Poll {
			wantMoved(t, what, func() { f.Poll(cx) })
			return Ready
		}})
		release(t, bad)
	}
	r := Spawn(l, c.RecvAsync())
	run(t, l)
	moved := map[string]ChanRecvFuture[int]{"r": *at(l, r)}
	unboxed := moved["r"]
	expect("receiver in a map", &unboxed)
	c.Close()
	release(t, r)

	c = NewChan[int](0)
	s1, s2 := Spawn(l, c.SendAsync(1)), Spawn(l, c.SendAsync(2))
	run(t, l)
	copy1, copy2 := *at(l, s1), *at(l, s2)
	expect("first sender", &copy1)
	expect("second sender", &copy2)
	if v, err := c.TryRecv(); v != 1 || err != nil {
		t.Errorf("TryRecv = %d, %v", v, err)
	}
	expect("sender whose original has sent", &copy1)
	if v, err := c.TryRecv(); v != 2 || err != nil {
		t.Errorf("TryRecv = %d, %v", v, err)
	}
	release(t, s1)
	release(t, s2)
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

// TestChanSenderThatPanicsLeavesTheListWhole: the value stays on offer, and those
// behind it are served.
func TestChanSenderThatPanicsLeavesTheListWhole(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	f := c.SendAsync(1)
	bad := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 2 {
			panic("sender")
		}
		return f.Poll(cx)
	}})
	good := Spawn(l, c.SendAsync(2))
	run(t, l)
	bad.w.Wake()
	if _, err := bad.Wait(); err == nil {
		t.Error("no panic")
	}
	bad.Release()
	for i := range 2 {
		if v, err := c.Recv(); v != i+1 || err != nil {
			t.Errorf("Recv = %d, %v", v, err)
		}
	}
	release(t, good)
	l.leaked = 0 // bad's frame, rightly
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

func TestChanDoesNotAllocateToWait(t *testing.T) {
	for _, capacity := range []int{0, 1} {
		l := newTestLoop(t)
		ping, pong := NewChan[int](capacity), NewChan[int](capacity)
		count := 0
		a := Spawn(l, volley{in: ping, out: pong, count: &count})
		b := Spawn(l, volley{in: pong, out: ping, count: &count, serves: true})
		for range 20 {
			l.Step()
		}
		before := count
		if n := testing.AllocsPerRun(100, func() { l.Step() }); n != 0 {
			t.Errorf("cap %d: %v allocations", capacity, n)
		}
		if count == before {
			t.Error("nothing happened")
		}
		ping.Close()
		pong.Close()
		release(t, a)
		release(t, b)
		wantQuiet(t, l, &ping.q)
		wantQuiet(t, l, &pong.q)
	}
}

// volley receives from in and sends on to out, until one is closed.
type volley struct {
	in, out *Chan[int]
	count   *int
	serves  bool
	begun   bool
	r       ChanRecvFuture[int]
	s       ChanSendFuture[int]
}

func (x *volley) Poll(cx *Context) Poll {
	for {
		if x.serves {
			if !x.begun {
				x.s, x.begun = x.out.SendAsync(*x.count), true
			}
			if !x.s.Poll(cx) {
				return Pending
			}
			if x.s.Result() != nil {
				return Ready
			}
		} else {
			if !x.begun {
				x.r, x.begun = x.in.RecvAsync(), true
			}
			if !x.r.Poll(cx) {
				return Pending
			}
			if _, err := x.r.Result(); err != nil {
				return Ready
			}
			*x.count++
		}
		x.serves, x.begun = !x.serves, false
	}
}
