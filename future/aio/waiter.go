package aio

import "github.com/pinion-go/pinion/future"

// A source is what operations wait for: bytes of a connection, connections of a listener.
type source interface {
	// ready reports whether an operation can end now: with what there is if how is endOK.
	// Otherwise it sees to it that something comes.
	ready(e *engine) (how ending, ok bool)
	waiters() *waitList
	// share is called before anybody on another loop may take what there is.
	share()
}

// A waiter is one operation in the list of a source. It lies in the frame of the future that
// waits, which is held meanwhile, or in a remote. It is told to try again and never given
// anything: what there is stays with the source until somebody takes it.
type waiter struct {
	more  *waiterMore // nil for the plain case
	waker future.Waker
	end   ending
	state waiterState
	tag   uint8 // of waiterTook: the end of the buffer's generation
}

// waiterMore is what few waiters have: they lie in the frames of connections that are idle.
type waiterMore struct {
	next   *waiter // in the list
	remote *remote // that does the operation elsewhere
}

type waiterState uint8

const (
	waiterIdle   waiterState = iota
	waiterListed             // in the list
	waiterOver               // end is its result
	waiterTook               // it was endOK, and a ConnNextFuture keeps its buffer's bid in end
)

// again makes w fresh after somebody on another loop was quicker to take what there was.
func (w *waiter) again() {
	w.state = waiterIdle
	if w.more != nil {
		w.more.remote = nil
	}
}

// reset makes w fresh.
func (w *waiter) reset() { w.more, w.end, w.state = nil, endOK, waiterIdle }

func (w *waiter) next() *waiter {
	if w.more == nil {
		return nil
	}
	return w.more.next
}

func (w *waiter) setNext(next *waiter) {
	if next != w.next() {
		w.extend().next = next
	}
}

func (w *waiter) remote() *remote {
	if w.more == nil {
		return nil
	}
	return w.more.remote
}

func (w *waiter) extend() *waiterMore {
	if w.more == nil {
		w.more = new(waiterMore)
	}
	return w.more
}

// waitList is first come first served, and nearly always of one or none.
type waitList struct{ head *waiter }

func (l *waitList) add(w *waiter) {
	w.state = waiterListed
	last := l.head
	if last == nil {
		l.head = w
		return
	}
	for last.next() != nil {
		last = last.next()
	}
	last.setNext(w)
}

func (l *waitList) remove(w *waiter) {
	next := w.next()
	switch {
	case l.head == nil:
		return
	case l.head == w:
		l.head = next
	default:
		p := l.head
		for p.next() != w {
			if p = p.next(); p == nil {
				return
			}
		}
		p.setNext(next)
	}
	w.setNext(nil)
	w.state = waiterIdle
}

// wake has every waiter of the list try again.
func (l *waitList) wake(e *engine) {
	for w := l.head; w != nil; {
		next := w.next() // a remote one may leave the list
		w.wake(e)
		w = next
	}
}

func (w *waiter) wake(e *engine) {
	if r := e.remotes[w]; r != nil {
		r.step(e)
		return
	}
	e.loop.Wake(w.waker)
}

// await is a poll of an operation on the loop of e. It reports whether the operation is
// over; if end is endOK then, the caller takes what there is.
func (w *waiter) await(cx *future.Context, e *engine, s source) bool {
	if w.state == waiterIdle && !cx.Spend() {
		return false
	}
	how := endCanceled
	if !cx.Canceled() {
		var ok bool
		if how, ok = s.ready(e); !ok {
			w.enlist(cx, s.waiters())
			return false
		}
	}
	w.leave(cx, s.waiters())
	w.end, w.state = how, waiterOver
	return true
}

// enlist has the future being polled told by way of l, and its frame held meanwhile.
func (w *waiter) enlist(cx *future.Context, l *waitList) {
	if w.state == waiterIdle {
		w.waker = cx.Hold()
		l.add(w)
	} else if me := cx.Waker(); w.waker != me { // it was given to another task
		cx.Unhold(w.waker)
		w.waker = cx.Hold()
	}
}

// leave undoes enlist.
func (w *waiter) leave(cx *future.Context, l *waitList) {
	if w.state == waiterListed {
		l.remove(w)
		cx.Unhold(w.waker)
	}
}

// over ends the poll of an operation that has its result.
func (w *waiter) over(cx *future.Context) future.Poll {
	if w.end == endCanceled {
		cx.Exit()
	}
	return future.Ready
}
