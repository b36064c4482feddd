package future

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func wantNotifyUnused(tb testing.TB, n *Notify, stored int) {
	tb.Helper()
	if n.q.head != nil || n.q.promised != 0 || n.one != stored {
		tb.Errorf("left with head %p, %d promised, %d stored; want %d stored", n.q.head, n.q.promised, n.one, stored)
	}
}

func TestNotifyOneEndsTheOldestWait(t *testing.T) {
	for _, local := range []bool{false, true} {
		l := newTestLoop(t)
		var n Notify
		var tasks []Task[NotifyWaitFuture]
		for range 5 {
			tasks = append(tasks, Spawn(l, n.WaitAsync()))
		}
		run(t, l)
		for i := range tasks {
			if local {
				Go(l, script{f: func(cx *Context, _ int) Poll { n.NotifyOneCx(cx); return Ready }})
			} else {
				n.NotifyOne()
			}
			run(t, l)
			for j, task := range tasks {
				wantDone(t, l, task, j <= i)
			}
		}
		for _, task := range tasks {
			release(t, task)
		}
		wantNotifyUnused(t, &n, 0)
		wantQuiet(t, l, &n.q)
	}
}

func TestNotifyOneStoresOneNotification(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	for range 3 {
		n.NotifyOne()
	}
	if err := n.Wait(); err != nil {
		t.Error(err)
	}
	task := Spawn(l, n.WaitAsync())
	run(t, l)
	wantDone(t, l, task, false)
	n.NotifyOne() // for the task
	n.NotifyOne() // stored
	release(t, task)
	wantNotifyUnused(t, &n, 1)
	if err := n.Wait(); err != nil {
		t.Error(err)
	}
	wantNotifyUnused(t, &n, 0)
}

func TestNotifyAllEndsTheWaitsThatHaveBegun(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	a, b := Spawn(l, n.WaitAsync()), Spawn(l, n.WaitAsync())
	run(t, l)
	unpolled := n.WaitAsync()
	n.NotifyAll()
	late := Spawn(l, n.WaitAsync())
	c := Spawn(l, unpolled)
	run(t, l)
	wantDone(t, l, a, true)
	wantDone(t, l, b, true)
	wantDone(t, l, c, true)
	wantDone(t, l, late, false) // nothing is stored
	Go(l, script{f: func(cx *Context, _ int) Poll { n.NotifyAllCx(cx); return Ready }})
	release(t, late)
	for _, task := range []Task[NotifyWaitFuture]{a, b, c} {
		release(t, task)
	}
	wantNotifyUnused(t, &n, 0)
	wantQuiet(t, l, &n.q)
}

// TestNotifyBetweenCheckAndWaitIsNotLost: the classical lost wake. The condition is
// looked up, then becomes true and is announced, and only then the wait is polled.
func TestNotifyBetweenCheckAndWaitIsNotLost(t *testing.T) {
	l := newTestLoop(t)
	for _, all := range []bool{false, true} {
		var n Notify
		f := n.WaitAsync()
		if all {
			n.NotifyAll()
		} else {
			n.NotifyOne()
		}
		task := Spawn(l, f)
		run(t, l)
		wantDone(t, l, task, true)
		release(t, task)
		wantNotifyUnused(t, &n, 0)
	}
}

func TestNotifyOneOfACancelledWaitGoesToTheNext(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	a, b := Spawn(l, n.WaitAsync()), Spawn(l, n.WaitAsync())
	run(t, l)
	n.NotifyOne()
	a.Cancel()
	run(t, l)
	if at(l, a).Result() != ErrCanceled {
		t.Errorf("Result = %v", at(l, a).Result())
	}
	wantDone(t, l, b, true)
	release(t, a)
	release(t, b)
	wantNotifyUnused(t, &n, 0)
	// With nobody left, it is stored.
	c := Spawn(l, n.WaitAsync())
	run(t, l)
	n.NotifyOne()
	c.Cancel()
	run(t, l)
	release(t, c)
	wantNotifyUnused(t, &n, 1)
	wantQuiet(t, l, &n.q)
}

