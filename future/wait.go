package future

import (
	"sync"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// This file is what the synchronisation primitives are made of: a list of
// waiters that lie inside the pinned futures that wait.
//
// A primitive keeps its state (unlocked, a permit, an element) in itself and
// never in a waiter; a waiter is only *chosen*: told to come and look. What a
// future obtained can therefore not vanish with it. The price is that a chosen
// waiter owes an answer. There are three, and the loop sees to it that one is
// given:
//
//	it is polled, and looks            (waiter.done, or waiter.wait again)
//	it is polled in a cancelled part   (waiter.withdraw: another is chosen)
//	its task's poll ends without it    (Loop.lapse: another is chosen)
//
// The last is what makes "futurelock" impossible: a fair lock that waits for ever
// for a future that nobody polls any more.

// waitQueue is a first-in first-out list of waiters. The primitive's mutex, whose
// address is in mu, protects it and the links of the waiters in it.
type waitQueue struct {
	mu         *sync.Mutex
	head, tail *waiter
	n          int // waiters in the list
}

// waiter is one future's place in a queue. The zero waiter is in none.
type waiter struct {
	next, prev *waiter
	q          *waitQueue // nil while it is in no queue and not chosen
	waker      Waker
	state      waiterState // protected by the queue's mutex
}

type waiterState uint8

const (
	waiterIdle   waiterState = iota // in no list
	waiterQueued                    // in its queue
	waiterChosen                    // in the list of grants of its loop's owner
)

// wait puts w into the queue, at its end, for the future being polled. One that
// is there already only has its waker renewed; one that was chosen goes back to
// the front. The queue's mutex is held.
func (q *waitQueue) wait(cx *Context, w *waiter) {
	w.check()
	me := cx.Waker()
	switch w.state {
	case waiterIdle:
		q.pushBack(w)
	case waiterQueued:
		if w.waker == me {
			return
		}
		cx.unhold(w.waker)
	case waiterChosen: // it came, but others were faster: it keeps its place
		w.unchoose(cx)
		q.pushFront(w)
	}
	w.waker, w.q, w.state = me, q, waiterQueued
	cx.hold(me)
}

// done takes w out for good: it has what it waited for. The queue's mutex is
// held.
func (w *waiter) done(cx *Context) {
	w.check()
	switch w.state {
	case waiterQueued:
		w.q.unlink(w)
		cx.unhold(w.waker)
	case waiterChosen:
		w.unchoose(cx)
	}
	w.state, w.q = waiterIdle, nil
}

// withdraw takes w out because its future no longer waits. If it was chosen,
// another one is. The queue's mutex is held.
func (w *waiter) withdraw(cx *Context) {
	q, chosen := w.q, w.state == waiterChosen
	w.done(cx)
	if chosen {
		q.choose()
	}
}

// choose picks the waiter that has waited longest and tells it to look. It
// reports whether there was one. The queue's mutex is held.
func (q *waitQueue) choose() bool {
	for q.head != nil {
		w := q.head
		q.unlink(w)
		o := ownerOf(w.waker.owner)
		w.state = waiterChosen
		o.grants.add(w)
		if w.waker.signal(sigWake | sigGrant) {
			return true
		}
		o.grants.remove(w) // its task is gone, and never took it out
		w.state, w.q = waiterIdle, nil
	}
	return false
}

// chooseCx is choose within a poll: it is faster for waiters of the same loop.
func (q *waitQueue) chooseCx(cx *Context) bool {
	for q.head != nil {
		w := q.head
		if w.waker.owner != cx.loop.own.id {
			return q.choose()
		}
		q.unlink(w)
		h := cx.loop.header(w.waker.slot)
		if h == nil || h.gen() != w.waker.gen || h.flags&(flagLive|flagDone) != flagLive {
			w.state, w.q = waiterIdle, nil
			continue
		}
		w.state = waiterChosen
		cx.loop.own.grants.add(w)
		cx.loop.granted(w.waker.slot, h)
		return true
	}
	return false
}

// chooseAll tells every waiter to look.
func (q *waitQueue) chooseAll() {
	for n := q.n; n > 0 && q.choose(); n-- {
	}
}

func (q *waitQueue) empty() bool { return q.head == nil }

func (q *waitQueue) pushBack(w *waiter) {
	w.prev, w.next = q.tail, nil
	if q.tail != nil {
		q.tail.next = w
	} else {
		q.head = w
	}
	q.tail = w
	q.n++
}

func (q *waitQueue) pushFront(w *waiter) {
	w.prev, w.next = nil, q.head
	if q.head != nil {
		q.head.prev = w
	} else {
		q.tail = w
	}
	q.head = w
	q.n++
}

func (q *waitQueue) unlink(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.tail = w.prev
	}
	w.next, w.prev = nil, nil
	q.n--
}

