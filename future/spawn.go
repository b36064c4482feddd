package future

import (
	"runtime"
	"unsafe"
)

// Spawner is where a task can be spawned: a [*Loop], a [*Runtime], a [*Context]
// (the loop that polls; the fastest) or what [Scope.In] returns.
type Spawner interface {
	site() site
}

// site is a loop and the right to spawn on it.
type site struct {
	loop   *Loop
	mode   siteMode
	parent uint32 // the task that spawns, whose values are inherited, or 0
	scope  *Scope
}

type siteMode uint8

const (
	sitePoll    siteMode = iota // the caller is in a poll of the loop
	siteClaimed                 // the caller has claimed the loop
	siteRemote                  // somebody else runs it
)

func (l *Loop) site() site {
	if l.enter() {
		if !l.closed {
			return site{loop: l, mode: siteClaimed}
		}
		l.leave()
	}
	return site{loop: l, mode: siteRemote}
}

func (cx *Context) site() site {
	if cx.loop.block {
		return Default().site() // the loop under a Block ends with it
	}
	return site{loop: cx.loop, parent: cx.task}
}

// done ends the spawn.
func (s *site) done() {
	if s.mode == siteClaimed {
		s.loop.leave()
		s.loop.own.rouse()
	}
}

// SpawnOption is a property of a task: [Named], [WithValue].
type SpawnOption struct {
	name       string
	key, value any
}

// Named gives the task a name for dumps, panics and traces. By default it goes
// by its future's type.
func Named(name string) SpawnOption { return SpawnOption{name: name} }

// WithValue gives the task, and the tasks that it spawns, a value that
// [Context.Value] finds under key. Keys are compared as in package context.
func WithValue(key, value any) SpawnOption {
	if key == nil {
		panic("future: WithValue with a nil key")
	}
	return SpawnOption{key: key, value: value}
}

// Spawn copies a fresh future into pinned memory of s and schedules it. The
// Task must be released when its result is no longer needed. It may be called
// from any goroutine; on an executor that was shut down the task's Wait returns
// ErrClosed. It panics if memory cannot be pinned.
//
// A large future is better built in place: see [SpawnInit].
func Spawn[F any, P Ptr[F]](s Spawner, f F, opts ...SpawnOption) Task[F] {
	at := s.site()
	if at.mode == siteRemote {
		return spawnRemote[F, P](at, f, opts)
	}
	id, i, p := place[F, P](at.loop)
	*p = f
	w := at.loop.start(at, id, i, opts)
	at.done()
	return Task[F]{w: w}
}

// Go is [Spawn] of a task that nobody waits for: it is reclaimed as soon as it
// is Ready, and its panic is reported at once.
func Go[F any, P Ptr[F]](s Spawner, f F, opts ...SpawnOption) {
	at := s.site()
	if at.mode == siteRemote {
		spawnRemote[F, P](at, f, opts).Release()
		return
	}
	id, i, p := place[F, P](at.loop)
	*p = f
	w := at.loop.start(at, id, i, opts)
	at.loop.header(w.slot).flags |= flagDetached
	at.done()
}

// SpawnInit is [Spawn] of a future that init builds in place, at the address
// where it will stay; a large one is not copied. A nil init leaves it zero.
//
// The memory is zero but for buffers: pointer-free arrays of 256 bytes and more
// hold whatever they held before.
//
// When init returns an error, panics or ends its goroutine there is no task, the
// memory is free again, and SpawnInit returns the error or a *PanicError; what
// init had built until then is its own to undo, see [pin.Init]. On a Runtime,
// init runs on a loop while SpawnInit waits, so that within a poll SpawnInit
// wants that poll's Context.
func SpawnInit[F any, P Ptr[F]](s Spawner, init func(*F) error, opts ...SpawnOption) (Task[F], error) {
	at := s.site()
	if at.mode == siteRemote {
		return spawnInitRemote[F, P](at, init, opts)
	}
	defer at.done()
	w, err := spawnInit[F, P](at, init, opts)
	return Task[F]{w: w}, err
}

func spawnInit[F any, P Ptr[F]](at site, init func(*F) error, opts []SpawnOption) (Waker, error) {
	id, i, p := place[F, P](at.loop)
	if init != nil {
		if err := at.loop.build(id, i, func() error { return init(p) }); err != nil {
			return Waker{}, err
		}
	}
	return at.loop.start(at, id, i, opts), nil
}

// build runs an initialiser of the slab's element i and frees the element if it
// fails in any way.
func (l *Loop) build(id uint16, i uint32, init func() error) (err error) {
	s := l.slabs[id]
	ended := false
	defer func() {
		if !ended {
			err = newPanicError(s.name, "an initialiser", recover())
		}
		if err != nil {
			s.put(i)
		}
	}()
	err = init()
	ended = true
	return err
}

// place returns a new element for an F on loop l.
func place[F any, P Ptr[F]](l *Loop) (id uint16, i uint32, p *F) {
	itab := itabOf(P(nil))
	id = l.slabID(itab)
	if id == 0 {
		id = l.addSlab(itab, newSlab[F, P]())
	}
	s := l.slabs[id]
	i, err := s.take()
	if err != nil {
		panic(err)
	}
	// SAFETY: the slab found by F's itab holds elements of type F.
	return id, i, (*F)(s.at(i))
}

