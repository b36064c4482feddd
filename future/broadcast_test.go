package future

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

func TestBroadcastEachReceiverHasEachValue(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](4)
	var rs []*BroadcastReceiver[int]
	for range 3 {
		rs = append(rs, b.Subscribe())
	}
	for i := range 10 {
		var tasks []Task[BroadcastReceiverRecvFuture[int]]
		for _, r := range rs {
			tasks = append(tasks, Spawn(l, r.RecvAsync()))
		}
		if i%2 == 0 { // they wait
			run(t, l)
		}
		if i%3 == 0 {
			release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll { b.SendCx(cx, i); return Ready }}))
		} else if err := b.Send(i); err != nil {
			t.Error(err)
		}
		run(t, l)
		for _, task := range tasks {
			wantDone(t, l, task, true)
			if v, err := at(l, task).Result(); v != i || err != nil {
				t.Errorf("%d, %v; want %d", v, err, i)
			}
			release(t, task)
		}
	}
	late := b.Subscribe()
	if _, err := late.TryRecv(); err != ErrWouldBlock {
		t.Errorf("a late subscriber has %v", err)
	}
	wantQuiet(t, l, &b.q)
}

func TestBroadcastSlowReceiverIsToldWhatItHasMissed(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](3)
	if b.Cap() != 3 {
		t.Errorf("Cap = %d", b.Cap())
	}
	sync, async := b.Subscribe(), b.Subscribe()
	for i := range 10 {
		b.Send(i)
	}
	check := func(v int, err error) {
		t.Helper()
		e, ok := errors.AsType[*LaggedError](err)
		if !ok || e.Missed != 7 || e.Capacity != 3 || v != 0 || !strings.Contains(err.Error(), "missed 7") {
			t.Errorf("%d, %v", v, err)
		}
	}
	check(sync.Recv())
	task := Spawn(l, async.RecvAsync())
	run(t, l)
	check(at(l, task).Result())
	release(t, task)
	for _, r := range []*BroadcastReceiver[int]{sync, async} {
		for i := 7; i < 10; i++ {
			if v, err := r.TryRecv(); v != i || err != nil {
				t.Errorf("%d, %v; want %d", v, err, i)
			}
		}
	}
}

func TestBroadcastCloseDrains(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](2)
	r, waits := b.Subscribe(), b.Subscribe()
	b.Send(1)
	waits.TryRecv()
	task := Spawn(l, waits.RecvAsync())
	run(t, l)
	release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll { b.CloseCx(cx); return Ready }}))
	b.Close()
	run(t, l)
	if _, err := at(l, task).Result(); err != ErrClosed {
		t.Errorf("Recv = %v", err)
	}
	release(t, task)
	if err := b.Send(2); err != ErrClosed {
		t.Errorf("Send = %v", err)
	}
	if v, err := r.Recv(); v != 1 || err != nil {
		t.Errorf("Recv = %d, %v", v, err)
	}
	if _, err := r.Recv(); err != ErrClosed {
		t.Errorf("Recv = %v", err)
	}
	wantQuiet(t, l, &b.q)
}

// TestBroadcastSharedReceiver: two tasks receive with one receiver, each value goes
// to one of them, and neither stays behind.
func TestBroadcastSharedReceiver(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](8)
	r := b.Subscribe()
	x, y := Spawn(l, r.RecvAsync()), Spawn(l, r.RecvAsync())
	run(t, l)
	b.Send(1)
	run(t, l)
	if taskDone(l, x) == taskDone(l, y) {
		t.Error("both have the value, or neither")
	}
	b.Send(2)
	run(t, l)
	sum := 0
	for _, task := range []Task[BroadcastReceiverRecvFuture[int]]{x, y} {
		wantDone(t, l, task, true)
		v, _ := at(l, task).Result()
		sum += v
		release(t, task)
	}
	if sum != 3 {
		t.Errorf("sum %d", sum)
	}
	wantQuiet(t, l, &b.q)
}

