package future

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func wantChanUnused[T any](tb testing.TB, c *Chan[T]) {
	tb.Helper()
	if c.q.head != nil || c.q.promised != 0 || c.senders.head != nil || c.senders.tail != nil || c.senders.n != 0 || c.n != 0 {
		tb.Errorf("left with receiver %p, %d promised, %d senders, %d values", c.q.head, c.q.promised, c.senders.n, c.n)
	}
}

// message of sender from, number seq.
type parcel struct{ from, seq int }

// receipts is what became of the parcels.
type receipts struct {
	mu       sync.Mutex
	sent     map[parcel]bool // Send returned nil
	refused  map[parcel]bool // Send handed it back
	received map[parcel]int
	last     map[[2]int]int // by receiver and sender
	errs     []string
}

func newReceipts() *receipts {
	return &receipts{sent: map[parcel]bool{}, refused: map[parcel]bool{}, received: map[parcel]int{}, last: map[[2]int]int{}}
}

func (r *receipts) send(p parcel, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.sent[p] = true
		return
	}
	r.refused[p] = true
	var e *SendError[parcel]
	if errors.As(err, &e) && e.Value != p {
		r.errs = append(r.errs, fmt.Sprintf("%v was handed back as %v", p, e.Value))
	}
}

func (r *receipts) receive(by int, p parcel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received[p]++
	k := [2]int{by, p.from}
	if last, ok := r.last[k]; ok && last >= p.seq {
		r.errs = append(r.errs, fmt.Sprintf("receiver %d has %d of sender %d after %d", by, p.seq, p.from, last))
	}
	r.last[k] = p.seq
}

func (r *receipts) check(t *testing.T) {
	t.Helper()
	for _, e := range r.errs {
		t.Error(e)
	}
	for p, n := range r.received {
		if n != 1 || !r.sent[p] || r.refused[p] {
			t.Errorf("%v: received %d times, sent %v, refused %v", p, n, r.sent[p], r.refused[p])
		}
	}
	for p := range r.sent {
		if r.received[p] != 1 || r.refused[p] {
			t.Errorf("%v: sent, received %d times, refused %v", p, r.received[p], r.refused[p])
		}
	}
	if len(r.received) == 0 {
		t.Error("nothing was received")
	}
}

// TestChanDeliversEachValueOnce: every value sent is received exactly once or handed
// back, and the values of one sender come in order.
func TestChanDeliversEachValueOnce(t *testing.T) {
	for _, capacity := range []int{0, 1, 3} {
		t.Run(fmt.Sprint("cap ", capacity), func(t *testing.T) {
			scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
				ch := NewChan[parcel](capacity)
				r := newReceipts()
				var senders atomic.Int32
				gone := func() {
					if senders.Add(-1) == 0 {
						ch.Close()
					}
				}
				var ends []func()
				senders.Add(int32((c.tasks+1)/2 + (c.goroutines+1)/2))
				for i := range c.tasks {
					if i%2 == 0 {
						ends = append(ends, spawn(newActor(uint64(i), sendParcels(ch, r, i, c.rounds, gone))))
					} else {
						ends = append(ends, spawn(newActor(uint64(i), receiveParcels(ch, r, i))))
					}
				}
				var wg sync.WaitGroup
				for i := range c.goroutines {
					from := 100 + i
					wg.Go(func() {
						rng := rand.New(rand.NewPCG(uint64(i), 1))
						if i%2 == 0 {
							defer gone()
							for seq := range c.rounds {
								p := parcel{from, seq}
								if rng.IntN(2) == 0 && ch.TrySend(p) == nil {
									r.send(p, nil)
									continue
								}
								r.send(p, ch.Send(p))
								fiddle(rng)
							}
							return
						}
						for {
							p, err := ch.TryRecv()
							if err == ErrWouldBlock {
								p, err = ch.Recv()
							}
							if err == ErrClosed {
								return
							}
							if err != nil {
								t.Error(err)
							}
							r.receive(from, p)
							fiddle(rng)
						}
					})
				}
				wg.Wait()
				for _, end := range ends {
					end()
				}
				r.check(t)
				wantChanUnused(t, ch)
			})
		})
	}
}

// sendParcels makes an actor's attempts to send.
func sendParcels(ch *Chan[parcel], r *receipts, from, rounds int, gone func()) func(rng *rand.Rand) *attempt {
	seq := 0
	return func(rng *rand.Rand) *attempt {
		if seq++; seq > rounds {
			gone()
			return nil
		}
		p := parcel{from, seq}
		f := ch.SendAsync(p)
		return &attempt{
			f: &f,
			then: func(*Context) (int, error) {
				err := f.Result()
				r.send(p, err)
				return rng.IntN(3), err
			},
			done: func(*Context) {},
		}
	}
}

