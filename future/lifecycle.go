package future

import (
	"time"

	"github.com/pinion-go/pinion/pin"
)

// bornUnit is the resolution of a task's age: 2^32 of them are two years.
const bornUnit = 16 * time.Millisecond

// lookup returns the live task that w names, or nil. The loop alone.
func (l *Loop) lookup(w Waker) *header {
	h := l.header(w.slot)
	if h.gen() != w.gen || h.flags&flagLive == 0 {
		return nil
	}
	return h
}

// futureOf returns a task's future.
func (l *Loop) futureOf(h *header) Future {
	s := l.slabs[h.slab]
	return s.future(s.at(h.index))
}

// nameOf returns a task's name, or its future's type.
func (l *Loop) nameOf(h *header) string {
	if h.flags&(flagChild|flagJoined) == 0 && h.extra != 0 && l.extras[h.extra].name != "" {
		return l.extras[h.extra].name
	}
	if h.slab == 0 {
		return "a future"
	}
	return l.slabs[h.slab].name
}

// finish is called when a task's poll has returned Ready, or has panicked.
func (l *Loop) finish(slot uint32, h *header) {
	if h.flags&(flagJoined|flagGranted|flagDetached) != flagJoined {
		l.finishOther(slot, h)
		return
	}
	// One task waits for it and that is all: no extra, no scope, no panic.
	l.live--
	w := h.extra
	h.extra, h.flags = 0, h.flags&^flagJoined|flagDone
	if j := l.header(w); j.flags&(flagQueued|flagDone|flagChild) == 0 {
		j.flags |= flagQueued
		l.schedule(w)
	} else {
		l.wakeHeader(w, j)
	}
}

// finishOther is finish of a task that is not just waited for by one other.
func (l *Loop) finishOther(slot uint32, h *header) {
	if h.extra != 0 && h.flags&(flagJoined|flagPoisoned) == 0 && l.extras[h.extra].opened != nil {
		if l.leftScope(slot, h) {
			return
		}
	}
	h.flags |= flagDone
	l.live--
	if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
	if h.flags&flagJoined != 0 {
		w := h.extra
		h.extra, h.flags = 0, h.flags&^flagJoined
		l.wakeHeader(w, l.header(w))
	} else if h.extra != 0 {
		l.tellJoiners(h)
	}
	if h.flags&flagDetached != 0 {
		l.reclaim(slot, h)
	}
}

// tellJoiners wakes those who wait for a task that is done.
func (l *Loop) tellJoiners(h *header) {
	x := &l.extras[h.extra]
	first, rest, scope := x.joiner, x.joiners, x.scope
	x.joiner, x.joiners = joiner{}, nil // telling may move the extras
	l.tell(first)
	for _, j := range rest {
		l.tell(j)
	}
	if scope != nil {
		scope.childDone(l, h)
	}
}

func (l *Loop) tell(j joiner) {
	if j.remote != nil {
		j.remote.taskDone(l)
	} else {
		l.wake(j.waker)
	}
}

// cancel asks a task to finish. The loop alone; see Task.Cancel.
func (l *Loop) cancel(slot uint32, h *header) {
	if h.flags&(flagCanceled|flagDone) != 0 {
		return
	}
	h.flags |= flagCanceled | flagAsk
	if h.flags&flagQueued == 0 {
		l.enqueue(slot, h)
	}
}

// release gives up a task's result: it is reclaimed when it is done.
func (l *Loop) release(slot uint32, h *header) {
	if h.flags&flagDone != 0 {
		l.reclaim(slot, h)
		return
	}
	h.flags |= flagDetached
}

// reclaim drops a task that is done and nobody wants, and frees its memory.
func (l *Loop) reclaim(slot uint32, h *header) {
	s := l.slabs[h.slab]
	switch {
	case s.drops || h.flags&flagPoisoned != 0:
		h.flags &^= flagLive // handles are stale to Drop, and not only after recycle
		l.bury(slot, h, s)
	case s.scan || h.holds|h.extra != 0 || l.ending:
		l.free(slot, h, s)
	default: // free and recycle, without what is not to be done
		s.free = append(s.free, h.index)
		l.tasks--
		if h.flags &= flagQueued | flagRemote; h.flags != 0 || h.gen() == lastGen || !h.advance() {
			l.recycle(slot, h)
			return
		}
		h.index, l.own.free = l.own.free, slot
	}
}

// bury reclaims a task that has a Drop or has panicked.
func (l *Loop) bury(slot uint32, h *header, s *slab) {
	if h.flags&flagPoisoned != 0 && h.flags&flagRetrieved == 0 {
		defer l.unhandled(l.extras[h.extra].err.(*PanicError))
	}
	defer l.free(slot, h, s) // also after a Goexit in Drop
	if s.drops {
		l.guardTask(l.nameOf(h), "Drop", l.futureOf(h).(pin.Dropper).Drop)
	}
}

// free makes a reclaimed task's memory and header available again.
func (l *Loop) free(slot uint32, h *header, s *slab) {
	switch {
	case h.holds != 0:
		l.leaked++ // something points into the frame: it is not reused
	case l.ending: // its last waiter may be reading it
	case s.scan:
		s.put(h.index)
	default:
		s.free = append(s.free, h.index)
	}
	if h.extra != 0 {
		l.dropExtra(h)
	}
	l.tasks--
	l.recycle(slot, h)
}