// TestBroadcastReceiversAgreeOnTheOrder, on loops and goroutines, with cancels: what
// one receiver has and what it was told that it missed are all values, in order.
func TestBroadcastReceiversAgreeOnTheOrder(t *testing.T) {
	for _, capacity := range []int{1, 2, 1000} {
		t.Run(fmt.Sprint("cap ", capacity), func(t *testing.T) {
			scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
				b := NewBroadcast[int](capacity)
				var mu sync.Mutex
				total := 0
				send := func(send func(int) error) { // in order
					mu.Lock()
					defer mu.Unlock()
					if err := send(total); err != nil {
						t.Error(err)
					}
					total++
				}
				var ends []func()
				check := make([]int, c.tasks+c.goroutines) // the next value of each receiver
				take := func(i, v int, err error) (over bool) {
					if e, ok := errors.AsType[*LaggedError](err); ok {
						check[i] += int(e.Missed)
						return false
					}
					if err == ErrClosed {
						return true
					}
					if err != nil || v != check[i] {
						t.Errorf("receiver %d: %d, %v; want %d", i, v, err, check[i])
					}
					check[i]++
					return false
				}
				for i := range c.tasks {
					r, over := b.Subscribe(), false
					ends = append(ends, spawn(newActor(uint64(i), func(rng *rand.Rand) *attempt {
						if over {
							return nil
						}
						f := r.RecvAsync()
						return &attempt{
							f: &f,
							then: func(*Context) (int, error) {
								v, err := f.Result()
								if err == ErrCanceled {
									return 0, err
								}
								over = take(i, v, err)
								return 0, nil
							},
							done: func(*Context) {},
						}
					})))
				}
				var wg sync.WaitGroup
				for i := range c.goroutines {
					r := b.Subscribe()
					wg.Go(func() {
						for {
							v, err := r.Recv()
							if take(c.tasks+i, v, err) {
								return
							}
						}
					})
				}
				rng := rand.New(rand.NewPCG(2, 2))
				for range c.rounds {
					send(b.Send)
					fiddle(rng)
				}
				b.Close()
				wg.Wait()
				for _, end := range ends {
					end()
				}
				for i, n := range check {
					if n != total {
						t.Errorf("receiver %d has heard of %d of %d", i, n, total)
					}
				}
			})
		})
	}
}

func TestBroadcastReceiverCancelledHasMissedNothing(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](4)
	r := b.Subscribe()
	task := Spawn(l, r.RecvAsync())
	run(t, l)
	b.Send(1)
	task.Cancel()
	run(t, l)
	if _, err := at(l, task).Result(); err != ErrCanceled {
		t.Errorf("Recv = %v", err)
	}
	release(t, task)
	if v, err := r.TryRecv(); v != 1 || err != nil {
		t.Errorf("TryRecv = %d, %v", v, err)
	}
	wantQuiet(t, l, &b.q)
}

func TestBroadcastRecvCopiedIsCaught(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](4)
	task := Spawn(l, b.Subscribe().RecvAsync())
	run(t, l)
	moved := *at(l, task)
	for _, sent := range []bool{false, true} {
		if sent {
			b.Send(1)
		}
		release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
			wantMoved(t, "waiting", func() { moved.Poll(cx) })
			return Ready
		}}))
	}
	run(t, l)
	if v, err := at(l, task).Result(); v != 1 || err != nil {
		t.Errorf("%d, %v: the copy has taken the value", v, err)
	}
	release(t, task)
}

func TestBroadcastInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	r := NewBroadcast[int](1).Subscribe()
	release(t, Spawn(l, script{f: func(cx *Context, _ int) Poll {
		if _, err := r.Recv(); err != ErrBlockedPoll {
			t.Errorf("Recv = %v", err)
		}
		return Ready
	}}))
}

func TestNewBroadcastWithoutCapacityPanics(t *testing.T) {
	defer func() {
		if v := recover(); !strings.Contains(fmt.Sprint(v), "NewBroadcast(0)") {
			t.Errorf("panic %v", v)
		}
	}()
	NewBroadcast[int](0)
}

func TestBroadcastDoesNotAllocateToWait(t *testing.T) {
	l := newTestLoop(t)
	b := NewBroadcast[int](4)
	got := 0
	task := Spawn(l, listener{r: b.Subscribe(), got: &got})
	run(t, l)
	if n := testing.AllocsPerRun(100, func() {
		b.Send(1)
		l.RunUntilIdle()
	}); n != 0 || got == 0 {
		t.Errorf("%v allocations, %d received", n, got)
	}
	b.Close()
	release(t, task)
}

// listener receives until the broadcast is closed.
type listener struct {
	r     *BroadcastReceiver[int]
	f     BroadcastReceiverRecvFuture[int]
	begun bool
	got   *int
}

func (x *listener) Poll(cx *Context) Poll {
	for {
		if !x.begun {
			x.f, x.begun = x.r.RecvAsync(), true
		}
		if !x.f.Poll(cx) {
			return Pending
		}
		if _, err := x.f.Result(); err != nil {
			return Ready
		}
		*x.got++
		x.begun = false
	}
}
