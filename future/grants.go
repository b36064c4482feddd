package future

import (
	"sync"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// grantList is the waiters of one owner's tasks that were chosen and have not
// answered. It is a hash table of their slots, linked through the waiters, so that
// after a poll the loop finds those that the poll has passed over however many
// there are elsewhere. Its lock is taken after a queue's.
type grantList struct {
	mu      sync.Mutex
	buckets []*waiter // a power of two of them
	n       int
}

func (g *grantList) bucket(slot uint32) **waiter {
	return &g.buckets[slot&uint32(len(g.buckets)-1)]
}

func (g *grantList) add(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n >= len(g.buckets) {
		g.grow()
	}
	g.n++
	g.link(w)
}

func (g *grantList) grow() {
	old := g.buckets
	g.buckets = make([]*waiter, max(8, 2*len(old)))
	for _, w := range old {
		for w != nil {
			next := w.next
			g.link(w)
			w = next
		}
	}
}

func (g *grantList) link(w *waiter) {
	b := g.bucket(w.waker.slot)
	w.prev, w.next = nil, *b
	if w.next != nil {
		w.next.prev = w
	}
	*b = w
}

// remove takes w out, and reports whether other waiters of its task are left. It
// panics with a [pin.MovedError] if w is not in it: then it is a copy of one that is
// or was.
func (g *grantList) remove(w *waiter) (others bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var original *waiter
	if w.prev != nil {
		original = w.prev.next
	} else if len(g.buckets) > 0 {
		original = *g.bucket(w.waker.slot)
	}
	if original != w {
		panic(&pin.MovedError{Pinned: unsafeptr.Addr(original), Now: unsafeptr.Addr(w)})
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		*g.bucket(w.waker.slot) = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.next, w.prev = nil, nil
	g.n--
	for o := *g.bucket(w.waker.slot); o != nil; o = o.next {
		if o.waker == w.waker {
			return true
		}
	}
	return false
}

// of returns a waiter of the given task that has not answered, and the queue that
// chose it, or nil. With warned set it passes over those not warned.
func (g *grantList) of(slot, gen uint32, warned bool) (*waiter, *waitQueue) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == 0 {
		return nil, nil
	}
	for w := *g.bucket(slot); w != nil; w = w.next {
		if w.waker.slot == slot && w.waker.gen == gen && (w.warned || !warned) {
			return w, w.q
		}
	}
	return nil, nil
}

// warn warns the waiters of a task that is about to be polled again: this is
// their last chance. It reports whether there are any.
func (g *grantList) warn(slot, gen uint32) (any bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == 0 {
		return false
	}
	for w := *g.bucket(slot); w != nil; w = w.next {
		if w.waker.slot == slot && w.waker.gen == gen {
			w.warned, any = true, true
		}
	}
	return any
}
