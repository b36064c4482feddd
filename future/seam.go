package future

// This file is what a [Driver] and the operations that it completes need of a loop and
// of a poll. Who writes neither has no use for it.

// Attacher is a [Driver] that wants to know the loop it serves. Attach is called once,
// before any other method.
type Attacher interface{ Attach(l *Loop) }

// Bound is a [Driver] that belongs to one thread: the one on which it is first called,
// to which it has locked the goroutine (runtime.LockOSThread). When a task's Goexit ends
// the goroutine of a Runtime's loop, the loop goes on within that goroutine's deferred
// calls and keeps the thread; each such task costs some stack.
type Bound interface{ Bound() bool }

// Aborter is a [Driver] that can end by force what an operation cannot give up by itself. Abort is
// called by the loop's shutdown when the time for that is over, before tasks that are left are
// aborted, and waits no longer than it must. It may be called again.
type Aborter interface{ Abort() error }

// Driver returns what Config.Driver has made for this loop, or nil. It may be called
// from any goroutine.
func (l *Loop) Driver() Driver {
	if !l.custom {
		return nil
	}
	return l.driver
}

// Wake is w.Wake() for the loop's driver: it is faster, and may be called only within
// the driver's Submit and Wait, or in a poll of the loop.
func (l *Loop) Wake(w Waker) { l.wake(w) }

// Do has f run by whoever runs the loop, between polls, or by the calling goroutine with
// a nil loop if the loop has ended. It does not wait for that. f must not block. It may be
// called from any goroutine.
func (l *Loop) Do(f func(l *Loop)) { l.post(f) }

// Hold notes that somebody holds a pointer into the frame of the future being polled:
// the kernel, a driver, a list of waiters. Until [Context.Unhold] with the waker that
// it returns, the frame's memory is not reused, even if the task panics or is aborted.
func (cx *Context) Hold() Waker {
	w := cx.Waker()
	cx.hold(w)
	return w
}

// Unhold ends a [Context.Hold] of the same loop.
func (cx *Context) Unhold(w Waker) { cx.unhold(w) }

// Exit ends a poll that is part of an abort at shutdown, by runtime.Goexit, and
// otherwise does nothing. An operation calls it when it has withdrawn; see
// [Runtime.Shutdown].
func (cx *Context) Exit() { cx.abort() }

// Owns reports whether all of b lies in the frame of the task being polled, which is
// pinned: what points there need pin nothing. It says no for futures under [Block] and
// for memory that the frame merely points at.
func (cx *Context) Owns(b []byte) bool {
	h := cx.loop.header(cx.task)
	return h.slab != 0 && cx.loop.slabs[h.slab].owns(h.index, b)
}
