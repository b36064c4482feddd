package future

import (
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func TestSemaphorePermitsAreConserved(t *testing.T) {
	scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
		const size = 5
		s := NewSemaphore(size)
		var held, taken atomic.Int64
		in := func(n int) {
			if h := held.Add(int64(n)); h > size {
				t.Errorf("%d permits of %d are held", h, size)
			}
			taken.Add(1)
		}
		out := func(n int) { held.Add(-int64(n)) }
		var ends []func()
		for i := range c.tasks {
			left := c.rounds
			ends = append(ends, spawn(newActor(uint64(i), func(rng *rand.Rand) *attempt {
				if left--; left < 0 {
					return nil
				}
				n, local, hold := rng.IntN(size+1), rng.IntN(2) == 0, rng.IntN(4)
				f := s.AcquireAsync(n)
				return &attempt{
					f: &f,
					then: func(*Context) (int, error) {
						if err := f.Result(); err != nil {
							return 0, err
						}
						in(n)
						return hold, nil
					},
					done: func(cx *Context) {
						out(n)
						if local {
							s.ReleaseCx(cx, n)
						} else {
							s.Release(n)
						}
					},
				}
			})))
		}
		var wg sync.WaitGroup
		for i := range c.goroutines {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(i), 1))
				for range c.rounds {
					n := rng.IntN(size + 1)
					if rng.IntN(3) > 0 || !s.TryAcquire(n) {
						if err := s.Acquire(n); err != nil {
							t.Error(err)
						}
					}
					in(n)
					fiddle(rng)
					out(n)
					s.Release(n)
				}
			})
		}
		wg.Wait()
		for _, end := range ends {
			end()
		}
		if taken.Load() == 0 || held.Load() != 0 {
			t.Errorf("taken %d times, %d held", taken.Load(), held.Load())
		}
		wantUnused(t, &s.p)
		if !s.TryAcquire(size) {
			t.Error("not all permits are back")
		}
	})
}

func TestSemaphoreSmallDoNotOvertakeLarge(t *testing.T) {
	l := newTestLoop(t)
	s := NewSemaphore(3)
	s.Acquire(1)
	large := Spawn(l, s.AcquireAsync(3))
	run(t, l)
	if s.TryAcquire(1) {
		t.Error("TryAcquire has overtaken")
	}
	small := Spawn(l, s.AcquireAsync(1))
	run(t, l)
	wantDone(t, l, small, false)
	s.Release(1)
	run(t, l)
	wantDone(t, l, large, true)
	wantDone(t, l, small, false)
	s.Release(3)
	release(t, large)
	release(t, small)
	s.Release(1)
	wantUnused(t, &s.p)
}

func TestSemaphoreAcquireOfMoreThanThereAreFailsAtOnce(t *testing.T) {
	l := newTestLoop(t)
	s := NewSemaphore(2)
	if s.Size() != 2 || s.TryAcquire(3) {
		t.Error("3 of 2 permits were acquired")
	}
	check := func(err error) {
		t.Helper()
		if e, ok := errors.AsType[*PermitError](err); !ok || e.N != 3 || e.Have != 2 || e.Op != "Semaphore.Acquire" {
			t.Errorf("err = %v", err)
		}
	}
	check(s.Acquire(3))
	task := Spawn(l, s.AcquireAsync(3))
	f, err := task.Wait()
	if err != nil {
		t.Fatal(err)
	}
	check(f.Result())
	check(f.Result())
	task.Release()
	if f := s.AcquireAsync(math.MaxInt); Block(&f) != nil || f.Result() == nil {
		t.Error("all the permits in the world were acquired")
	}
}

func TestSemaphoreMisusePanics(t *testing.T) {
	s := NewSemaphore(2)
	wantPermitError(t, "Semaphore.Release", func() { s.Release(1) })
	s.Acquire(1)
	wantPermitError(t, "Semaphore.Release", func() { s.Release(2) })
	wantPermitError(t, "Semaphore.Release", func() { s.Release(-1) })
	wantPermitError(t, "Semaphore.Acquire", func() { s.Acquire(-1) })
	wantPermitError(t, "Semaphore.Acquire", func() { s.AcquireAsync(-1) })
	wantPermitError(t, "Semaphore.Acquire", func() { s.TryAcquire(-1) })
	wantPermitError(t, "NewSemaphore", func() { NewSemaphore(-1) })
	wantPermitError(t, "NewSemaphore", func() { NewSemaphore(math.MaxInt) })
	s.Release(1)
	wantUnused(t, &s.p)
}

func TestSemaphoreOfManyPermits(t *testing.T) {
	l := newTestLoop(t)
	s := NewSemaphore(maxPermits)
	if !s.TryAcquire(maxPermits) || s.TryAcquire(1) {
		t.Error("not all permits were there, or more")
	}
	a, b := Spawn(l, s.AcquireAsync(maxPermits)), Spawn(l, s.AcquireAsync(1))
	run(t, l)
	s.Release(maxPermits)
	run(t, l)
	wantDone(t, l, a, true)
	wantDone(t, l, b, false)
	s.Release(maxPermits)
	run(t, l)
	s.Release(1)
	release(t, a)
	release(t, b)
	wantUnused(t, &s.p)
}

func TestSemaphoreOfNoneNeverBlocksForNone(t *testing.T) {
	s := NewSemaphore(0)
	if err := s.Acquire(0); err != nil || !s.TryAcquire(0) {
		t.Errorf("err = %v", err)
	}
	s.Release(0)
	wantUnused(t, &s.p)
}

// TestSemaphoreServesAllWhoFit: one Release may be enough for many.
func TestSemaphoreServesAllWhoFit(t *testing.T) {
	l := newTestLoop(t)
	s := NewSemaphore(10)
	s.Acquire(10)
	var tasks []Task[SemaphoreAcquireFuture]
	for range 10 {
		tasks = append(tasks, Spawn(l, s.AcquireAsync(1)))
	}
	run(t, l)
	s.Release(7)
	run(t, l)
	done := 0
	for _, task := range tasks {
		if taskDone(l, task) {
			done++
		}
	}
	if done != 7 {
		t.Errorf("%d have their permit, want 7", done)
	}
	s.Release(3)
	for _, task := range tasks {
		release(t, task)
	}
	s.Release(10)
	wantUnused(t, &s.p)
}

func TestSemaphoreInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	s := NewSemaphore(1)
	s.Acquire(1)
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if err := s.Acquire(1); err != ErrBlockedPoll {
			t.Errorf("Acquire = %v", err)
		}
		return Ready
	}})
	release(t, task)
	s.Release(1)
	wantUnused(t, &s.p)
}

func TestSemaphoreDoesNotAllocateToWait(t *testing.T) {
	s := NewSemaphore(3)
	wantNoAllocs(t, 3, func() SemaphoreAcquireFuture { return s.AcquireAsync(2) }, func(cx *Context) { s.ReleaseCx(cx, 2) })
	wantUnused(t, &s.p)
}
