package future

import (
	"fmt"
	"reflect"
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
	if l.visit() {
		return site{loop: l, mode: siteClaimed}
	}
	return site{loop: l, mode: siteRemote}
}

func (cx *Context) site() site {
	if cx.loop.block {
		return Default().site() // the loop under a Block ends with it
	}
	return site{loop: cx.loop, parent: cx.task}
}

// siteOf is s.site(), without the call for the usual Spawner of a poll.
func siteOf(s Spawner) site {
	if cx, ok := s.(*Context); ok && !cx.loop.block {
		return site{loop: cx.loop, parent: cx.task}
	}
	if s == nil {
		misused("Spawn, SpawnInit or Go with a nil Spawner", "there is nowhere to spawn", "pass a *Loop, a *Runtime such as Default(), or the *Context of the poll")
	}
	return s.site()
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
	if key == nil || !reflect.TypeOf(key).Comparable() {
		panic(fmt.Sprintf("future: WithValue with a key of type %T, which cannot be compared", key))
	}
	return SpawnOption{key: key, value: value}
}

// Spawn copies a fresh future into pinned memory of s and schedules it. The
// Task must be released when its result is no longer needed. It may be called
// from any goroutine; on an executor that was shut down the task's Wait returns
// ErrClosed, and f is dropped. It panics if memory cannot be pinned, or if s is nil.
//
// A large future is better built in place: see [SpawnInit].
func Spawn[F any, P Ptr[F]](s Spawner, f F, opts ...SpawnOption) Task[F] {
	if cx, ok := s.(*Context); ok && len(opts) == 0 && !cx.loop.block {
		sl := cx.loop.slabOf(itabOf(P(nil)))
		if sl == nil {
			sl = cx.loop.addSlab(newSlab[F, P]())
		}
		w, p := cx.loop.startPlain(cx.task, sl)
		// SAFETY: the slab found by P's itab holds elements of type F.
		*as[F](p) = f
		return Task[F]{w: w}
	}
	at := siteOf(s)
	if at.mode == siteRemote {
		return spawnRemote[F, P](at, f, opts)
	}
	sl, i := placeAt[F, P](&at)
	// SAFETY: as above.
	*as[F](sl.at(i)) = f
	w, _ := at.loop.start(&at, sl, i, opts)
	at.done()
	return Task[F]{w: w}
}

