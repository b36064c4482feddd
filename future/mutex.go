package future

import "github.com/pinion-go/pinion/unsafeptr"

// Mutex is a lock for tasks and goroutines, on any number of loops, which may be
// held while a task waits. The zero Mutex is unlocked. It must not be copied after
// its first use.
//
// It is fair: it goes to those who wait in the order in which they came, and a
// TryLock or a new Lock does not overtake them. That costs a change of tasks for
// each hand-over; where a critical section has no suspension point in it, a
// sync.Mutex is the better one. The line is first come, first served but for one
// case: a waiter that is offered the lock and then not polled, because the future
// it is in polls something else, loses its turn when that poll ends, and queues up
// again when it is polled. So a future that nobody polls cannot keep the lock from
// others ("futurelock").
//
// Like sync.Mutex it knows no owner: who unlocks need not be who locked, and a
// panic while it is held leaves it locked. Unlock in a deferred call.
//
// Not guaranteed: that a waiter on a [Loop] which is no longer stepped loses its
// turn, since nobody is there to take it away.
//
// All methods may be called from any goroutine; Lock only outside of polls.
type Mutex struct{ p permits }

const (
	mutexPermits = 1
	mutexLocked  = mutexPermits << 1 // permits.state of a Mutex for which nobody waits
)

// Lock waits until the lock is free and takes it. It returns nil, or
// [ErrBlockedPoll] without the lock when it would have to wait inside a poll: use
// LockAsync there.
func (m *Mutex) Lock() error {
	if m.p.state.CompareAndSwap(0, mutexLocked) {
		return nil
	}
	return m.lockSlow()
}

func (m *Mutex) lockSlow() error {
	f := m.LockAsync()
	return f.block(&f)
}

// LockAsync is [Mutex.Lock] as a future. Its result is nil, or [ErrCanceled] if
// it has not got the lock.
//
//pinion:noescape
func (m *Mutex) LockAsync() MutexLockFuture {
	return MutexLockFuture{newAcquire(&m.p, mutexPermits)}
}

// TryLock takes the lock if it is free and nobody waits for it, and reports
// whether it has.
//
//pinion:noescape
func (m *Mutex) TryLock() bool {
	return m.p.state.CompareAndSwap(0, mutexLocked) || m.p.try(mutexPermits, mutexPermits)
}

// Unlock unlocks m, which must be locked: it panics with a [*PermitError] if it is
// not.
//
//pinion:noescape
func (m *Mutex) Unlock() {
	if !m.p.state.CompareAndSwap(mutexLocked, 0) {
		m.unlockSlow(nil)
	}
}

// UnlockCx is [Mutex.Unlock] within a poll: waking a waiter on the same loop is
// cheaper.
//
//pinion:noescape
func (m *Mutex) UnlockCx(cx *Context) {
	if !m.p.state.CompareAndSwap(mutexLocked, 0) {
		m.unlockSlow(cx.loop)
	}
}

func (m *Mutex) unlockSlow(l *Loop) {
	if !m.p.release(mutexPermits, mutexPermits, mutexPermits, l) {
		panic(&PermitError{Op: "Mutex.Unlock", Addr: unsafeptr.Addr(m), N: 1})
	}
}

// MutexLockFuture is the future of [Mutex.LockAsync].
type MutexLockFuture struct{ acquire }

// Poll implements [Future].
func (f *MutexLockFuture) Poll(cx *Context) Poll {
	if f.state == opFresh && !f.ends(cx) && cx.budget > 0 && f.p.state.CompareAndSwap(0, mutexLocked) {
		cx.budget--
		f.state = opDone
		return Ready
	}
	return f.poll(cx, mutexPermits)
}

// Result returns nil if the lock is held, or [ErrCanceled].
func (f *MutexLockFuture) Result() error { return f.err() }
