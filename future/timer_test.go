package future

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// deadline is a sleeping task that notes when it was woken.
type deadline struct {
	sleep SleepFuture
	d     time.Duration
	id    int
	log   *[]fired
	begun bool
}

type fired struct {
	id       int
	when, at time.Duration // the deadline, and the loop's time when it was seen
}

func (f *deadline) Poll(cx *Context) Poll {
	if !f.begun {
		f.begun = true
		f.sleep = SleepAsync(f.d)
		f.d += cx.Now()
	}
	if f.sleep.Poll(cx) == Pending {
		return Pending
	}
	if f.sleep.Result() == nil {
		*f.log = append(*f.log, fired{f.id, f.d, cx.Now()})
	}
	return Ready
}

// spread returns a duration of any magnitude, so that all levels of the wheel
// are used.
func spread(rng *rand.Rand, bits int) time.Duration {
	return time.Duration(rng.Uint64() >> (64 - 1 - rng.IntN(bits)))
}

func TestTimersAgreeWithASortedSlice(t *testing.T) {
	for seed := range uint64(6) {
		l, v := newVirtualLoop(t)
		rng := rand.New(rand.NewPCG(seed, 1))
		var log []fired
		var tasks []Task[deadline]
		var want []time.Duration
		for i := range 2000 {
			d := spread(rng, 61)
			if i%10 == 0 {
				d = time.Duration(rng.IntN(3)) // many alike
			}
			tasks = append(tasks, Spawn(l, deadline{d: d, id: i, log: &log}))
			if rng.IntN(20) == 0 { // let some time pass
				run(t, l)
				if next, ok := l.NextTimer(); ok {
					v.now += next / time.Duration(1+rng.IntN(3))
				}
			}
		}
		run(t, l)
		for i, task := range tasks {
			if i%3 == 0 {
				task.Cancel()
			}
		}
		run(t, l)
		canceled := 0
		for _, task := range tasks {
			if f := mustWait(t, task); f.sleep.Result() == nil {
				want = append(want, f.d)
			} else {
				canceled++
			}
		}
		if len(log) != len(want) || canceled < 500 {
			t.Fatalf("seed %d: %d timers fired, want %d; %d were cancelled", seed, len(log), len(want), canceled)
		}
		for i, f := range log {
			if f.at < f.when {
				t.Fatalf("seed %d: timer %d fired at %d, before its deadline %d", seed, f.id, f.at, f.when)
			}
			if i > 0 && f.when < log[i-1].when && f.at == log[i-1].at {
				t.Fatalf("seed %d: timer %d of deadline %d fired after one of %d", seed, f.id, f.when, log[i-1].when)
			}
		}
		for _, task := range tasks {
			task.Release()
		}
		if l.leaked != 0 {
			t.Errorf("seed %d: %d frames are quarantined", seed, l.leaked)
		}
	}
}

// wheelModel drives a wheel alone, beside a slice.
func TestWheelAgreesWithASlice(t *testing.T) {
	l := newTestLoop(t)
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		now := spread(rng, 50)
		w := newWheel(now)
		var live []*timer
		for step := range 3000 {
			switch op := rng.IntN(8); {
			case op < 4:
				tm := &timer{when: now + spread(rng, 40), slot: 1, gen: 1 << 31}
				if tm.when < 0 {
					tm.when = math.MaxInt64
				}
				w.start(tm)
				live = append(live, tm)
			case op < 6 && len(live) > 0:
				i := rng.IntN(len(live))
				live[i].stop()
				live[i].stop() // does nothing
				live = slices.Delete(live, i, i+1)
			default:
				if next, ok := w.next(); ok != (len(live) > 0) {
					t.Fatalf("seed %d, step %d: next reports %v with %d timers", seed, step, ok, len(live))
				} else if ok {
					earliest := slices.MinFunc(live, func(a, b *timer) int { return int(a.when>>1 - b.when>>1) }).when
					if next > earliest {
						t.Fatalf("seed %d, step %d: next is %d, after the deadline %d", seed, step, next, earliest)
					}
					now = max(now, next+spread(rng, 30))
				}
				w.expire(now, l)
				live = slices.DeleteFunc(live, func(tm *timer) bool {
					if (tm.next == nil) != (tm.when <= now) {
						t.Fatalf("seed %d, step %d: at %d a timer of %d is in the wheel: %v", seed, step, now, tm.when, tm.next != nil)
					}
					return tm.next == nil
				})
			}
		}
	}
}

func TestTimersOfEveryLevelFireOnTime(t *testing.T) {
	for level := range wheelLevels {
		for _, now := range []time.Duration{0, 1, 63, 64, 1<<36 - 1, 1 << 61} {
			l, v := newVirtualLoop(t)
			v.now = now
			run(t, l)
			d := time.Duration(1) << (6 * level)
			if d <= 0 || now+d < 0 {
				continue
			}
			var log []fired
			var tasks []Task[deadline]
			for i, off := range []time.Duration{d - 1, d, d + 1} {
				tasks = append(tasks, Spawn(l, deadline{d: off, id: i, log: &log}))
			}
			for _, task := range tasks {
				mustWait(t, task)
				task.Release()
			}
			for i, f := range log {
				if f.id != i || f.at != f.when {
					t.Errorf("level %d from %d: timer %d of deadline %d fired at %d", level, now, f.id, f.when, f.at)
				}
			}
		}
	}
}

