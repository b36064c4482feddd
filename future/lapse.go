package future

// granted schedules a task or child one of whose waiters was chosen.
func (l *Loop) granted(slot uint32, h *header) {
	l.owe(slot, h)
	if h.flags&flagDone != 0 {
		l.lapse(slot, h)
	} else if h.flags&flagQueued == 0 {
		l.enqueue(slot, h)
	}
}

// owe notes that an answer is due.
func (l *Loop) owe(slot uint32, h *header) {
	if h.flags&(flagGranted|flagChild) == flagChild {
		l.addDebt(slot, h)
	}
	h.flags |= flagGranted
}

// lapse is called when the poll of a task or child has ended: waiters in it that
// were chosen and not polled lose their turn to the next in line. When they are
// polled again they queue up again.
//
// A waiter may have been chosen during this very poll, and after its future's
// turn in it: by an Unlock in another part of the same task. So as long as the
// task is going to be polled again, a waiter is given one more poll.
func (l *Loop) lapse(slot uint32, h *header) {
	gen := h.gen()
	h.flags &^= flagGranted
	for {
		again := h.flags&(flagLive|flagDone) == flagLive && (h.flags&flagQueued != 0 || signals(h.word.Load())&sigWake != 0)
		w, q := l.own.grants.of(slot, gen, again)
		if w == nil {
			if again && l.own.grants.warn(slot, gen) {
				l.owe(slot, h)
			}
			return
		}
		l.takeTurn(w, q, Waker{slot, gen, l.id})
	}
}

// forfeit is lapse without a further chance.
func (l *Loop) forfeit(slot, gen uint32, h *header) {
	h.flags &^= flagGranted
	for {
		w, q := l.own.grants.of(slot, gen, false)
		if w == nil {
			return
		}
		l.takeTurn(w, q, Waker{slot, gen, l.id})
	}
}

// takeTurn gives the turn of w, which was of the task t and had not answered when
// it was found, to others.
func (l *Loop) takeTurn(w *waiter, q *waitQueue, t Waker) {
	q.mu.Lock()
	defer q.unlock(q.mu)
	if w.state != waiterChosen || w.waker != t {
		return // its future has been given to another task, and polled there
	}
	l.own.grants.remove(w)
	q.forget(w)
	l.hold(t.slot, t.gen, -1)
	l.lapses++
	q.giver.give(l)
}

// debts are the children of sets that owe an answer, in the order in which they
// were chosen. A child is polled only if the future around it polls the set, so
// that the end of a poll is not enough to go by: a whole set may have been left
// alone.
type debts struct {
	list []debt
	head int
	turn uint // counts the turns of the loop while there are debts
}

type debt struct {
	slot, gen uint32
	due       uint // the turn by which the child has been polled, if it is polled at all
}

// addDebt is called when a child that owed nothing is chosen. By and large it is
// polled when all that is in the way has been: the children in the queues of its
// set and of those around that one, of which a poll of the task takes as many as
// its budget allows, and before each such poll the tasks in the run queue. If more
// gets in its way, it may lose its turn too soon, and queues up again.
func (l *Loop) addDebt(slot uint32, h *header) {
	before := 0
	for p := h; p != nil && p.flags&flagChild != 0; {
		s := &l.sets[p.extra]
		before += s.ready.len()
		p = l.header(s.parent)
	}
	polls := 2 + before/budgetPerPoll
	turns := 1 + l.queueLen()/pollsPerTurn
	l.debts.list = append(l.debts.list, debt{slot, h.gen(), l.debts.turn + uint(polls*turns)})
}

// collectDebts is called when there are debts, after the polls of a turn. Children
// that are due and were not polled lose their turn.
func (l *Loop) collectDebts() {
	d := &l.debts
	d.turn++
	for d.head < len(d.list) {
		x := d.list[d.head]
		h := l.header(x.slot)
		if h.gen() == x.gen && h.flags&flagGranted != 0 {
			// If no task is to be polled, no child will be.
			idle := !l.queued() && !l.blockWoken
			if !idle && int(x.due-d.turn) > 0 {
				break
			}
			l.forfeit(x.slot, x.gen, h)
		}
		d.head++
	}
	if 2*d.head >= len(d.list) {
		d.list = d.list[:copy(d.list, d.list[d.head:])]
		d.head = 0
	}
}
