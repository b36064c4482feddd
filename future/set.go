package future

// childSet is what a loop knows of a future that polls its children one by one,
// each with a waker of its own: only children that were woken are polled.
type childSet struct {
	parent, gen uint32 // whom to wake when a child is woken
	holds       uint32 // registrations that point into the children; the parent counts them too
	ready       ring   // slots of children to be polled, and of some that are done
}

// openSet returns a new set of children of the future being polled.
func (cx *Context) openSet() uint32 {
	l := cx.loop
	if n := len(l.freeSets); n > 0 {
		id := l.freeSets[n-1]
		l.freeSets = l.freeSets[:n-1]
		return id
	}
	l.sets = append(l.sets, childSet{})
	return uint32(len(l.sets) - 1)
}

// enterSet begins a poll of the set by the future being polled, which is whom its
// children wake from now on. It returns how many entries nextChild has: children
// that are woken later are for the next poll, which the wake has asked for, so
// that a child that yields lets other tasks run.
func (cx *Context) enterSet(id uint32) (entries int) {
	l := cx.loop
	s := &l.sets[id]
	if s.parent != cx.slot || s.gen != cx.gen {
		// The set begins, or was handed to another task, and with it what points
		// into its frame.
		l.hold(s.parent, s.gen, -int32(s.holds))
		s.parent, s.gen = cx.slot, cx.gen
		l.hold(s.parent, s.gen, int32(s.holds))
	}
	return s.ready.len()
}

// closeSet ends a set whose children are all done.
func (cx *Context) closeSet(id uint32) {
	s := &cx.loop.sets[id]
	for s.ready.len() > 0 {
		cx.nextChild(id)
	}
	s.parent, s.gen, s.holds = 0, 0, 0
	cx.loop.freeSets = append(cx.loop.freeSets, id)
}

// adopt gives child number pos of a set a header. The child has to be polled.
func (cx *Context) adopt(set, pos uint32) (slot uint32) {
	slot, h := cx.loop.alloc()
	h.flags = h.flags&flagQueued | flagLive | flagChild
	h.slab, h.index, h.born, h.extra, h.holds = 0, pos, cx.slot, set, 0
	return slot
}

// nextChild takes an entry from the set's queue. pos is the number of the child
// that was woken; ok is false if the child was woken and then ended.
func (cx *Context) nextChild(set uint32) (slot, pos uint32, ok bool) {
	l := cx.loop
	s := &l.sets[set]
	if n := s.ready.len(); l.choose != nil && n > 1 {
		s.ready.toFront(l.decide(ChooseTask, n))
	}
	slot = s.ready.pop()
	h := l.header(slot)
	h.flags &^= flagQueued
	if h.flags&flagDone != 0 {
		l.buryChild(slot, h)
		return 0, 0, false
	}
	return slot, h.index, true
}

// pollChild polls a child with its own waker. A child that is Ready has lost its
// header. If the child panics, the caller must call endChild.
func (cx *Context) pollChild(slot uint32, f Future) Poll {
	l := cx.loop
	h := l.header(slot)
	was, gen := cx.slot, cx.gen
	h.born = was
	cx.slot, cx.gen = slot, h.beginPoll()
	p := f.Poll(cx)
	cx.slot, cx.gen = was, gen
	if p {
		cx.endChild(slot)
	} else if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
	return p
}

// abortSetChild polls a child in an abort. It reports whether that ended the
// child, which has then lost its header.
func (cx *Context) abortSetChild(slot uint32, f Future) bool {
	was, gen := cx.slot, cx.gen
	cx.slot, cx.gen = slot, cx.loop.header(slot).gen()
	p, err := cx.abortChild(f)
	cx.slot, cx.gen = was, gen
	if p == Pending && err == nil {
		return false
	}
	cx.endChild(slot)
	return true
}

// endChild gives up the header of a child that is done. One that is in a queue
// stays until it comes out: in the queue of this set, it would be in the way of
// the header's next tenant, who waits in another.
func (cx *Context) endChild(slot uint32) {
	l := cx.loop
	h := l.header(slot)
	h.flags |= flagDone
	if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
	if h.flags&flagQueued == 0 {
		l.buryChild(slot, h)
	}
}

// buryChild frees the header of a child that is done and in no queue.
func (l *Loop) buryChild(slot uint32, h *header) {
	h.flags &^= flagLive
	l.recycle(slot, h)
}

// enqueueChild puts a woken child into its set's queue and wakes the parent.
func (l *Loop) enqueueChild(slot uint32, h *header) {
	h.flags |= flagQueued
	s := &l.sets[h.extra]
	s.ready.push(slot)
	l.wake(Waker{s.parent, s.gen, l.id})
}

// childFromRunQueue deals with a child in the run queue: its header was queued
// when a task gave it up.
func (l *Loop) childFromRunQueue(slot uint32, h *header) {
	h.flags &^= flagQueued | flagStarted
	if h.flags&flagDone != 0 {
		l.buryChild(slot, h)
	} else {
		l.enqueueChild(slot, h) // it may have been woken meanwhile
	}
}

// wakeChild has a child polled.
func (cx *Context) wakeChild(slot uint32) {
	if h := cx.loop.header(slot); h.flags&(flagQueued|flagDone) == 0 {
		cx.loop.enqueueChild(slot, h)
	}
}

// buryOrphans ends the children of a future that has panicked, and was all that ran
// on the loop: nobody will ever poll them, or close their sets.
func (l *Loop) buryOrphans() {
	if len(l.freeSets) == len(l.sets)-1 {
		return // sets[0] is unused, and all others were closed
	}
	for id := range l.sets {
		if l.sets[id].parent != 0 {
			l.cx.closeSet(uint32(id))
		}
	}
	for n, chunk := range *l.own.chunks.Load() {
		for i := range chunk {
			if chunk[i].flags&(flagLive|flagChild) == flagLive|flagChild {
				l.cx.endChild(uint32(n<<chunkShift | i))
			}
		}
	}
}

// sweepHeaders makes the headers ready for the owner's next loop, whose queues are
// empty, and frees those of children whose parents have panicked and will never
// close their sets. It is called when the loop ends.
func (l *Loop) sweepHeaders() {
	chunks := l.own.chunks.Load()
	if chunks == nil {
		return
	}
	for n, chunk := range *chunks {
		for i := range chunk {
			h := &chunk[i]
			h.flags &^= flagQueued
			if h.flags&(flagLive|flagChild) == flagLive|flagChild {
				l.buryChild(uint32(n<<chunkShift|i), h)
			}
		}
	}
}