const slabCacheLen = 32

// slabCacheEntry remembers the slab of one type: a direct-mapped cache in front
// of the map.
type slabCacheEntry struct {
	itab unsafe.Pointer
	id   uint16
}

func (l *Loop) slabID(itab unsafe.Pointer) uint16 {
	// SAFETY: the address serves as a hash and is not converted back.
	c := &l.cache[uintptr(itab)>>5%slabCacheLen]
	if c.itab == itab {
		return c.id
	}
	id := l.byType[itab]
	if id != 0 {
		*c = slabCacheEntry{itab, id}
	}
	return id
}

func (l *Loop) addSlab(itab unsafe.Pointer, s *slab) uint16 {
	if len(l.slabs) == 1<<16 {
		panic("future: a loop runs futures of more than 65,535 types")
	}
	l.slabs = append(l.slabs, s)
	id := uint16(len(l.slabs) - 1)
	l.byType[itab] = id
	return id
}

// start makes element i of a slab a task and schedules it.
func (l *Loop) start(at site, id uint16, i uint32, opts []SpawnOption) Waker {
	slot, h := l.alloc()
	l.startAt(slot, h, at, id, i, opts)
	w := Waker{slot, h.gen(), l.id}
	if at.scope != nil {
		at.scope.adopted(w)
	}
	return w
}

func (l *Loop) startAt(slot uint32, h *header, at site, id uint16, i uint32, opts []SpawnOption) {
	h.slab, h.index = id, i
	h.flags = h.flags&(flagQueued|flagRemote) | flagLive
	h.born = uint32(l.now / bornUnit)
	h.extra, h.holds = 0, 0
	l.live++
	l.tasks++
	if l.closing {
		h.flags |= flagCanceled
	}
	if len(opts) > 0 || at.scope != nil || at.parent != 0 && l.extraOf(at.parent) != nil {
		l.adorn(h, at, opts)
	}
	if h.flags&flagQueued == 0 {
		l.enqueue(slot, h)
	}
}

// adorn gives a new task its name, values and scope.
func (l *Loop) adorn(h *header, at site, opts []SpawnOption) {
	var vals *values
	if at.parent != 0 {
		if x := l.extraOf(at.parent); x != nil {
			vals = x.values
		}
	}
	name := ""
	for _, o := range opts {
		if o.name != "" {
			name = o.name
		}
		if o.key != nil {
			vals = &values{o.key, o.value, vals}
		}
	}
	if name == "" && vals == nil && at.scope == nil {
		return
	}
	x := l.needExtra(h)
	x.name, x.values, x.scope = name, vals, at.scope
}

// spawnRemote spawns on a loop that another goroutine runs: by a message. The
// task has its handle at once; what is asked of it before the message has
// arrived is kept.
//
//go:noinline
func spawnRemote[F any, P Ptr[F]](at site, f F, opts []SpawnOption) Task[F] {
	w, ok := at.loop.own.postSpawn(func(l *Loop, slot uint32, h *header) {
		id, i, p := place[F, P](l)
		*p = f
		l.startAt(slot, h, at, id, i, opts)
	})
	if !ok {
		return Task[F]{w: closedWaker}
	}
	return Task[F]{w: w}
}

// closedWaker is in the handle of a task that was not spawned, since its
// executor had been shut down.
var closedWaker = Waker{gen: 1<<32 - 1}

// postSpawn reserves a header and has spawn run on the loop. Any goroutine.
func (o *owner) postSpawn(spawn func(l *Loop, slot uint32, h *header)) (Waker, bool) {
	o.mail.mu.Lock()
	if o.mail.closed {
		o.mail.mu.Unlock()
		return Waker{}, false
	}
	slot, h := o.remote.get(o)
	w := Waker{slot, h.gen(), o.id}
	l := o.loop.Load()
	l.load.Add(1)
	o.mail.msgs = append(o.mail.msgs, func(now *Loop) {
		if now == nil { // l is closing and runs this itself
			l.recycle(slot, h)
			return
		}
		spawn(l, slot, h)
		l.takeEarly(slot, h)
	})
	o.mail.full.Store(true)
	o.mail.mu.Unlock()
	o.rouse()
	return w, true
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

func spawnInitRemote[F any, P Ptr[F]](at site, init func(*F) error, opts []SpawnOption) (Task[F], error) {
	if inPoll() {
		return Task[F]{}, ErrBlockedPoll
	}
	type outcome struct {
		w   Waker
		err error
	}
	done := make(chan outcome, 1)
	at.loop.own.post(func(l *Loop) {
		if l == nil {
			done <- outcome{closedWaker, ErrClosed}
			return
		}
		var o outcome
		defer func() { done <- o }()
		o.err = &PanicError{Task: "SpawnInit", During: "an initialiser", Goexit: true}
		o.w, o.err = spawnInit[F, P](at, init, opts)
	})
	o := <-done
	runtime.KeepAlive(init)
	return Task[F]{w: o.w}, o.err
}
