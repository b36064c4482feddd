package future

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/pinion-go/pinion/pin"
)

// deaf polls its child as a hand-written select polls a branch: as long as it
// cares to.
type deaf[F any, P Ptr[F]] struct {
	f    F
	ears *bool // false: the child is not polled
	from *int  // polls of deaf, if not nil
}

func (d *deaf[F, P]) Poll(cx *Context) Poll {
	if d.from != nil {
		*d.from++
	}
	if !*d.ears {
		return Pending
	}
	return P(&d.f).Poll(cx)
}

// at returns the future of a task of loop l.
func at[F any](l *Loop, t Task[F]) *F {
	return any(l.futureOf(l.lookup(t.w))).(*F)
}

// run steps l until it is idle.
func run(tb testing.TB, l *Loop) {
	tb.Helper()
	if err := l.RunUntilIdle(); err != nil {
		tb.Fatal(err)
	}
}

// taskDone reports whether a task of l is done.
func taskDone[F any](l *Loop, t Task[F]) bool {
	h := l.lookup(t.w)
	return h == nil || h.flags&flagDone != 0
}

func wantDone[F any](tb testing.TB, l *Loop, t Task[F], want bool) {
	tb.Helper()
	if got := taskDone(l, t); got != want {
		tb.Fatalf("done = %v, want %v", got, want)
	}
}

// release waits for a task and gives it up.
func release[F any](tb testing.TB, t Task[F]) {
	tb.Helper()
	if _, err := t.Wait(); err != nil {
		tb.Error(err)
	}
	t.Release()
}

// wantQuiet checks that nothing is left in the lists of l and of a queue.
func wantQuiet(tb testing.TB, l *Loop, q *waitQueue) {
	tb.Helper()
	if q.head != nil || q.tail != nil || q.promised != 0 {
		tb.Errorf("a queue is left with head %p, tail %p, %d promised", q.head, q.tail, q.promised)
	}
	if q.resting != nil || l.own.listed.Load() {
		tb.Errorf("%p is to be roused, and nobody does it", q.resting)
	}
	if n := l.own.grants.n; n != 0 {
		tb.Errorf("%d chosen waiters have not answered", n)
	}
	if l.leaked != 0 {
		tb.Errorf("%d frames are still pointed into", l.leaked)
	}
}

// wantMoved checks that f, called, panics with a *pin.MovedError.
func wantMoved(tb testing.TB, what string, f func()) {
	tb.Helper()
	defer func() {
		tb.Helper()
		v := recover()
		if _, ok := v.(*pin.MovedError); !ok {
			tb.Errorf("%s: panic %v, want a *pin.MovedError", what, v)
		}
	}()
	f()
}

// newQuietRuntime returns a Runtime that is shut down, and found empty, when the
// test ends.
func newQuietRuntime(tb testing.TB, loops int) *Runtime {
	tb.Helper()
	rt, err := NewRuntime(Config{Loops: loops})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := rt.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
		for i, l := range rt.loops {
			if l.leaked != 0 || l.own.grants.n != 0 {
				tb.Errorf("loop %d: %d frames leaked, %d waiters have not answered", i, l.leaked, l.own.grants.n)
			}
		}
	})
	return rt
}

// attempt is one operation of an actor on a primitive, boxed, so that it may be
// handed from task to task.
type attempt struct {
	f    Future
	then func(cx *Context) (hold int, err error) // after Ready: whether to hold, for how many polls
	done func(cx *Context)                       // after that
}

// actor performs random operations one after the other, in a random manner: it
// cancels them, is deaf for some polls, polls more often than it must and holds
// what it got for some polls. It is Ready when next returns nil.
type actor struct {
	rng     *rand.Rand
	next    func(rng *rand.Rand) *attempt
	cur     *attempt
	holding int
}

func newActor(seed uint64, next func(rng *rand.Rand) *attempt) actor {
	return actor{rng: rand.New(rand.NewPCG(seed, 0)), next: next}
}