// receiveParcels makes an actor's attempts to receive.
func receiveParcels(ch *Chan[parcel], r *receipts, by int) func(rng *rand.Rand) *attempt {
	over := false
	return func(rng *rand.Rand) *attempt {
		if over {
			return nil
		}
		f := ch.RecvAsync()
		return &attempt{
			f: &f,
			then: func(*Context) (int, error) {
				p, err := f.Result()
				switch err {
				case nil:
					r.receive(by, p)
				case ErrClosed:
					over = true
					err = nil
				}
				return rng.IntN(3), err
			},
			done: func(*Context) {},
		}
	}
}

// TestChanAgainstModel performs random operations on one loop; the model is three
// lists: of values, of senders and of receivers.
func TestChanAgainstModel(t *testing.T) {
	for _, capacity := range []int{0, 1, 4} {
		t.Run(fmt.Sprint("cap ", capacity), func(t *testing.T) {
			l := newTestLoop(t)
			rng := rand.New(rand.NewPCG(5, uint64(capacity)))
			c := NewChan[int](capacity)
			type send struct {
				v    int
				task Task[ChanSendFuture[int]]
			}
			var values []int // in the channel
			var senders []send
			var receivers []Task[ChanRecvFuture[int]]
			serial := 0
			wantSent := func(s send, want error) {
				t.Helper()
				wantDone(t, l, s.task, true)
				err := at(l, s.task).Result()
				var e *SendError[int]
				if !errors.Is(err, want) || errors.As(err, &e) && e.Value != s.v {
					t.Fatalf("Send = %v, want %v with %d", err, want, s.v)
				}
				s.task.Release()
			}
			wantReceived := func(r Task[ChanRecvFuture[int]], v int, want error) {
				t.Helper()
				wantDone(t, l, r, true)
				if got, err := at(l, r).Result(); err != want || got != v {
					t.Fatalf("Recv = %d, %v; want %d, %v", got, err, v, want)
				}
				r.Release()
			}
			// next takes the oldest value out of the model.
			next := func() (v int, ok bool) {
				if len(values) == 0 && len(senders) == 0 {
					return 0, false
				}
				if len(senders) > 0 {
					s := senders[0]
					senders = senders[1:]
					values = append(values, s.v)
					defer wantSent(s, nil)
				}
				v, values = values[0], values[1:]
				return v, true
			}
			for range 5000 {
				switch rng.IntN(9) {
				case 0, 1, 2:
					serial++
					s := send{serial, Spawn(l, c.SendAsync(serial))}
					run(t, l)
					switch {
					case len(receivers) > 0:
						wantSent(s, nil)
						wantReceived(receivers[0], s.v, nil)
						receivers = receivers[1:]
					case len(values) < capacity:
						wantSent(s, nil)
						values = append(values, s.v)
					default:
						senders = append(senders, s)
					}
				case 3, 4, 5:
					r := Spawn(l, c.RecvAsync())
					run(t, l)
					if v, ok := next(); ok {
						wantReceived(r, v, nil)
					} else {
						receivers = append(receivers, r)
					}
				case 6:
					serial++
					err := c.TrySend(serial)
					run(t, l)
					switch {
					case capacity == 0 || len(values) == capacity:
						if err != ErrWouldBlock {
							t.Fatalf("TrySend = %v", err)
						}
					case err != nil:
						t.Fatalf("TrySend = %v", err)
					case len(receivers) > 0:
						wantReceived(receivers[0], serial, nil)
						receivers = receivers[1:]
					default:
						values = append(values, serial)
					}
				case 7:
					got, err := c.TryRecv()
					run(t, l)
					if v, ok := next(); ok != (err == nil) || got != v {
						t.Fatalf("TryRecv = %d, %v; want %d, %v", got, err, v, ok)
					}
				case 8:
					switch n := rng.IntN(2); {
					case n == 0 && len(senders) > 0:
						i := rng.IntN(len(senders))
						senders[i].task.Cancel()
						run(t, l)
						wantSent(senders[i], ErrCanceled)
						senders = slices.Delete(senders, i, i+1)
					case n == 1 && len(receivers) > 0:
						i := rng.IntN(len(receivers))
						receivers[i].Cancel()
						run(t, l)
						wantReceived(receivers[i], 0, ErrCanceled)
						receivers = slices.Delete(receivers, i, i+1)
					}
				}
				if c.Len() != len(values) || c.senders.n != len(senders) {
					t.Fatalf("%d values and %d senders, want %d and %d", c.Len(), c.senders.n, len(values), len(senders))
				}
				for _, s := range senders {
					wantDone(t, l, s.task, false)
				}
				for _, r := range receivers {
					wantDone(t, l, r, false)
				}
			}
			c.Close()
			run(t, l)
			for _, s := range senders {
				wantSent(s, ErrClosed)
			}
			for _, r := range receivers {
				wantReceived(r, 0, ErrClosed)
			}
			for _, v := range values {
				if got, err := c.Recv(); err != nil || got != v {
					t.Errorf("Recv = %d, %v; want %d", got, err, v)
				}
			}
			if _, err := c.Recv(); err != ErrClosed {
				t.Errorf("Recv = %v", err)
			}
			wantChanUnused(t, c)
			wantQuiet(t, l, &c.q)
		})
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
