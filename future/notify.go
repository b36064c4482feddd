package future

import (
	"sync"
	"sync/atomic"
)

// Notify tells tasks and goroutines that something has happened; what, they look up
// elsewhere. It is the building block for conditions of one's own. The zero Notify
// is ready for use. It must not be copied after its first use.
//
// NotifyOne ends one Wait: that of who has waited longest, or else the next one to
// come, for which one notification is stored. NotifyAll ends the waits that there
// are, and stores nothing. A wait begins when WaitAsync is called, not when its
// future is polled first, so that nothing is missed by
//
//	f := n.WaitAsync()
//	if !condition() {
//		// poll f
//	}
//
// A notification of NotifyOne that its receiver does not take, because it is
// cancelled or no longer polled, goes to the next.
//
// All methods may be called from any goroutine; Wait only outside of polls. The
// type is tokio's.
type Notify struct {
	all atomic.Uint64 // how often NotifyAll was called; changed with mu held
	mu  sync.Mutex    // protects the following
	q   waitQueue
	one int // notifications for one that nobody has taken: those promised, and perhaps one more
}

// Wait waits for a notification. It returns nil, or [ErrBlockedPoll] when it would
// have to wait inside a poll: use WaitAsync there.
func (n *Notify) Wait() error {
	f := n.WaitAsync()
	return f.block(&f)
}

// WaitAsync is [Notify.Wait] as a future. Its result is nil, or [ErrCanceled] if it
// has not received a notification.
//
//pinion:noescape
func (n *Notify) WaitAsync() NotifyWaitFuture {
	return NotifyWaitFuture{n: n, seen: n.all.Load(), w: waiter{want: 1}}
}

// NotifyOne ends the wait of one, or the next one to come.
//
//pinion:noescape
func (n *Notify) NotifyOne() { n.notifyOne(nil) }

// NotifyOneCx is [Notify.NotifyOne] within a poll: waking a waiter on the same loop
// is cheaper.
//
//pinion:noescape
func (n *Notify) NotifyOneCx(cx *Context) { n.notifyOne(cx.loop) }

func (n *Notify) notifyOne(l *Loop) {
	n.mu.Lock()
	defer n.q.unlock(&n.mu)
	n.one++
	n.give(l)
}

// NotifyAll ends all waits that have begun.
//
//pinion:noescape
func (n *Notify) NotifyAll() { n.notifyAll(nil) }

// NotifyAllCx is [Notify.NotifyAll] within a poll: waking waiters on the same loop
// is cheaper.
//
//pinion:noescape
func (n *Notify) NotifyAllCx(cx *Context) { n.notifyAll(cx.loop) }

func (n *Notify) notifyAll(l *Loop) {
	n.mu.Lock()
	defer n.q.unlock(&n.mu)
	n.all.Add(1)
	n.q.wakeAll(l)
}

// give implements giver: it chooses waiters for notifications that are not
// promised, and stores one at the most.
func (n *Notify) give(l *Loop) {
	for n.q.head != nil && n.one > n.q.promised {
		n.q.choose(l)
	}
	n.one = min(n.one, n.q.promised+1)
}

// NotifyWaitFuture is the future of [Notify.WaitAsync].
type NotifyWaitFuture struct {
	n    *Notify
	w    waiter
	seen uint64 // Notify.all when the wait began
	op
}

// Poll implements [Future].
func (f *NotifyWaitFuture) Poll(cx *Context) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	f.look(cx)
	return f.leave(cx)
}

func (f *NotifyWaitFuture) look(cx *Context) {
	n := f.n
	n.mu.Lock()
	defer n.q.unlock(&n.mu)
	n.q.init(&n.mu, n)
	switch {
	case f.seen != n.all.Load() && (f.state != opFresh || !f.ends(cx)):
		f.w.withdraw(cx) // if it was chosen as well, that goes to another
		f.state = opDone
	case f.ends(cx):
		f.w.withdraw(cx)
		f.state = opCanceled
	case f.w.state == waiterChosen || n.q.head == nil && n.one > n.q.promised:
		f.w.done(cx)
		n.one--
		f.state = opDone
	default:
		n.q.wait(cx, &f.w)
	}
}

// Result returns nil after a notification, or [ErrCanceled].
func (f *NotifyWaitFuture) Result() error { return f.err() }
