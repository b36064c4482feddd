package future

import "context"

// spawnRemote spawns on a loop that another goroutine runs: by a message. The
// task has its handle at once; what is asked of it before the message has
// arrived is kept.
//
//go:noinline
func spawnRemote[F any, P Ptr[F]](at site, f F, opts []SpawnOption) Task[F] {
	p := &arrivalOf[F, P]{at: at, opts: opts, f: f}
	w, ok := at.loop.postSpawn(p)
	if !ok {
		dropFuture(P(&p.f))
		return Task[F]{w: closedWaker}
	}
	return Task[F]{w: w}
}

// closedWaker is in the handle of a task that was not spawned, since its
// executor had been shut down.
var closedWaker = Waker{gen: 1<<32 - 1}

// An arrival is a future on its way to the loop that is to run it.
type arrival interface {
	// unpack makes it the task at slot.
	unpack(l *Loop, slot uint32, h *header)
	// future returns it, to be dropped when it comes too late.
	future() Future
}

// arrivalOf is the arrival of a future that was given by value.
type arrivalOf[F any, P Ptr[F]] struct {
	at   site
	opts []SpawnOption
	f    F
}

func (p *arrivalOf[F, P]) unpack(l *Loop, slot uint32, h *header) {
	s, i := place[F, P](l)
	// SAFETY: as in Spawn.
	*as[F](s.at(i)) = p.f
	l.startAt(slot, h, &p.at, s, i, p.opts)
}

func (p *arrivalOf[F, P]) future() Future { return P(&p.f) }

// arrivalInPlace is the arrival of a future that was built where it will stay.
type arrivalInPlace struct {
	at   site
	opts []SpawnOption
	s    *slab
	i    uint32
	f    Future
}

func (p *arrivalInPlace) unpack(l *Loop, slot uint32, h *header) {
	l.startAt(slot, h, &p.at, p.s, p.i, p.opts)
}

func (p *arrivalInPlace) future() Future { return p.f }

// postSpawn reserves a header and has p unpacked on the loop, or its future dropped if
// that comes too late. It reports false if the loop has ended. Any goroutine.
func (l *Loop) postSpawn(p arrival) (Waker, bool) {
	o := l.own
	o.mail.mu.Lock()
	if o.mail.closed || o.loop.Load() != l {
		o.mail.mu.Unlock()
		return Waker{}, false
	}
	slot, h := o.remote.get(o)
	w := Waker{slot, h.gen(), o.id}
	l.coming.Add(1)
	o.mail.msgs = append(o.mail.msgs, (&letter{l: l, slot: slot, arrival: p}).deliver)
	o.mail.full.Store(true)
	o.mail.mu.Unlock()
	o.rouse()
	return w, true
}

// letter is an arrival with its address.
type letter struct {
	l       *Loop
	slot    uint32
	arrival arrival
}

// deliver is the message that the mailbox has.
func (t *letter) deliver(now *Loop) {
	l, slot := t.l, t.slot
	h := l.own.header(slot)
	if now == nil { // l is closing and runs this itself
		l.recycle(slot, h)
		f := t.arrival.future()
		l.guardTask(typeName(f), "Drop", func() { dropFuture(f) })
		return
	}
	t.arrival.unpack(l, slot, h)
	l.load.Store(int64(l.tasks))
	l.coming.Add(-1)
	l.takeEarly(slot, h)
}

// takeEarly carries out the signals that overtook the task's spawn.
func (l *Loop) takeEarly(slot uint32, h *header) {
	s, ok := l.early[slot]
	if !ok {
		return
	}
	delete(l.early, slot)
	l.obey(slot, h, s)
}

// spawnInitRemote has the loop make room, builds the future there, and hands it
// over.
//
//go:noinline
func spawnInitRemote[F any, P Ptr[F]](s Spawner, at site, init func(*F) error, opts []SpawnOption) (t Task[F], err error) {
	if cx, ok := s.(*Context); !(ok && cx.loop.block) && inPoll() {
		return t, ErrBlockedPoll
	}
	type room struct {
		s *slab
		i uint32
		p frameAddr
	}
	var r room
	at.loop.call(context.Background(), func(l *Loop) {
		if l != nil && !l.closing {
			s, i := place[F, P](l)
			s.blank(i)
			r = room{s, i, s.at(i)}
		}
	})
	if r.s == nil {
		return Task[F]{w: closedWaker}, ErrClosed
	}
	built := false
	defer func() {
		if !built {
			at.loop.post(func(l *Loop) {
				if l != nil {
					r.s.put(r.i)
				}
			})
		}
	}()
	// SAFETY: as in Spawn. The loop leaves the element alone until it is told.
	if err := build(r.s, as[F](r.p), init); err != nil {
		return t, err
	}
	w, ok := at.loop.postSpawn(&arrivalInPlace{at: at, opts: opts, s: r.s, i: r.i, f: P(as[F](r.p))})
	built = ok
	if !ok {
		dropFuture(P(as[F](r.p)))
		return Task[F]{w: closedWaker}, ErrClosed
	}
	return Task[F]{w: w}, nil
}
