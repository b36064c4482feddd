package future

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinion-go/pinion/unsafeptr"
)

func TestWakesBetweenTwoPollsCauseOnePoll(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(cx *Context, n int) Poll { return Poll(n == 3) }})
	polls := func() int { return l.futureOf(l.own.header(task.w.slot)).(*script).polls }
	check := func(want int) {
		t.Helper()
		if err := l.RunUntilIdle(); err != nil {
			t.Fatal(err)
		}
		if got := polls(); got != want {
			t.Errorf("polls = %d, want %d", got, want)
		}
	}
	check(1)
	for range 10 {
		task.w.Wake()
	}
	check(2)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				task.w.Wake()
			}
		})
	}
	wg.Wait()
	check(3)
	task.w.Wake()
	check(3)
	task.Release()
	task.w.Wake()
	if _, err := task.Wait(); err == nil {
		t.Error("Wait on a released task returned no error")
	} else if _, ok := errors.AsType[*StaleError](err); !ok {
		t.Errorf("Wait on a released task: %v", err)
	}
}

func TestWakesDuringAPollCauseOneMore(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	var polls int
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		polls = n
		if n == 1 {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 10 {
						cx.Waker().Wake()
					}
				})
			}
			wg.Wait()
		}
		return Poll(n == 3)
	}})
	run(t, l)
	if polls != 2 {
		t.Fatalf("%d polls after 40 wakes during the first, want 2", polls)
	}
	task.Waker().Wake()
	run(t, l)
	mustWait(t, task)
	task.Release()
}

// TestWakesFromHereAndElsewhereCauseOnePoll wakes a task that is queued already, from
// another goroutine and in the same turn.
func TestWakesFromHereAndElsewhereCauseOnePoll(t *testing.T) {
	l := newTestLoop(t)
	polls := 0
	target := Spawn(l, script{f: func(cx *Context, n int) Poll { polls = n; return Poll(cx.canceled) }})
	polled := [2]int{}
	child := Spawn(l, All(
		script{f: func(cx *Context, n int) Poll { polled[0] = n; return Poll(cx.canceled) }},
		script{f: func(cx *Context, n int) Poll { polled[1] = n; return Poll(cx.canceled) }},
	))
	run(t, l)
	f := at(l, child)
	waker := Waker{f.slots[0], l.header(f.slots[0]).gen(), l.id}
	for round := range 10 {
		waking := Spawn(l, script{f: func(cx *Context, _ int) Poll {
			cx.Wake(target.Waker())
			cx.Wake(waker)
			done := make(chan struct{})
			go func() {
				for range 3 {
					target.Waker().Wake()
					waker.Wake()
				}
				close(done)
			}()
			<-done
			cx.Wake(target.Waker())
			return Ready
		}})
		run(t, l)
		if polls != round+2 || polled[0] != round+2 || polled[1] != 1 {
			t.Fatalf("round %d: %d polls of the task, %v of the children", round, polls-1, polled)
		}
		waking.Release()
	}
	target.Cancel()
	child.Cancel()
	mustWait(t, target)
	mustWait(t, child)
	target.Release()
	child.Release()
}

// slotOf is what a writer and a task share in the hammer test: the last value
// written before the last wake must be seen.
type slotOf struct {
	value atomic.Uint64
	seen  atomic.Uint64
	waker atomic.Pointer[Waker]
}

// eyewitness is done when it has seen the value limit.
type eyewitness struct {
	s     *slotOf
	limit uint64
	stale *sync.Map // every waker that there ever was
}

func (f *eyewitness) Poll(cx *Context) Poll {
	if w := cx.Waker(); f.s.waker.Load() == nil {
		f.s.waker.Store(&w)
		f.stale.Store(w, true)
	}
	v := f.s.value.Load()
	f.s.seen.Store(v)
	return Poll(v >= f.limit)
}