func TestNotifyFutureLock(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	ears := true
	a := Spawn(l, deaf[NotifyWaitFuture, *NotifyWaitFuture]{f: n.WaitAsync(), ears: &ears})
	b := Spawn(l, n.WaitAsync())
	run(t, l)
	ears = false
	n.NotifyOne()
	run(t, l)
	wantDone(t, l, b, true)
	n.NotifyOne() // nobody waits now
	wantNotifyUnused(t, &n, 1)
	ears = true
	a.w.Wake()
	release(t, a)
	release(t, b)
	wantNotifyUnused(t, &n, 0)
	wantQuiet(t, l, &n.q)
}

// TestNotifyAllAndOneTogetherWasteNothing: who was chosen by NotifyOne and is then
// released by NotifyAll does not use up the former.
func TestNotifyAllAndOneTogetherWasteNothing(t *testing.T) {
	for _, oneFirst := range []bool{false, true} {
		l := newTestLoop(t)
		var n Notify
		a := Spawn(l, n.WaitAsync())
		run(t, l)
		if oneFirst {
			n.NotifyOne()
			n.NotifyAll()
		} else {
			n.NotifyAll()
			n.NotifyOne() // a is not polled yet, and still in the queue
		}
		run(t, l)
		release(t, a)
		wantNotifyUnused(t, &n, 1)
		b := Spawn(l, n.WaitAsync())
		release(t, b)
		wantNotifyUnused(t, &n, 0)
		wantQuiet(t, l, &n.q)
	}
}

func TestNotifyCancelledAfterNotifyAllHasItsNotification(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	a := Spawn(l, n.WaitAsync())
	run(t, l)
	n.NotifyAll()
	a.Cancel()
	run(t, l)
	if err := at(l, a).Result(); err != nil {
		t.Errorf("Result = %v", err)
	}
	release(t, a)
	fresh := n.WaitAsync()
	n.NotifyAll()
	b := Spawn(l, fresh)
	b.Cancel()
	run(t, l)
	if err := at(l, b).Result(); err != ErrCanceled {
		t.Errorf("begun in a cancelled task: %v", err)
	}
	release(t, b)
	wantQuiet(t, l, &n.q)
}

// TestNotifyAgainstModel performs random operations on one loop; the model is a
// line and a number that is 0 or 1.
func TestNotifyAgainstModel(t *testing.T) {
	l := newTestLoop(t)
	rng := rand.New(rand.NewPCG(3, 4))
	var n Notify
	var line []Task[NotifyWaitFuture]
	stored := 0
	finish := func(task Task[NotifyWaitFuture], want error) {
		t.Helper()
		wantDone(t, l, task, true)
		if err := at(l, task).Result(); err != want {
			t.Fatalf("Result = %v, want %v", err, want)
		}
		task.Release()
	}
	for range 5000 {
		switch rng.IntN(8) {
		case 0, 1, 2:
			task := Spawn(l, n.WaitAsync())
			run(t, l)
			if stored > 0 {
				stored = 0
				finish(task, nil)
			} else {
				line = append(line, task)
			}
		case 3, 4:
			n.NotifyOne()
			run(t, l)
			if len(line) > 0 {
				finish(line[0], nil)
				line = line[1:]
			} else {
				stored = 1
			}
		case 5:
			n.NotifyAll()
			run(t, l)
			for _, task := range line {
				finish(task, nil)
			}
			line = nil
		case 6:
			if len(line) == 0 {
				continue
			}
			i := rng.IntN(len(line))
			line[i].Cancel()
			run(t, l)
			finish(line[i], ErrCanceled)
			line = append(line[:i:i], line[i+1:]...)
		case 7: // cancelled when it was chosen
			if len(line) == 0 {
				continue
			}
			n.NotifyOne()
			line[0].Cancel()
			run(t, l)
			finish(line[0], ErrCanceled)
			if line = line[1:]; len(line) > 0 {
				finish(line[0], nil)
				line = line[1:]
			} else {
				stored = 1
			}
		}
		for _, task := range line {
			wantDone(t, l, task, false)
		}
		if n.one != stored {
			t.Fatalf("%d stored, want %d", n.one, stored)
		}
	}
	n.NotifyAll()
	for _, task := range line {
		release(t, task)
	}
	wantQuiet(t, l, &n.q)
}

