package future

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// lockable is a Semaphore, or an RWMutex seen as one: a writer takes all permits.
type lockable struct {
	name    string
	p       *permits
	size    int
	wants   []int // how many permits can be asked for
	acquire func(n int) Future
	err     func(f Future) error
	try     func(n int) bool
	release func(n int)
}

func lockables() []lockable {
	sem := NewSemaphore(5)
	var rw RWMutex
	var m Mutex
	err := func(f Future) error { return f.(interface{ Result() error }).Result() }
	return []lockable{{
		"Semaphore", &sem.p, 5, []int{0, 1, 2, 3, 5},
		func(n int) Future { f := sem.AcquireAsync(n); return &f }, err,
		sem.TryAcquire, sem.Release,
	}, {
		"RWMutex", &rw.p, rwPermits, []int{1, 1, 1, rwPermits},
		func(n int) Future {
			if n == 1 {
				f := rw.RLockAsync()
				return &f
			}
			f := rw.LockAsync()
			return &f
		}, err,
		func(n int) bool {
			if n == 1 {
				return rw.TryRLock()
			}
			return rw.TryLock()
		},
		func(n int) {
			if n == 1 {
				rw.RUnlock()
			} else {
				rw.Unlock()
			}
		},
	}, {
		"Mutex", &m.p, 1, []int{1},
		func(int) Future { f := m.LockAsync(); return &f }, err,
		func(int) bool { return m.TryLock() },
		func(int) { m.Unlock() },
	}}
}

// TestLocksAgainstModel performs random operations on one loop and compares who
// holds what with the plainest of models: a number and a line.
func TestLocksAgainstModel(t *testing.T) {
	type entry struct {
		n    int
		task Task[boxed]
		f    Future
	}
	for _, x := range lockables() {
		t.Run(x.name, func(t *testing.T) {
			l := newTestLoop(t)
			rng := rand.New(rand.NewPCG(1, 2))
			var line, holds, given []entry // given: up and over
			free := x.size
			// settle moves in the model whoever has his turn.
			settle := func() {
				for len(line) > 0 && line[0].n <= free {
					free -= line[0].n
					holds = append(holds, line[0])
					line = line[1:]
				}
			}
			for step := range 5000 {
				op := rng.IntN(10)
				switch {
				case op < 4 && len(line)+len(holds) < 20:
					n := x.wants[rng.IntN(len(x.wants))]
					f := x.acquire(n)
					line = append(line, entry{n, Spawn(l, boxed{f}), f})
				case op < 7 && len(holds) > 0:
					i := rng.IntN(len(holds))
					x.release(holds[i].n)
					free += holds[i].n
					given = append(given, holds[i])
					holds = slices.Delete(holds, i, i+1)
				case op < 8 && len(line) > 0:
					i := rng.IntN(len(line))
					line[i].task.Cancel()
					given = append(given, line[i])
					line = slices.Delete(line, i, i+1)
				default:
					n := x.wants[rng.IntN(len(x.wants))]
					got, want := x.try(n), len(line) == 0 && n <= free
					if got != want {
						t.Fatalf("step %d: a try for %d permits: %v, want %v with %d free and %d waiting", step, n, got, want, free, len(line))
					}
					if got {
						x.release(n)
					}
				}
				settle()
				run(t, l)
				for _, e := range line {
					wantDone(t, l, e.task, false)
				}
				for _, e := range holds {
					wantDone(t, l, e.task, true)
					if err := x.err(e.f); err != nil {
						t.Fatalf("step %d: %v", step, err)
					}
				}
				for _, e := range given {
					release(t, e.task)
				}
				given = given[:0]
				if held := int(x.p.state.Load() >> 1); held != x.size-free {
					t.Fatalf("step %d: %d held, want %d", step, held, x.size-free)
				}
			}
			for len(holds)+len(line) > 0 {
				for _, e := range holds {
					x.release(e.n)
					free += e.n
					e.task.Release()
				}
				holds = nil
				settle()
				run(t, l)
			}
			wantUnused(t, x.p)
			wantQuiet(t, l, &x.p.q)
		})
	}
}

// boxed is a future on the heap.
type boxed struct{ f Future }

func (b *boxed) Poll(cx *Context) Poll { return b.f.Poll(cx) }