func TestNoWakeIsLost(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 2)
	const writers, rounds, values = 4, 60, 25
	var stale sync.Map
	stop := make(chan struct{})
	var hammer sync.WaitGroup
	for range 2 { // wakers of tasks that are gone, whose headers others use
		hammer.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := 0
				stale.Range(func(w, _ any) bool {
					w.(Waker).Wake()
					n++
					return n < 200
				})
				time.Sleep(10 * time.Microsecond)
			}
		})
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(w)))
			for range rounds {
				s := &slotOf{}
				task := Spawn(rt, eyewitness{s, values, &stale}, Named("eyewitness"))
				for v := uint64(1); v <= values; v++ {
					s.value.Store(v)
					if p := s.waker.Load(); p != nil {
						p.Wake()
					} else {
						task.Waker().Wake()
					}
					if rng.IntN(3) == 0 {
						// The value written before the last wake must be seen
						// without any further wake.
						for start := time.Now(); s.seen.Load() < v; runtime.Gosched() {
							if time.Since(start) > 20*time.Second {
								t.Errorf("value %d was never seen, only %d", v, s.seen.Load())
								return
							}
						}
					}
				}
				if _, err := task.Wait(); err != nil {
					t.Error(err)
				}
				task.Release()
			}
		})
	}
	wg.Wait()
	close(stop)
	hammer.Wait()
}

func TestBurstOfWakesRousesASleepingLoopOnce(t *testing.T) {
	checkLeaks(t)
	d := newCounting()
	rt, err := NewRuntime(Config{Loops: 1, Driver: func(int) (Driver, error) { return d, nil }})
	if err != nil {
		t.Fatal(err)
	}
	l := rt.Loop(0)
	const tasks = 50
	var hs []Task[script]
	for range tasks {
		hs = append(hs, Spawn(rt, pending()))
	}
	for range 20 {
		eventually(t, "the loop sleeps", func() bool { return sleeps(l) })
		before := d.wakes.Load()
		// Hold the loop in its first poll, so that the whole burst finds it as it
		// was: awake since the first wake.
		gate := make(chan struct{})
		entered := make(chan struct{})
		blocker := Spawn(rt, script{f: func(*Context, int) Poll { close(entered); <-gate; return Ready }})
		for _, h := range hs {
			h.Waker().Wake()
		}
		<-entered
		for _, h := range hs {
			h.Waker().Wake()
		}
		if n := d.wakes.Load() - before; n != 1 {
			t.Fatalf("Driver.Wake was called %d times for a burst, want 1", n)
		}
		close(gate)
		mustWait(t, blocker)
		blocker.Release()
	}
	for _, h := range hs {
		h.Release()
		h.Cancel()
	}
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestZeroWakerWakesNobody(t *testing.T) {
	// The zero Waker has the owner of the first loop, and slot 0, which is no task.
	var first *Loop
	for range 64 {
		l := newTestLoop(t)
		if l.id == 0 {
			first = l
		}
	}
	if first == nil {
		first = newTestLoop(t)
	}
	var w Waker
	w.Wake()
	closedWaker.Wake()
	if !w.IsZero() || closedWaker.IsZero() {
		t.Error("IsZero")
	}
	polls := 0
	task := Spawn(first, script{f: func(cx *Context, n int) Poll {
		polls = n
		cx.Wake(Waker{})
		cx.Wake(closedWaker)
		return Poll(n == 2)
	}})
	run(t, first)
	if polls != 1 {
		t.Errorf("%d polls, want 1", polls)
	}
	task.Waker().Wake()
	mustWait(t, task)
	task.Release()
}

func TestWakerIsSmallAndHoldsNoPointers(t *testing.T) {
	if l := unsafeptr.LayoutOf[Waker](); l.Size > 16 || l.HasPointers() {
		t.Errorf("%d bytes, pointers %v", l.Size, l.HasPointers())
	}
	w := Waker{slot: 2, gen: 3, owner: 1}
	if s := w.String(); s != "1/2/3" && s != "1/2@3" && !strings.Contains(s, "2/3") {
		t.Errorf("String = %q", s)
	}
	// Which generation a slot has reached is up to the tests before; these places nobody has.
	for _, w := range []Waker{{}, {slot: 2, gen: 3, owner: 1 << 30}, {slot: 1 << 30, gen: 3, owner: newTestLoop(t).id}} {
		if w.alive() {
			t.Errorf("%v, a waker that nobody made, is alive", w)
		}
	}
}
