package future

import (
	"sync"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// This file is what the synchronisation primitives are made of: a list of
// waiters that lie inside the pinned futures that wait.
//
// A primitive keeps what it has to give (a lock, a permit, an element) in itself
// and never in a waiter; a waiter is only *chosen*: told to come and look. What a
// future obtained can therefore not vanish with it. The price is that a chosen
// waiter owes an answer. There are three, and the loop sees to it that one is
// given:
//
//	it is polled, and looks            (waiter.done, or waitQueue.wait again)
//	it is polled in a cancelled part   (waiter.withdraw: others are chosen)
//	its task's poll ends without it    (Loop.lapse: others are chosen)
//
// The last is what makes "futurelock" impossible: a fair lock that waits for ever
// for a future that nobody polls any more.
//
// News that keeps, such as that a channel was closed, needs no answer: waiters are
// told of it by waitQueue.wakeAll and stay in the list until they are polled.

// waitQueue is a first-in first-out list of waiters. The primitive's mutex, whose
// address is in mu, protects it and the waiters in it.
type waitQueue struct {
	mu         *sync.Mutex
	giver      giver
	head, tail *waiter
	promised   int    // what the chosen waiters want, all together
	resting    *owner // to be roused when the mutex is released, see unlock
}

// giver is a primitive: give chooses waiters as long as there is something for
// them. It is called with the queue's mutex held, when a waiter has left without
// having taken anything, on the goroutine of l, or of nobody's loop if l is nil.
type giver interface{ give(l *Loop) }

// waiter is one future's place in a queue. The zero waiter is in none.
type waiter struct {
	next, prev *waiter
	q          *waitQueue // nil while it is in no queue and not chosen
	want       int        // how much it waits for
	waker      Waker
	state      waiterState // protected by the queue's mutex
	warned     bool        // see grantList
}

type waiterState uint8

const (
	waiterIdle   waiterState = iota // in no list
	waiterQueued                    // in its queue
	waiterChosen                    // in the list of grants of its loop's owner
)

// init prepares the queue of a primitive whose zero value is ready for use.
func (q *waitQueue) init(mu *sync.Mutex, g giver) {
	if q.mu == nil {
		q.mu, q.giver = mu, g
	}
}

// notMade is what the use of a zero primitive panics with that is not ready for use.
const notMade = "future: use of a zero Chan, Broadcast or Watch; make one with NewChan, NewBroadcast or NewWatch"

// wait puts w into the queue, at its end, for the future being polled. One that
// is there already only has its waker renewed, since the future may have been
// given to another task; one that was chosen goes back to the front. The queue's
// mutex is held.
func (q *waitQueue) wait(cx *Context, w *waiter) {
	if q.mu == nil {
		panic(notMade)
	}
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
	case waiterChosen: // what it was to have is gone: it keeps its place
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

// withdraw takes w out because its future no longer waits. Others may be chosen
// instead. The queue's mutex is held.
func (w *waiter) withdraw(cx *Context) {
	q := w.q
	w.done(cx)
	if q != nil {
		q.giver.give(cx.loop)
	}
}

// choose tells the waiter that has waited longest, of whom there is one, to come
// and look. If its task is gone it just leaves the queue. The queue's mutex is
// held, by the goroutine of l if that is not nil.
func (q *waitQueue) choose(l *Loop) {
	w := q.head
	q.unlink(w)
	w.state, w.warned = waiterChosen, false
	q.promised += w.want
	g := &ownerOf(w.waker.owner).grants
	g.add(w) // before the signal, so that whoever obeys it finds the waiter
	if !q.tell(w.waker, sigWake|sigGrant, l) {
		g.remove(w)
		q.forget(w)
	}
}

// wakeAll tells every waiter that something is so, and will still be so when it
// comes. The waiters stay in the queue. The queue's mutex is held.
func (q *waitQueue) wakeAll(l *Loop) {
	for w := q.head; w != nil; {
		next := w.next
		if !q.tell(w.waker, sigWake, l) {
			q.unlink(w)
			w.state, w.q = waiterIdle, nil
		}
		w = next
	}
}

// forget makes a chosen waiter that is off the list of grants an idle one.
func (q *waitQueue) forget(w *waiter) {
	q.promised -= w.want
	w.state, w.q = waiterIdle, nil
}

// tell signals w's task, directly if it is on l, whose goroutine is the caller's.
// It reports whether there is such a task. The queue's mutex is held.
func (q *waitQueue) tell(w Waker, s signals, l *Loop) bool {
	if l == nil || w.owner != l.id {
		o := ownerOf(w.owner)
		return o != nil && o.signal(w.slot, w.gen, s, q)
	}
	h := l.header(w.slot)
	if h.gen() != w.gen || h.flags&(flagLive|flagDone) != flagLive {
		return false
	}
	l.obey(w.slot, h, s)
	return true
}

func (q *waitQueue) pushBack(w *waiter) {
	w.prev, w.next = q.tail, nil
	if q.tail != nil {
		q.tail.next = w
	} else {
		q.head = w
	}
	q.tail = w
}

func (q *waitQueue) pushFront(w *waiter) {
	w.prev, w.next = nil, q.head
	if q.head != nil {
		q.head.prev = w
	} else {
		q.tail = w
	}
	q.head = w
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
}

// check panics with a [pin.MovedError] if w is a copy of a waiter that is in its
// queue; grantList.remove does it for one that is chosen. The queue's mutex is
// held.
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
	others := ownerOf(w.waker.owner).grants.remove(w)
	if l := cx.loop; w.waker.owner == l.id { // else the future was handed from loop to loop
		if h := l.header(w.waker.slot); h.gen() == w.waker.gen && !others {
			h.flags &^= flagGranted // no need to look for those who did not answer
		}
		l.hold(w.waker.slot, w.waker.gen, -1)
	}
	w.q.forget(w)
}