// check panics with a [pin.MovedError] if w is a copy of a waiter that is in its
// queue. The queue's mutex is held.
func (w *waiter) check() {
	if w.state != waiterQueued {
		return
	}
	original := w.q.head
	if w.prev != nil {
		original = w.prev.next
	}
	if original != w {
		panic(&pin.MovedError{Pinned: unsafeptr.Addr(original), Now: unsafeptr.Addr(w)})
	}
}

// unchoose takes w off the list of grants.
func (w *waiter) unchoose(cx *Context) {
	ownerOf(w.waker.owner).grants.remove(w)
	cx.unhold(w.waker)
	w.state = waiterIdle
}

// grantList is the waiters of one owner that were chosen and have not answered: a
// hash table by task, since there may be as many as there are tasks. Its lock is
// taken after a queue's.
type grantList struct {
	mu      sync.Mutex
	n       int
	buckets []*waiter // len is 0 or a power of two; the waiters of a bucket are linked
}

// bucket returns the bucket for a slot. The table is not empty.
func (g *grantList) bucket(slot uint32) **waiter {
	return &g.buckets[slot&uint32(len(g.buckets)-1)]
}

func (g *grantList) add(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == len(g.buckets) {
		g.grow()
	}
	g.n++
	g.link(w)
}

func (g *grantList) link(w *waiter) {
	head := g.bucket(w.waker.slot)
	w.prev, w.next = nil, *head
	if *head != nil {
		(*head).prev = w
	}
	*head = w
}

func (g *grantList) grow() {
	old := g.buckets
	g.buckets = make([]*waiter, max(16, 2*len(old)))
	for _, w := range old {
		for w != nil {
			next := w.next
			g.link(w)
			w = next
		}
	}
}

func (g *grantList) remove(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	head := g.bucket(w.waker.slot)
	original := *head
	if w.prev != nil {
		original = w.prev.next
	}
	if original != w {
		panic(&pin.MovedError{Pinned: unsafeptr.Addr(original), Now: unsafeptr.Addr(w)})
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		*head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.next, w.prev = nil, nil
	g.n--
}

// of returns a waiter of the given task that has not answered, or nil.
func (g *grantList) of(slot, gen uint32) *waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == 0 {
		return nil
	}
	for w := *g.bucket(slot); w != nil; w = w.next {
		if w.waker.slot == slot && w.waker.gen == gen {
			return w
		}
	}
	return nil
}

// granted schedules a task one of whose waiters was chosen.
func (l *Loop) granted(slot uint32, h *header) {
	h.flags |= flagGranted
	if h.flags&flagDone != 0 {
		l.lapse(slot, h)
	} else if h.flags&flagQueued == 0 {
		l.enqueue(slot, h)
	}
}

// lapse is called when a task's poll has ended: waiters in it that were chosen
// and not polled lose their turn to the next in line. When they are polled again
// they queue up again.
func (l *Loop) lapse(slot uint32, h *header) {
	h.flags &^= flagGranted
	gen := h.gen()
	for {
		w := l.own.grants.of(slot, gen)
		if w == nil {
			return
		}
		q := w.q // only this loop changes it while w is chosen
		q.mu.Lock()
		if w.state == waiterChosen && w.waker.slot == slot && w.waker.gen == gen {
			l.own.grants.remove(w)
			w.state, w.q = waiterIdle, nil
			l.hold(slot, gen, -1)
			l.lapses++
			q.choose()
		}
		q.mu.Unlock()
	}
}
