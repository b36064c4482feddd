package future

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func TestRWMutexExcludes(t *testing.T) {
	scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
		var m RWMutex
		var readers, writers atomic.Int32
		var reads, writes atomic.Int64
		plain := 0
		in := func(write bool) {
			if write {
				if w, r := writers.Add(1), readers.Load(); w != 1 || r != 0 {
					t.Errorf("a writer is in with %d other writers and %d readers", w-1, r)
				}
				plain++
				writes.Add(1)
				return
			}
			readers.Add(1)
			if w := writers.Load(); w != 0 {
				t.Errorf("a reader is in with %d writers", w)
			}
			_ = plain
			reads.Add(1)
		}
		out := func(write bool) {
			if write {
				writers.Add(-1)
			} else {
				readers.Add(-1)
			}
		}
		var ends []func()
		for i := range c.tasks {
			left := c.rounds
			ends = append(ends, spawn(newActor(uint64(i), func(rng *rand.Rand) *attempt {
				if left--; left < 0 {
					return nil
				}
				write, local, hold := rng.IntN(3) == 0, rng.IntN(2) == 0, rng.IntN(4)
				var f Future
				var result func() error
				if write {
					g := m.LockAsync()
					f, result = &g, g.Result
				} else {
					g := m.RLockAsync()
					f, result = &g, g.Result
				}
				return &attempt{
					f: f,
					then: func(*Context) (int, error) {
						if err := result(); err != nil {
							return 0, err
						}
						in(write)
						return hold, nil
					},
					done: func(cx *Context) {
						out(write)
						switch {
						case write && local:
							m.UnlockCx(cx)
						case write:
							m.Unlock()
						case local:
							m.RUnlockCx(cx)
						default:
							m.RUnlock()
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
					var err error
					write := rng.IntN(3) == 0
					switch {
					case write && !m.TryLock():
						err = m.Lock()
					case !write && !m.TryRLock():
						err = m.RLock()
					}
					if err != nil {
						t.Error(err)
					}
					in(write)
					fiddle(rng)
					out(write)
					if write {
						m.Unlock()
					} else {
						m.RUnlock()
					}
				}
			})
		}
		wg.Wait()
		for _, end := range ends {
			end()
		}
		if reads.Load() == 0 || writes.Load() == 0 {
			t.Errorf("%d reads, %d writes", reads.Load(), writes.Load())
		}
		wantUnused(t, &m.p)
	})
}

func TestRWMutexReadersShare(t *testing.T) {
	l := newTestLoop(t)
	var m RWMutex
	m.Lock()
	var readers []Task[RWMutexRLockFuture]
	for range 10 {
		readers = append(readers, Spawn(l, m.RLockAsync()))
	}
	run(t, l)
	m.Unlock()
	run(t, l)
	for _, r := range readers {
		wantDone(t, l, r, true)
	}
	if !m.TryRLock() || m.TryLock() {
		t.Error("a reader is refused, or a writer is not")
	}
	for range 11 {
		m.RUnlock()
	}
	for _, r := range readers {
		release(t, r)
	}
	wantUnused(t, &m.p)
}

func TestRWMutexWriterIsNotStarvedByReaders(t *testing.T) {
	l := newTestLoop(t)
	var m RWMutex
	m.RLock()
	writer := Spawn(l, m.LockAsync())
	run(t, l)
	// Readers come and go, overlapping, and never leave the lock free.
	for range 10 {
		if m.TryRLock() {
			t.Fatal("a reader has overtaken a writer")
		}
	}
	late := Spawn(l, m.RLockAsync())
	run(t, l)
	wantDone(t, l, late, false)
	m.RUnlock()
	run(t, l)
	wantDone(t, l, writer, true)
	wantDone(t, l, late, false)
	m.Unlock()
	run(t, l)
	wantDone(t, l, late, true)
	m.RUnlock()
	release(t, writer)
	release(t, late)
	wantUnused(t, &m.p)
}

func TestRWMutexCancelledWriterLetsReadersIn(t *testing.T) {
	l := newTestLoop(t)
	var m RWMutex
	m.RLock()
	writer := Spawn(l, m.LockAsync())
	a, b := Spawn(l, m.RLockAsync()), Spawn(l, m.RLockAsync())
	run(t, l)
	wantDone(t, l, a, false)
	writer.Cancel()
	run(t, l)
	wantDone(t, l, a, true)
	wantDone(t, l, b, true)
	for range 3 {
		m.RUnlock()
	}
	release(t, writer)
	release(t, a)
	release(t, b)
	wantUnused(t, &m.p)
	wantQuiet(t, l, &m.p.q)
}

func TestRWMutexUnlockOfUnlockedPanics(t *testing.T) {
	var m RWMutex
	wantPermitError(t, "RWMutex.Unlock", m.Unlock)
	wantPermitError(t, "RWMutex.RUnlock", m.RUnlock)
	m.Lock()
	wantPermitError(t, "RWMutex.RUnlock", m.RUnlock)
	m.Unlock()
	m.RLock()
	m.RLock()
	wantPermitError(t, "RWMutex.Unlock", m.Unlock)
	m.RUnlock()
	m.RUnlock()
	wantPermitError(t, "RWMutex.RUnlock", m.RUnlock)
	wantUnused(t, &m.p)
	// The same while somebody waits.
	l := newTestLoop(t)
	m.Lock()
	a := Spawn(l, m.RLockAsync())
	run(t, l)
	wantPermitError(t, "RWMutex.RUnlock", m.RUnlock)
	m.Unlock()
	wantPermitError(t, "RWMutex.Unlock", m.Unlock)
	wantPermitError(t, "RWMutex.RUnlock", m.RUnlock)
	release(t, a)
	m.RUnlock()
	wantUnused(t, &m.p)
}

func TestRWMutexInsidePollIsRefused(t *testing.T) {
	l := newTestLoop(t)
	var m RWMutex
	m.Lock()
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if err := m.Lock(); err != ErrBlockedPoll {
			t.Errorf("Lock = %v", err)
		}
		if err := m.RLock(); err != ErrBlockedPoll {
			t.Errorf("RLock = %v", err)
		}
		return Ready
	}})
	release(t, task)
	m.Unlock()
	wantUnused(t, &m.p)
}

func TestRWMutexCopiedWhileWaitingIsCaught(t *testing.T) {
	l := newTestLoop(t)
	var m RWMutex
	m.Lock()
	r, w := Spawn(l, m.RLockAsync()), Spawn(l, m.LockAsync())
	run(t, l)
	rr, ww := *at(l, r), *at(l, w)
	bad := Spawn(l, script{f: func(cx *Context, n int) Poll {
		wantMoved(t, "RLockFuture", func() { rr.Poll(cx) })
		wantMoved(t, "LockFuture", func() { ww.Poll(cx) })
		return Ready
	}})
	release(t, bad)
	m.Unlock()
	run(t, l)
	m.RUnlock()
	release(t, r)
	release(t, w)
	m.Unlock()
	wantUnused(t, &m.p)
}

func TestRWMutexDoesNotAllocateToWait(t *testing.T) {
	var m RWMutex
	wantNoAllocs(t, 3, m.LockAsync, m.UnlockCx)
	m.Lock()
	l := newTestLoop(t)
	var readers []Task[RWMutexRLockFuture]
	for range 3 {
		readers = append(readers, Spawn(l, m.RLockAsync()))
	}
	run(t, l)
	m.Unlock()
	run(t, l)
	for _, r := range readers {
		release(t, r)
		m.RUnlock()
	}
	wantUnused(t, &m.p)
}
