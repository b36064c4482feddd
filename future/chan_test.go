package future

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func wantChanUnused[T any](tb testing.TB, c *Chan[T]) {
	tb.Helper()
	if c.q.head != nil || c.q.promised != 0 || c.senders.head != nil || c.senders.tail != nil || c.senders.n != 0 || c.n != 0 {
		tb.Errorf("left with receiver %p, %d promised, %d senders, %d values", c.q.head, c.q.promised, c.senders.n, c.n)
	}
}

// TestChanRendezvousKeepsTheValueWithItsSender until a receiver that is polled has
// taken it.
func TestChanRendezvousKeepsTheValueWithItsSender(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[string](0)
	ears := true
	r := Spawn(l, deaf[ChanRecvFuture[string], *ChanRecvFuture[string]]{f: c.RecvAsync(), ears: &ears})
	run(t, l)
	ears = false
	s := Spawn(l, c.SendAsync("parcel"))
	run(t, l)
	wantDone(t, l, s, false)
	if at(l, s).s.value != "parcel" || c.Len() != 0 || c.Cap() != 0 {
		t.Error("the value has left its sender")
	}
	if err := c.TrySend("another"); err != ErrWouldBlock {
		t.Errorf("TrySend = %v", err)
	}
	s.Cancel()
	run(t, l)
	var e *SendError[string]
	if err := at(l, s).Result(); !errors.As(err, &e) || e.Value != "parcel" || !errors.Is(err, ErrCanceled) {
		t.Errorf("Result = %v", err)
	}
	ears = true
	r.w.Wake()
	run(t, l)
	wantDone(t, l, r, false)
	again := Spawn(l, c.SendAsync("again"))
	run(t, l)
	if v, err := at(l, r).f.Result(); v != "again" || err != nil {
		t.Errorf("Recv = %q, %v", v, err)
	}
	release(t, r)
	release(t, s)
	release(t, again)
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

func TestChanFutureLock(t *testing.T) {
	for _, capacity := range []int{0, 2} {
		l := newTestLoop(t)
		c := NewChan[int](capacity)
		ears := true
		a := Spawn(l, deaf[ChanRecvFuture[int], *ChanRecvFuture[int]]{f: c.RecvAsync(), ears: &ears})
		b := Spawn(l, c.RecvAsync())
		run(t, l)
		ears = false
		s := Spawn(l, c.SendAsync(1))
		run(t, l)
		if v, err := at(l, b).Result(); v != 1 || err != nil {
			t.Fatalf("cap %d: the second receiver has %d, %v", capacity, v, err)
		}
		// With nobody else in line, anybody may have the value.
		s2 := Spawn(l, c.SendAsync(2))
		run(t, l)
		if v, err := c.TryRecv(); v != 2 || err != nil {
			t.Errorf("cap %d: TryRecv = %d, %v", capacity, v, err)
		}
		// And a sender that nobody polls does not keep its value.
		if capacity == 0 {
			mute := true
			s3 := Spawn(l, deaf[ChanSendFuture[int], *ChanSendFuture[int]]{f: c.SendAsync(3), ears: &mute})
			run(t, l)
			mute = false
			if v, err := c.Recv(); v != 3 || err != nil {
				t.Errorf("Recv = %d, %v", v, err)
			}
			run(t, l)
			mute = true
			s3.w.Wake()
			release(t, s3)
		}
		ears = true
		a.w.Wake()
		run(t, l)
		s4 := Spawn(l, c.SendAsync(4))
		run(t, l)
		if v, err := at(l, a).f.Result(); v != 4 || err != nil {
			t.Errorf("cap %d: Recv = %d, %v", capacity, v, err)
		}
		for _, s := range []Task[ChanSendFuture[int]]{s, s2, s4} {
			release(t, s)
		}
		release(t, a)
		release(t, b)
		wantChanUnused(t, c)
		wantQuiet(t, l, &c.q)
	}
}

func TestChanReceiverCancelledAfterItWasChosenLeavesTheValue(t *testing.T) {
	for _, capacity := range []int{0, 1} {
		l := newTestLoop(t)
		c := NewChan[int](capacity)
		a, b := Spawn(l, c.RecvAsync()), Spawn(l, c.RecvAsync())
		run(t, l)
		s := Spawn(l, c.SendAsync(7))
		// The sender's poll chooses a; the cancel comes before a's.
		for c.q.promised == 0 {
			l.batch(1)
		}
		a.Cancel()
		run(t, l)
		if v, err := at(l, a).Result(); v != 0 || err != ErrCanceled {
			t.Errorf("a: %d, %v", v, err)
		}
		if v, err := at(l, b).Result(); v != 7 || err != nil {
			t.Errorf("b: %d, %v", v, err)
		}
		release(t, a)
		release(t, b)
		release(t, s)
		wantChanUnused(t, c)
		wantQuiet(t, l, &c.q)
	}
}

func TestChanSenderCancelledAfterItsValueWasTakenHasSentIt(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	s := Spawn(l, c.SendAsync(7))
	run(t, l)
	if v, err := c.TryRecv(); v != 7 || err != nil {
		t.Errorf("TryRecv = %d, %v", v, err)
	}
	s.Cancel()
	run(t, l)
	if err := at(l, s).Result(); err != nil {
		t.Errorf("Result = %v", err)
	}
	release(t, s)
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

// TestChanReceiverChosenForAValueThatWasTakenBackKeepsItsPlace in front of who came
// later.
func TestChanReceiverChosenForAValueThatWasTakenBackKeepsItsPlace(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	a, b := Spawn(l, c.RecvAsync()), Spawn(l, c.RecvAsync())
	run(t, l)
	s := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		f := c.SendAsync(1)
		f.Poll(cx)
		if c.q.promised != 1 {
			t.Error("no receiver was chosen")
		}
		f.Cancel()
		return f.Poll(cx) // a is polled later
	}})
	run(t, l)
	wantDone(t, l, s, true)
	wantDone(t, l, a, false)
	s2 := Spawn(l, c.SendAsync(2))
	run(t, l)
	if v, err := at(l, a).Result(); v != 2 || err != nil {
		t.Errorf("a: %d, %v", v, err)
	}
	wantDone(t, l, b, false)
	c.Close()
	release(t, a)
	release(t, b)
	release(t, s)
	release(t, s2)
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