// Go is [Spawn] of a task that nobody waits for: it is reclaimed as soon as it
// is Ready, and its panic is reported at once.
func Go[F any, P Ptr[F]](s Spawner, f F, opts ...SpawnOption) {
	at := siteOf(s)
	if at.mode == siteRemote {
		spawnRemote[F, P](at, f, opts).Release()
		return
	}
	sl, i := placeAt[F, P](&at)
	// SAFETY: as in Spawn.
	*as[F](sl.at(i)) = f
	_, h := at.loop.start(&at, sl, i, opts)
	h.flags |= flagDetached
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
// init had built until then is its own to undo, see [pin.Init]. If the executor is
// shut down meanwhile, SpawnInit returns ErrClosed, having dropped what was built.
//
// init runs on the calling goroutine. On a Runtime, SpawnInit waits for a loop to
// make room; hence in a poll it wants that poll's Context, and otherwise returns
// ErrBlockedPoll.
func SpawnInit[F any, P Ptr[F]](s Spawner, init func(*F) error, opts ...SpawnOption) (Task[F], error) {
	at := siteOf(s)
	if at.mode == siteRemote {
		return spawnInitRemote[F, P](s, at, init, opts)
	}
	sl, i := placeAt[F, P](&at)
	sl.blank(i)
	built := false
	defer func() {
		if !built {
			sl.put(i)
		}
		at.done()
	}()
	// SAFETY: as in Spawn.
	if err := build(sl, as[F](sl.at(i)), init); err != nil {
		return Task[F]{}, err
	}
	built = true
	w, _ := at.loop.start(&at, sl, i, opts)
	return Task[F]{w: w}, nil
}

// build runs an initialiser of a future at p.
func build[F any](s *slab, p *F, init func(*F) error) error {
	if init == nil {
		return nil
	}
	return s.build(func() error { return init(p) })
}

// build runs an initialiser. A panic in it becomes an error; a Goexit ends the
// goroutine, and leaves it to deferred calls to free the element. It is one of the
// frames that inPoll looks for, since the caller may have claimed the loop.
//
//go:noinline
func (s *slab) build(init func() error) (err error) {
	ended := false
	defer func() {
		if !ended {
			err = newPanicError(s.name, "an initialiser", recover())
		}
	}()
	err = init()
	ended = true
	return err
}

// place returns a new element for an F on loop l.
func place[F any, P Ptr[F]](l *Loop) (*slab, uint32) {
	s := l.slabOf(itabOf(P(nil)))
	if s == nil {
		s = l.addSlab(newSlab[F, P]())
	}
	return s, s.take()
}

// placeAt is place for a spawn at a site, which is done if there is no memory.
func placeAt[F any, P Ptr[F]](at *site) (*slab, uint32) {
	if at.mode == siteClaimed {
		return placeClaimed[F, P](at)
	}
	return place[F, P](at.loop)
}

func placeClaimed[F any, P Ptr[F]](at *site) (*slab, uint32) {
	placed := false
	defer func() {
		if !placed {
			at.done()
		}
	}()
	s, i := place[F, P](at.loop)
	placed = true
	return s, i
}

const slabCacheLen = 32

// slabOf returns the slab of the type whose itab is given, or nil. A small
// direct-mapped cache stands before the map.
func (l *Loop) slabOf(t itab) *slab {
	// SAFETY: the address serves as a hash and is not converted back.
	c := &l.cache[uintptr(t)>>5%slabCacheLen]
	if s := *c; s != nil && s.itab == t {
		return s
	}
	s := l.byType[t]
	if s != nil {
		*c = s
	}
	return s
}

func (l *Loop) addSlab(s *slab) *slab {
	if len(l.slabs) == 1<<16 {
		panic("future: a loop runs futures of more than 65,535 types")
	}
	s.id = uint16(len(l.slabs))
	l.slabs = append(l.slabs, s)
	l.byType[s.itab] = s
	return s
}

// start makes element i of a slab a task and schedules it.
func (l *Loop) start(at *site, s *slab, i uint32, opts []SpawnOption) (Waker, *header) {
	slot, h := l.alloc()
	l.startAt(slot, h, at, s, i, opts)
	w := Waker{slot, h.gen(), l.id}
	if at.scope != nil {
		at.scope.adopted(w)
	}
	return w, h
}

// startPlain is start of a new element, whose address it returns, for a task without
// options that is spawned in a poll. What is called for each spawn is written out:
// a call costs as much as a tenth of the whole.
func (l *Loop) startPlain(parent uint32, s *slab) (Waker, frameAddr) {
	o, n := l.own, len(s.free)
	slot := o.free
	// Both headers are in the chunk that was used last, or it goes the long way: no call
	// stands between.
	d, p := slot-l.hotFirst, parent-l.hotFirst
	if slot == 0 || n == 0 || l.closing || d >= chunkLen || p >= chunkLen || l.hotChunk[p].flags&flagValues != 0 || l.now == timeUnknown {
		i := s.take()
		w, _ := l.start(&site{loop: l, parent: parent}, s, i, nil)
		return w, s.at(i)
	}
	i := s.free[n-1]
	s.free = s.free[:n-1]
	h := &l.hotChunk[d]
	o.free = h.index
	was := h.flags
	h.slab, h.index = s.id, i
	h.flags = was&(flagQueued|flagRemote) | flagLive | flagQueued
	h.born = l.born
	h.extra, h.holds = 0, 0
	l.live++
	l.tasks++
	if was&flagQueued == 0 {
		l.schedule(slot)
	}
	return Waker{slot, h.gen(), l.id}, s.at(i)
}

func (l *Loop) startAt(slot uint32, h *header, at *site, s *slab, i uint32, opts []SpawnOption) {
	h.slab, h.index = s.id, i
	was := h.flags
	h.flags = was&(flagQueued|flagRemote) | flagLive
	l.time()
	h.born = l.born
	h.extra, h.holds = 0, 0
	l.live++
	l.tasks++
	if l.closing {
		h.flags |= flagCanceled | flagAsk
	}
	if len(opts) > 0 || at.scope != nil || at.parent != 0 && l.header(at.parent).flags&flagValues != 0 {
		l.adorn(h, at, opts)
	}
	if was&flagQueued == 0 {
		l.enqueue(slot, h)
	}
}

// adorn gives a new task its name, values and scope.
func (l *Loop) adorn(h *header, at *site, opts []SpawnOption) {
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
	if vals != nil {
		h.flags |= flagValues
	}
}