func TestSleepForEverAndForNoTime(t *testing.T) {
	l, v := newVirtualLoop(t)
	v.now = math.MaxInt64 - 5
	forever := Spawn(l, SleepAsync(math.MaxInt64)) // the deadline overflows
	none := Spawn(l, SleepAsync(-time.Hour))
	zero := Spawn(l, SleepFuture{})
	run(t, l)
	if !isDone(l, none) || !isDone(l, zero) || isDone(l, forever) {
		t.Error("a sleep of no time, and one for ever, are mixed up")
	}
	if d, ok := l.NextTimer(); !ok || d != 5 {
		t.Errorf("NextTimer = %v, %v", d, ok)
	}
	forever.Cancel()
	if mustWait(t, forever).Result() != ErrCanceled {
		t.Error("not cancelled")
	}
	if _, ok := l.NextTimer(); ok {
		t.Error("a timer is left")
	}
	forever.Release()
	none.Release()
	zero.Release()
}

// TestTimerThatFiresBetweenCancelAndPoll has a future cancel its sleep and poll it
// much later: the frame is not quarantined, and other timers are on time.
func TestTimerThatFiresBetweenCancelAndPoll(t *testing.T) {
	l, v := newVirtualLoop(t)
	other := Spawn(l, SleepAsync(time.Second))
	task := Spawn(l, lateCancel{s: SleepAsync(time.Minute)})
	run(t, l)
	task.Waker().Wake() // it cancels its sleep, and does not poll it
	run(t, l)
	mustWait(t, other)
	if v.now > 2*time.Second {
		t.Errorf("the timer of a second was seen after %v", v.now)
	}
	v.now += time.Hour
	run(t, l)
	task.Waker().Wake()
	if mustWait(t, task).s.Result() != ErrCanceled {
		t.Error("not cancelled")
	}
	task.Release()
	other.Release()
	if l.leaked != 0 {
		t.Error("the frame is quarantined, although nothing points into it")
	}
}

type lateCancel struct {
	s     SleepFuture
	polls int
}

func (f *lateCancel) Poll(cx *Context) Poll {
	f.polls++
	switch f.polls {
	case 1:
		return f.s.Poll(cx)
	case 2:
		f.s.Cancel()
		return Pending
	}
	return f.s.Poll(cx)
}

func TestTimerOfATaskThatEndedFiresHarmlessly(t *testing.T) {
	l, v := newVirtualLoop(t)
	l.cfg.OnPanic = func(*PanicError) {}
	var frames []*hasty
	for i := range 4 {
		task := Spawn(l, hasty{s: SleepAsync(time.Minute), panics: i%2 == 1})
		f, _ := task.Wait()
		frames = append(frames, f)
		task.Release()
	}
	before := make([]hasty, len(frames))
	for i, f := range frames {
		before[i] = *f
	}
	// The memory is not given to others.
	var others []Task[hasty]
	for range 100 {
		task := Spawn(l, hasty{})
		f, _ := task.Wait()
		if slices.Contains(frames, f) {
			t.Fatal("a quarantined frame was used again")
		}
		others = append(others, task)
	}
	if s, err := l.Stats(t.Context()); err != nil || s.Quarantined != 4 || s.Tasks != 100 || s.Live != 0 {
		t.Errorf("Stats = %+v, %v", s, err)
	}
	v.now += time.Hour
	run(t, l)
	for i, f := range frames {
		if f.n != before[i].n {
			t.Error("a quarantined frame was written to")
		}
	}
	for _, task := range others {
		task.Release()
	}
}

// hasty is Ready, or panics, while its sleep is under way.
type hasty struct {
	s      SleepFuture
	n      int
	panics bool
}

func (f *hasty) Poll(cx *Context) Poll {
	f.n++
	f.s.Poll(cx)
	if f.panics {
		panic("hasty")
	}
	return Ready
}

func TestCopyOfASleepUnderWayIsCaught(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, SleepAsync(time.Hour))
	run(t, l)
	moved := *at(l, task)
	wantMoved(t, "a poll", func() { moved.Poll(&l.cx) })
	task.Cancel()
	mustWait(t, task)
	task.Release()
}

func TestHundredThousandTimersStartAndStopInConstantTime(t *testing.T) {
	const n = 100_000
	l, _ := newVirtualLoop(t)
	tasks := make([]Task[SleepFuture], n)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range tasks {
		tasks[i] = Spawn(l, SleepAsync(time.Hour+spread(rng, 50)))
	}
	run(t, l)
	for _, i := range rng.Perm(n) {
		tasks[i].Cancel()
	}
	for _, task := range tasks {
		if mustWait(t, task).Result() != ErrCanceled {
			t.Fatal("not cancelled")
		}
		task.Release()
	}
	if _, ok := l.NextTimer(); ok || l.leaked != 0 {
		t.Errorf("a timer is left, or %d frames are", l.leaked)
	}
	occupied := 0
	for _, o := range l.timers.occupied {
		occupied += bits.OnesCount64(o)
	}
	if occupied != 0 {
		t.Errorf("%d slots of the wheel are still looked at", occupied)
	}
}

func TestTimersCascadeAtMostOncePerLevel(t *testing.T) {
	l := newTestLoop(t)
	w := newWheel(0)
	// Step the wheel as a loop would: each step is one slot or one cascade.
	tm := &timer{when: math.MaxInt64, slot: 1, gen: 1 << 31}
	w.start(tm)
	steps := 0
	for tm.next != nil {
		head, level, start, ok := w.earliest()
		if !ok || head.next != tm {
			t.Fatal("the timer is lost")
		}
		if steps++; steps > wheelLevels {
			t.Fatalf("more than %d steps, now on level %d", wheelLevels, level)
		}
		w.expire(start, l)
	}
}