func TestChanCloseHandsBackAndDrains(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](2)
	var sends []Task[ChanSendFuture[int]]
	for i := range 4 {
		sends = append(sends, Spawn(l, c.SendAsync(i)))
	}
	run(t, l)
	closer := Spawn(l, script{f: func(cx *Context, _ int) Poll { c.CloseCx(cx); return Ready }})
	release(t, closer)
	c.Close()
	run(t, l)
	for i, s := range sends {
		err := at(l, s).Result()
		var e *SendError[int]
		switch {
		case i < 2 && err != nil:
			t.Errorf("send %d: %v", i, err)
		case i >= 2 && (!errors.As(err, &e) || e.Value != i || e.Err != ErrClosed):
			t.Errorf("send %d: %v", i, err)
		}
		release(t, s)
	}
	var e *SendError[int]
	if err := c.Send(9); !errors.As(err, &e) || e.Value != 9 || e.Err != ErrClosed || !strings.Contains(err.Error(), "handed back") {
		t.Errorf("Send = %v", err)
	}
	if err := c.TrySend(9); err != ErrClosed {
		t.Errorf("TrySend = %v", err)
	}
	for i := range 2 {
		if v, err := c.TryRecv(); v != i || err != nil {
			t.Errorf("TryRecv = %d, %v", v, err)
		}
	}
	if _, err := c.TryRecv(); err != ErrClosed {
		t.Errorf("TryRecv = %v", err)
	}
	if _, err := c.Recv(); err != ErrClosed {
		t.Errorf("Recv = %v", err)
	}
	late := Spawn(l, c.SendAsync(5))
	run(t, l)
	if err := at(l, late).Result(); !errors.Is(err, ErrClosed) {
		t.Errorf("Send = %v", err)
	}
	release(t, late)
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

// TestChanCloseTellsReceiversBehindTheLastValue: three receivers, two values, closed
// before anybody is polled.
func TestChanCloseTellsReceiversBehindTheLastValue(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](2)
	var recvs []Task[ChanRecvFuture[int]]
	for range 4 {
		recvs = append(recvs, Spawn(l, c.RecvAsync()))
	}
	run(t, l)
	c.TrySend(1)
	c.TrySend(2)
	c.Close()
	run(t, l)
	for i, r := range recvs {
		v, err := at(l, r).Result()
		if i < 2 && (v != i+1 || err != nil) || i >= 2 && err != ErrClosed {
			t.Errorf("receiver %d: %d, %v", i, v, err)
		}
		release(t, r)
	}
	wantChanUnused(t, c)
	wantQuiet(t, l, &c.q)
}

func TestChanInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	c := NewChan[int](0)
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		var e *SendError[int]
		if err := c.Send(1); !errors.As(err, &e) || e.Err != ErrBlockedPoll || e.Value != 1 {
			t.Errorf("Send = %v", err)
		}
		if _, err := c.Recv(); err != ErrBlockedPoll {
			t.Errorf("Recv = %v", err)
		}
		return Ready
	}})
	release(t, task)
	wantChanUnused(t, c)
}

func TestChanValuesAreNotKeptAlive(t *testing.T) {
	c := NewChan[*int](2)
	l := newTestLoop(t)
	for range 3 {
		s := Spawn(l, c.SendAsync(new(int)))
		run(t, l)
		defer release(t, s)
	}
	for range 3 {
		if v, err := c.TryRecv(); v == nil || err != nil {
			t.Fatal(v, err)
		}
	}
	if c.buf[0] != nil || c.buf[1] != nil {
		t.Error("the channel keeps values that were received")
	}
}

func TestNewChanOfNegativeCapacityPanics(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "NewChan(-1)") {
			t.Errorf("panic %v", v)
		}
	}()
	NewChan[int](-1)
}