func (a *actor) Poll(cx *Context) Poll {
	for range 3 {
		if a.holding > 0 {
			if a.holding--; a.holding > 0 {
				break
			}
			a.cur.done(cx)
			a.cur = nil
		}
		if a.cur == nil {
			if a.cur = a.next(a.rng); a.cur == nil {
				return Ready
			}
		}
		var p Poll
		switch a.rng.IntN(16) {
		case 0: // deaf
			cx.Wake(cx.Waker())
			return Pending
		case 1:
			p = cx.PollCanceled(a.cur.f)
		case 2:
			a.cur.f.(Canceler).Cancel()
			p = a.cur.f.Poll(cx)
		default:
			p = a.cur.f.Poll(cx)
		}
		if !p {
			if a.rng.IntN(4) == 0 {
				cx.Wake(cx.Waker()) // to be polled without need
			}
			return Pending
		}
		hold, err := a.cur.then(cx)
		switch {
		case err == nil:
			a.holding = hold + 1
		case errors.Is(err, ErrCanceled):
			a.cur = nil
		default:
			panic(err)
		}
	}
	cx.Wake(cx.Waker())
	return Pending
}

// cast is who takes part in a random test of a primitive.
type cast struct {
	tasks, goroutines, rounds int
}

// scenes runs play on one loop, on a Runtime of two loops, and on that with
// goroutines beside it. play is given where to spawn actor number i, and how many
// goroutines to start besides.
func scenes(t *testing.T, play func(t *testing.T, spawn func(actor) func(), c cast)) {
	rounds := 200
	if testing.Short() {
		rounds = 50
	}
	t.Run("one loop", func(t *testing.T) {
		l := newTestLoop(t)
		play(t, func(a actor) func() {
			task := Spawn(l, a)
			return func() { release(t, task) }
		}, cast{tasks: 8, rounds: rounds})
	})
	t.Run("two loops", func(t *testing.T) {
		rt := newQuietRuntime(t, 2)
		play(t, func(a actor) func() {
			task := Spawn(rt, a)
			return func() { release(t, task) }
		}, cast{tasks: 8, rounds: rounds})
	})
	t.Run("two loops and goroutines", func(t *testing.T) {
		rt := newQuietRuntime(t, 2)
		play(t, func(a actor) func() {
			task := Spawn(rt, a)
			return func() { release(t, task) }
		}, cast{tasks: 6, goroutines: 3, rounds: rounds})
	})
	t.Run("goroutines", func(t *testing.T) {
		play(t, nil, cast{goroutines: 4, rounds: rounds})
	})
}

// fiddle lets some time pass for others.
func fiddle(rng *rand.Rand) {
	for range rng.IntN(3) {
		runtime.Gosched()
	}
}

// cycle performs an operation with a future of its own, holds what it got until
// its next poll, gives it back, and begins anew.
type cycle[F any, P Ptr[F]] struct {
	fresh func() F
	back  func(cx *Context)
	f     F
	state int // 0 idle, 1 begun, 2 holds
	waits *int
	stop  *bool
}

func (x *cycle[F, P]) Poll(cx *Context) Poll {
	switch x.state {
	case 2:
		x.back(cx)
		x.state = 0
		fallthrough
	case 0:
		if *x.stop {
			return Ready
		}
		x.f, x.state = x.fresh(), 1
		fallthrough
	default:
		if !P(&x.f).Poll(cx) {
			*x.waits++
			return Pending
		}
		x.state = 2
		cx.Wake(cx.Waker())
		return Pending
	}
}

// wantNoAllocs checks that tasks that contend on one loop wait without allocating.
func wantNoAllocs[F any, P Ptr[F]](t *testing.T, tasks int, fresh func() F, back func(cx *Context)) {
	t.Helper()
	l := newTestLoop(t)
	stop, waits := false, 0
	var all []Task[cycle[F, P]]
	for range tasks {
		all = append(all, Spawn(l, cycle[F, P]{fresh: fresh, back: back, waits: &waits, stop: &stop}))
	}
	for range 100 {
		l.Step()
	}
	before := waits
	if n := testing.AllocsPerRun(100, func() { l.Step() }); n != 0 {
		t.Errorf("%v allocations in a step", n)
	}
	if waits == before {
		t.Error("nobody had to wait")
	}
	stop = true
	for _, task := range all {
		release(t, task)
	}
}