// TestLocksFutureLock: a waiter in front that nobody polls any more, of every kind,
// before one of every kind.
func TestLocksFutureLock(t *testing.T) {
	for i := range lockables() {
		for _, first := range lockables()[i].wants {
			for _, second := range lockables()[i].wants {
				x := lockables()[i]
				l := newTestLoop(t)
				if !x.try(x.size) {
					t.Fatal("it is not free")
				}
				ears := true
				d := deaf[boxed, *boxed]{f: boxed{x.acquire(first)}, ears: &ears}
				a := Spawn(l, d)
				g := x.acquire(second)
				b := Spawn(l, boxed{g})
				run(t, l)
				if first == 0 {
					wantDone(t, l, a, true) // it never had to wait
				}
				ears = false
				x.release(x.size)
				run(t, l)
				wantDone(t, l, b, true)
				if err := x.err(g); err != nil {
					t.Errorf("%s: %d before %d: %v", x.name, first, second, err)
				}
				x.release(second)
				ears = true
				a.w.Wake()
				release(t, a)
				release(t, b)
				x.release(first)
				wantUnused(t, x.p)
				wantQuiet(t, l, &x.p.q)
			}
		}
	}
}

// TestLocksWithdrawalOfTheFirstLetsTheNextPass: he waits for much, they for little.
func TestLocksWithdrawalOfTheFirstLetsTheNextPass(t *testing.T) {
	for _, how := range []string{"waiting", "chosen"} {
		l := newTestLoop(t)
		s := NewSemaphore(4)
		s.Acquire(2)
		big := Spawn(l, s.AcquireAsync(3))
		var small []Task[SemaphoreAcquireFuture]
		for range 4 {
			small = append(small, Spawn(l, s.AcquireAsync(1)))
		}
		run(t, l)
		for _, task := range small {
			wantDone(t, l, task, false)
		}
		if how == "chosen" {
			s.Release(2)
		}
		big.Cancel()
		run(t, l)
		got := 0
		for _, task := range small {
			if taskDone(l, task) {
				got++
			}
		}
		if want := map[string]int{"waiting": 2, "chosen": 4}[how]; got != want {
			t.Errorf("%s: %d have their permit, want %d", how, got, want)
		}
		if how == "waiting" {
			s.Release(2)
		}
		for _, task := range small {
			release(t, task)
		}
		if err := at(l, big).Result(); err != ErrCanceled {
			t.Errorf("Result = %v", err)
		}
		release(t, big)
		s.Release(4)
		wantUnused(t, &s.p)
		wantQuiet(t, l, &s.p.q)
	}
}

func TestPermitErrorSaysWhatWasWrong(t *testing.T) {
	for _, c := range []struct {
		e    PermitError
		want string
	}{
		{PermitError{Op: "Mutex.Unlock", Addr: 0x10, N: 1}, "future: Mutex.Unlock at 0x10: it is not locked in this way; unlock once for each lock"},
		{PermitError{Op: "Semaphore.Release", Addr: 0x10, N: 3, Have: 2}, "future: Semaphore.Release at 0x10: 3 permits were given back and 2 were held; release what was acquired, once"},
		{PermitError{Op: "Semaphore.Acquire", Addr: 0x10, N: 3, Have: 2}, "future: Semaphore.Acquire at 0x10: 3 of 2 permits were asked for, which would wait for ever; ask for fewer"},
		{PermitError{Op: "Semaphore.Acquire", Addr: 0x10, N: -3, Have: 2}, "future: Semaphore.Acquire at 0x10: -3 is not a number of permits; it must be 0 or more"},
		{PermitError{Op: "Semaphore.Release", Addr: 0x10, N: -3, Have: 2}, "future: Semaphore.Release at 0x10: -3 is not a number of permits; it must be 0 or more"},
		{PermitError{Op: "NewSemaphore", N: -1, Have: maxPermits}, "future: NewSemaphore: -1 is not a number of permits; it must be 0 or more"},
		{PermitError{Op: "NewSemaphore", N: 9, Have: 8}, "future: NewSemaphore: 9 permits are too many; 8 is the most"},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// wantPermitError checks that f panics with a *PermitError of the given operation.
func wantPermitError(tb testing.TB, op string, f func()) {
	tb.Helper()
	defer func() {
		tb.Helper()
		err, _ := recover().(error)
		if e, ok := errors.AsType[*PermitError](err); !ok || e.Op != op {
			tb.Errorf("panic %v, want a *PermitError of %s", err, op)
		}
	}()
	f()
}
