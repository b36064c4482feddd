package future

// childSet is what a loop knows of a future that polls its children one by one,
// each with a waker of its own: only children that were woken are polled.
type childSet struct {
	parent, gen uint32 // whom to wake when a child is woken
	ready       ring   // slots of children to be polled
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

// closeSet ends a set whose children are all done.
func (cx *Context) closeSet(id uint32) {
	s := &cx.loop.sets[id]
	s.parent, s.gen = 0, 0
	s.ready.clear()
	cx.loop.freeSets = append(cx.loop.freeSets, id)
}

// adopt gives child number pos of a set a header. The child has to be polled.
func (cx *Context) adopt(set, pos uint32) (slot uint32) {
	slot, h := cx.loop.alloc()
	h.flags = h.flags&flagQueued | flagLive | flagChild
	h.slab, h.index, h.born, h.extra, h.holds = 0, pos, cx.slot, set, 0
	return slot
}

// nextChild takes a woken child from the set's queue. pos is its number.
func (cx *Context) nextChild(set uint32) (slot, pos uint32, ok bool) {
	l := cx.loop
	for {
		s := &l.sets[set]
		s.parent, s.gen = cx.slot, cx.gen
		if s.ready.len() == 0 {
			return 0, 0, false
		}
		if l.choose != nil && s.ready.len() > 1 {
			slot = s.ready.take(l.choose(ChooseTask, s.ready.len()))
		} else {
			slot = s.ready.pop()
		}
		h := l.header(slot)
		h.flags &^= flagQueued
		if h.flags&(flagLive|flagDone|flagChild) == flagLive|flagChild && h.extra == set {
			return slot, h.index, true
		}
	}
}

// pollChild polls a child with its own waker. A child that is Ready has lost its
// header. If the child panics, the caller must call endChild.
func (cx *Context) pollChild(slot uint32, f Future) Poll {
	l := cx.loop
	h := l.header(slot)
	was, gen := cx.slot, cx.gen
	h.born = was
	cx.slot, cx.gen = slot, h.gen()
	p := f.Poll(cx)
	cx.slot, cx.gen = was, gen
	if p {
		cx.endChild(slot)
	} else if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
	return p
}

// endChild frees the header of a child that is done.
func (cx *Context) endChild(slot uint32) {
	l := cx.loop
	h := l.header(slot)
	h.flags |= flagDone
	if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
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

// wakeChild has a child polled.
func (cx *Context) wakeChild(slot uint32) {
	if h := cx.loop.header(slot); h.flags&(flagQueued|flagDone) == 0 {
		cx.loop.enqueue(slot, h)
	}
}