// TestNotifyOneIsConserved: a producer counts up and notifies; whoever is notified
// takes what there is. If a notification got lost, something would be left, and
// everybody would wait for ever.
func TestNotifyOneIsConserved(t *testing.T) {
	scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
		var n Notify
		var mu sync.Mutex
		items, taken, over := 0, 0, false
		take := func() (done bool) {
			mu.Lock()
			defer mu.Unlock()
			taken += items
			items = 0
			return over
		}
		var stop atomic.Bool
		var ends []func()
		for i := range c.tasks {
			ends = append(ends, spawn(newActor(uint64(i), func(rng *rand.Rand) *attempt {
				if stop.Load() {
					return nil
				}
				f := n.WaitAsync()
				return &attempt{
					f: &f,
					then: func(cx *Context) (int, error) {
						if err := f.Result(); err != nil {
							return 0, err
						}
						if take() {
							stop.Store(true)
							n.NotifyAllCx(cx)
						}
						return 0, nil
					},
					done: func(cx *Context) {},
				}
			})))
		}
		var wg sync.WaitGroup
		for range c.goroutines {
			wg.Go(func() {
				for !stop.Load() {
					f := n.WaitAsync()
					if stop.Load() {
						return
					}
					if err := Block(&f); err != nil || f.Result() != nil {
						t.Errorf("%v, %v", err, f.Result())
					}
					if take() {
						stop.Store(true)
						n.NotifyAll()
					}
				}
			})
		}
		rng := rand.New(rand.NewPCG(9, 9))
		total := 0
		for i := range c.rounds {
			mu.Lock()
			k := 1 + rng.IntN(3)
			items += k
			total += k
			over = i == c.rounds-1
			mu.Unlock()
			n.NotifyOne()
			fiddle(rng)
		}
		wg.Wait()
		for _, end := range ends {
			end()
		}
		if taken != total {
			t.Errorf("%d of %d were taken", taken, total)
		}
	})
}

func TestNotifySecondWaiterDoesNotDropTheFirst(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	a := Spawn(l, n.WaitAsync())
	run(t, l)
	b := Spawn(l, n.WaitAsync())
	run(t, l)
	n.NotifyOne()
	run(t, l)
	wantDone(t, l, a, true)
	wantDone(t, l, b, false)
	n.NotifyOne()
	release(t, a)
	release(t, b)
}

func TestNotifyWaitCopiedIsCaught(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	a := Spawn(l, n.WaitAsync())
	run(t, l)
	moved := *at(l, a)
	bad := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		wantMoved(t, "waiting", func() { moved.Poll(cx) })
		return Ready
	}})
	release(t, bad)
	n.NotifyAll()
	bad = Spawn(l, script{f: func(cx *Context, _ int) Poll {
		wantMoved(t, "notified", func() { moved.Poll(cx) })
		return Ready
	}})
	release(t, bad)
	release(t, a)
	wantQuiet(t, l, &n.q)
}

func TestNotifyWaitInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	var n Notify
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		if err := n.Wait(); err != ErrBlockedPoll {
			t.Errorf("Wait = %v", err)
		}
		return Ready
	}})
	release(t, task)
	wantNotifyUnused(t, &n, 0)
}

func TestNotifyDoesNotAllocateToWait(t *testing.T) {
	var n Notify
	// Each waits for the one before it, around a circle.
	l := newTestLoop(t)
	stop, rounds := false, 0
	ring := func() circler { return circler{n: &n, stop: &stop, rounds: &rounds} }
	a, b := Spawn(l, ring()), Spawn(l, ring())
	n.NotifyOne()
	for range 20 {
		l.Step()
	}
	before := rounds
	if got := testing.AllocsPerRun(100, func() { l.Step() }); got != 0 {
		t.Errorf("%v allocations", got)
	}
	if rounds == before {
		t.Error("nothing happened")
	}
	stop = true
	n.NotifyAll()
	release(t, a)
	n.NotifyAll()
	n.NotifyOne()
	release(t, b)
}

// circler waits to be notified and notifies, again and again.
type circler struct {
	n      *Notify
	f      NotifyWaitFuture
	begun  bool
	stop   *bool
	rounds *int
}

func (c *circler) Poll(cx *Context) Poll {
	for !*c.stop {
		if !c.begun {
			c.f, c.begun = c.n.WaitAsync(), true
		}
		if !c.f.Poll(cx) {
			return Pending
		}
		*c.rounds++
		c.begun = false
		c.n.NotifyOneCx(cx)
	}
	return Ready
}
