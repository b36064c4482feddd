package future

import "github.com/pinion-go/pinion/unsafeptr"

// RWMutex is a [Mutex] that any number of readers may hold at once, or else one
// writer. The zero RWMutex is unlocked. It must not be copied after its first use.
//
// Readers and writers wait in one line: a reader that comes while a writer waits
// waits behind it, so that readers do not starve writers, nor writers readers. A
// task that holds the lock for reading must therefore not wait to read-lock it
// again.
//
// What is said of [Mutex] about order, polls, panics and goroutines holds here too.
type RWMutex struct{ p permits }

// rwPermits is how many readers there can be at once. Those beyond wait.
const rwPermits = 1<<30 - 1

// Lock waits until the lock is free and takes it for writing. It returns nil, or
// [ErrBlockedPoll] as [Mutex.Lock] does.
func (m *RWMutex) Lock() error {
	if m.TryLock() {
		return nil
	}
	f := m.LockAsync()
	return f.block(&f)
}

// LockAsync is [RWMutex.Lock] as a future. Its result is nil, or [ErrCanceled] if
// it has not got the lock.
//
//pinion:noescape
func (m *RWMutex) LockAsync() RWMutexLockFuture {
	return RWMutexLockFuture{newAcquire(&m.p, rwPermits)}
}

// TryLock takes the lock for writing if it is free and nobody waits for it, and
// reports whether it has.
//
//pinion:noescape
func (m *RWMutex) TryLock() bool { return m.p.try(rwPermits, rwPermits) }

// Unlock gives up the lock, which must be held for writing: it panics with a
// [*PermitError] if it is not.
//
//pinion:noescape
func (m *RWMutex) Unlock() { m.unlock(nil) }

// UnlockCx is [RWMutex.Unlock] within a poll: waking a waiter on the same loop is
// cheaper.
//
//pinion:noescape
func (m *RWMutex) UnlockCx(cx *Context) { m.unlock(cx.loop) }

func (m *RWMutex) unlock(l *Loop) {
	if !m.p.release(rwPermits, rwPermits, rwPermits, l) {
		panic(&PermitError{Op: "RWMutex.Unlock", Addr: unsafeptr.Addr(m), N: 1})
	}
}

// RLock waits until no writer holds the lock or waits for it, and takes it for
// reading. It returns nil, or [ErrBlockedPoll] as [Mutex.Lock] does.
func (m *RWMutex) RLock() error {
	if m.p.tryFast(1, rwPermits) {
		return nil
	}
	return m.rlockSlow()
}

func (m *RWMutex) rlockSlow() error {
	f := m.RLockAsync()
	return f.block(&f)
}

// RLockAsync is [RWMutex.RLock] as a future. Its result is nil, or [ErrCanceled]
// if it has not got the lock.
//
//pinion:noescape
func (m *RWMutex) RLockAsync() RWMutexRLockFuture {
	return RWMutexRLockFuture{newAcquire(&m.p, 1)}
}

// TryRLock takes the lock for reading if no writer holds it and nobody waits for
// it, and reports whether it has.
//
//pinion:noescape
func (m *RWMutex) TryRLock() bool { return m.p.try(1, rwPermits) }

// RUnlock gives up the lock for one reader: it panics with a [*PermitError] if
// there is none.
//
//pinion:noescape
func (m *RWMutex) RUnlock() {
	if !m.p.releaseFast(1, rwPermits-1) {
		m.runlock(nil)
	}
}

// RUnlockCx is [RWMutex.RUnlock] within a poll: waking a waiter on the same loop is
// cheaper.
//
//pinion:noescape
func (m *RWMutex) RUnlockCx(cx *Context) {
	if !m.p.releaseFast(1, rwPermits-1) {
		m.runlock(cx.loop)
	}
}

func (m *RWMutex) runlock(l *Loop) {
	// All permits in one hand are a writer's, not a reader's.
	if !m.p.release(1, rwPermits-1, rwPermits, l) {
		panic(&PermitError{Op: "RWMutex.RUnlock", Addr: unsafeptr.Addr(m), N: 1})
	}
}

// RWMutexLockFuture is the future of [RWMutex.LockAsync].
type RWMutexLockFuture struct{ acquire }

// Poll implements [Future].
func (f *RWMutexLockFuture) Poll(cx *Context) Poll { return f.poll(cx, rwPermits) }

// Result returns nil if the lock is held for writing, or [ErrCanceled].
func (f *RWMutexLockFuture) Result() error { return f.err() }

// RWMutexRLockFuture is the future of [RWMutex.RLockAsync].
type RWMutexRLockFuture struct{ acquire }

// Poll implements [Future].
func (f *RWMutexRLockFuture) Poll(cx *Context) Poll { return f.poll(cx, rwPermits) }

// Result returns nil if the lock is held for reading, or [ErrCanceled].
func (f *RWMutexRLockFuture) Result() error { return f.err() }
