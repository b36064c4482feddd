package future

import "github.com/pinion-go/pinion/unsafeptr"

// Semaphore is a number of permits that are acquired and released, to bound how
// much goes on at once: connections, bytes in memory. Make one with [NewSemaphore];
// it must not be copied after its first use.
//
// Who waits for many permits is not overtaken by those who want few: everybody
// waits in one line, and the first in it has its permits before the second, even
// if there are enough for the second only.
//
// What is said of [Mutex] about order, polls, panics and goroutines holds here too.
type Semaphore struct {
	p    permits
	size int
}

// NewSemaphore returns a semaphore with n permits, 0 <= n <= math.MaxInt/2. It
// panics with a [*PermitError] for other numbers.
func NewSemaphore(n int) *Semaphore {
	if n < 0 || n > maxPermits {
		panic(&PermitError{Op: "NewSemaphore", N: n, Have: maxPermits})
	}
	return &Semaphore{size: n}
}

// Size returns the number of permits, held or not.
func (s *Semaphore) Size() int { return s.size }

// Acquire waits for n permits and takes them, all together. It returns nil, a
// [*PermitError] at once if there are not so many, or [ErrBlockedPoll] when it would
// have to wait inside a poll: use AcquireAsync there. It panics if n < 0.
func (s *Semaphore) Acquire(n int) error {
	if s.TryAcquire(n) {
		return nil
	}
	if n > s.size {
		return s.tooMany(n)
	}
	f := s.AcquireAsync(n)
	return f.block(&f)
}

func (s *Semaphore) tooMany(n int) error {
	return &PermitError{Op: "Semaphore.Acquire", Addr: unsafeptr.Addr(s), N: n, Have: s.size}
}

// AcquireAsync is [Semaphore.Acquire] as a future. Its result is nil, a
// *PermitError, or [ErrCanceled] if it has not got the permits.
//
//pinion:noescape
func (s *Semaphore) AcquireAsync(n int) SemaphoreAcquireFuture {
	s.check(n, "Semaphore.Acquire")
	return SemaphoreAcquireFuture{newAcquire(&s.p, n), s}
}

// TryAcquire takes n permits if they are free and nobody waits for permits, and
// reports whether it has. It panics if n < 0.
//
//pinion:noescape
func (s *Semaphore) TryAcquire(n int) bool {
	s.check(n, "Semaphore.Acquire")
	return s.p.try(n, s.size)
}

// Release gives back n permits: it panics with a [*PermitError] if fewer are held,
// or n < 0.
//
//pinion:noescape
func (s *Semaphore) Release(n int) { s.release(n, nil) }

// ReleaseCx is [Semaphore.Release] within a poll: waking waiters on the same loop
// is cheaper.
//
//pinion:noescape
func (s *Semaphore) ReleaseCx(cx *Context, n int) { s.release(n, cx.loop) }

func (s *Semaphore) release(n int, l *Loop) {
	s.check(n, "Semaphore.Release")
	if !s.p.release(n, s.size, s.size, l) {
		panic(&PermitError{Op: "Semaphore.Release", Addr: unsafeptr.Addr(s), N: n, Have: int(s.p.state.Load() >> 1)})
	}
}

func (s *Semaphore) check(n int, op string) {
	if n < 0 {
		panic(&PermitError{Op: op, Addr: unsafeptr.Addr(s), N: n, Have: s.size})
	}
}

// SemaphoreAcquireFuture is the future of [Semaphore.AcquireAsync].
type SemaphoreAcquireFuture struct {
	acquire
	s *Semaphore
}

// Poll implements [Future].
func (f *SemaphoreAcquireFuture) Poll(cx *Context) Poll {
	if f.w.want > f.s.size && f.state == opFresh {
		if !cx.Spend() {
			return Pending
		}
		f.state = opClosed
	}
	return f.poll(cx, f.s.size)
}

// Result returns nil if the permits are held, or the reason why they are not.
func (f *SemaphoreAcquireFuture) Result() error {
	if f.state == opClosed {
		return f.s.tooMany(f.w.want)
	}
	return f.err()
}
