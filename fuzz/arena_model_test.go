package fuzz_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// An arenaModel is an arena of subjects, and what should be in it: a list.
type arenaModel[T any, P subject[T]] struct {
	w       *arenaWorld
	arena   *pin.Arena[T] // nil if each value is pinned by itself
	o       pin.Options
	live    []*modelled[T, P] // pinned or held, oldest first
	stale   []gone[T]
	busy    int // inits and armed Drops that are running
	turn    int // of stale handles to be tried
	closing bool
	closed  bool
}

// modelled is a value that was not dropped.
type modelled[T any, P subject[T]] struct {
	id       uint32
	pin      pin.Pin[T]
	part     pin.Pin[payload] // of a field
	ptr      P
	data     payload
	holds    int
	released bool
}

// gone is a value that was dropped, and whose memory may be anybody's.
type gone[T any] struct {
	pin pin.Pin[T]
	ptr *T
}

var errInit = errors.New("this init fails")

const maxLive = 96

func newArenaModel[T any, P subject[T]](w *arenaWorld, o pin.Options) (*arenaModel[T, P], error) {
	a, err := pin.NewArena[T](o)
	return &arenaModel[T, P]{w: w, arena: a, o: o}, err
}

func (m *arenaModel[T, P]) ranges() []unsafeptr.Range {
	r := make([]unsafeptr.Range, len(m.live))
	for i, v := range m.live {
		r[i] = unsafeptr.RangeOf((*T)(v.ptr))
	}
	return r
}

func (m *arenaModel[T, P]) pinNew(init func(*T) error) (pin.Pin[T], error) {
	if m.arena == nil {
		return pin.New(init)
	}
	return m.arena.New(init)
}

// refusal is what New has to answer now, nil if it has to succeed.
func (m *arenaModel[T, P]) refusal() error {
	switch {
	case m.arena == nil:
		return nil
	case m.closing:
		return pin.ErrClosed
	case m.o.Capacity > 0 && len(m.live)+m.busy >= m.o.Capacity:
		return pin.ErrFull
	}
	return nil
}

// make pins a value. ending says how its init ends, and nested is called in it.
func (m *arenaModel[T, P]) make(ending ending, nested func() error) error {
	if len(m.live) >= maxLive {
		return nil
	}
	refusal := m.refusal()
	v := &modelled[T, P]{id: m.w.nextID()}
	called := false
	var wrong error
	got, p, err := catchNew(func() (pin.Pin[T], error) {
		return m.pinNew(func(t *T) error {
			m.busy++
			defer func() { m.busy-- }()
			called = true
			v.ptr = t
			wrong = m.w.fresh(unsafeptr.RangeOf(t), unsafeptr.Bytes(t))
			v.ptr.build(m.w.ledger.no, v.id)
			if nested != nil {
				if err := nested(); err != nil {
					wrong = err
				}
			}
			return ending.end(errInit)
		})
	})
	switch {
	case wrong != nil:
		return wrong
	case refusal != nil:
		if called || got != ends || !errors.Is(err, refusal) || !p.IsZero() {
			return fmt.Errorf("New should give %v; it ended by %v with %v, %v", refusal, got, p, err)
		}
		return nil
	case ending != ends:
		if !called || got != ending && ending != fails || !p.IsZero() || ending == fails && (got != ends || err != errInit) {
			return fmt.Errorf("New with an init that ends by %v ended by %v with %v, %v", ending, got, p, err)
		}
		return nil
	case got != ends || err != nil || p.Get() != (*T)(v.ptr):
		return fmt.Errorf("New ended by %v with %v, %v", got, p, err)
	}
	v.pin = p
	v.part = pin.Field(p, func(t *T) *payload { return P(t).payloadField() })
	m.live = append(m.live, v)
	return nil
}

// pick returns one of the values for which ok holds, or nil.
func (m *arenaModel[T, P]) pick(i byte, ok func(*modelled[T, P]) bool) *modelled[T, P] {
	var some []*modelled[T, P]
	for _, v := range m.live {
		if ok(v) {
			some = append(some, v)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return some[int(i)%len(some)]
}

func (m *arenaModel[T, P]) pickPinned(i byte) *modelled[T, P] {
	return m.pick(i, func(v *modelled[T, P]) bool { return !v.released })
}

func (m *arenaModel[T, P]) write(i, b byte) error {
	if v := m.pick(i, func(*modelled[T, P]) bool { return true }); v != nil {
		v.data[int(b)%len(v.data)] = b
		*v.ptr.payload() = v.data
	}
	return nil
}

func (m *arenaModel[T, P]) hold(i byte) error {
	if v := m.pickPinned(i); v != nil {
		v.holds++
		if i%2 == 0 {
			v.pin.Hold()
		} else {
			v.part.Hold()
		}
	}
	return nil
}

func (m *arenaModel[T, P]) unhold(i byte) error {
	v := m.pick(i, func(v *modelled[T, P]) bool { return v.holds > 0 })
	if v == nil {
		if v = m.pickPinned(i); v == nil {
			return nil
		}
		return wantPanic[*pin.HoldError]("Unhold without Hold", v.pin.Unhold)
	}
	v.holds--
	if v.released && v.holds == 0 {
		m.gone(v)
	}
	return m.w.run(v.pin.Unhold)
}

// release ends a value, through its own handle or that of its field.
func (m *arenaModel[T, P]) release(i byte, byField bool) error {
	v := m.pickPinned(i)
	if v == nil {
		return nil
	}
	return m.w.run(m.releasing(v, byField))
}

// releasing notes that v is being released and returns what releases it.
func (m *arenaModel[T, P]) releasing(v *modelled[T, P], byField bool) func() {
	v.released = true
	if v.holds == 0 {
		m.gone(v)
	}
	if byField {
		return v.part.Release
	}
	return v.pin.Release
}

// gone notes that v is about to be dropped.
func (m *arenaModel[T, P]) gone(v *modelled[T, P]) {
	m.live = slices.DeleteFunc(m.live, func(x *modelled[T, P]) bool { return x == v })
	m.stale = append(m.stale, gone[T]{v.pin, v.ptr})
	m.w.drops = append(m.w.drops, v.id)
}

// arm makes the Drop of a value do something.
func (m *arenaModel[T, P]) arm(i byte, how byte, j byte) error {
	v := m.pick(i, func(*modelled[T, P]) bool { return true })
	if v == nil {
		return nil
	}
	w := m.w
	var hook func()
	switch how % 5 {
	case 0:
		hook = func() { w.ending = panics; _ = panics.end(nil) }
	case 1:
		hook = func() { w.ending = exits; _ = exits.end(nil) }
	case 2: // release another value
		hook = func() {
			if other := m.pickPinned(j); other != nil {
				m.releasing(other, j%2 == 0)()
			}
		}
	case 3: // pin another value
		hook = func() {
			if len(m.live) < maxLive {
				w.note(m.make(ends, nil))
			}
		}
	case 4: // use the handles of the value that is being dropped
		hook = func() { w.note(m.wantStale(v.pin)) }
	}
	w.ledger.hooks[v.id] = func() {
		m.busy++ // its slot is in use until Drop returns, also while others are dropped in it
		defer func() { m.busy-- }()
		hook()
	}
	return nil
}

// sweep releases every other value while iterating.
func (m *arenaModel[T, P]) sweep() error {
	if m.arena == nil {
		return nil
	}
	odd := false
	for p := range m.arena.All() {
		if odd = !odd; !odd {
			continue
		}
		i := slices.IndexFunc(m.live, func(v *modelled[T, P]) bool { return v.pin == p && !v.released })
		if i < 0 {
			return fmt.Errorf("All yields %v, which is not pinned", p)
		}
		if err := m.w.run(m.releasing(m.live[i], false)); err != nil {
			return err
		}
	}
	return nil
}

func (m *arenaModel[T, P]) close() error {
	if m.arena == nil {
		return nil
	}
	m.closing = true
	err := m.arena.Close()
	if m.busy+len(m.live) == 0 {
		m.closed = true
		return err
	}
	leak, ok := errors.AsType[*pin.LeakError](err)
	if !ok || leak.Pinned+leak.Held != len(m.live) || len(leak.Leaks) != min(32, len(m.live)) {
		return fmt.Errorf("Close with %d values: %v", len(m.live), err)
	}
	for _, l := range leak.Leaks {
		if !slices.ContainsFunc(m.live, func(v *modelled[T, P]) bool {
			return v.pin.Addr() == l.Addr && v.holds == int(l.Holds) && v.released == l.Done && (l.Where != "") == m.o.Trace
		}) {
			return fmt.Errorf("LeakError lists %v, which does not live like that", l)
		}
	}
	return nil
}

// end releases everything and closes the arena.
func (m *arenaModel[T, P]) end() error {
	for len(m.live) > 0 {
		v := m.live[0]
		if !v.released {
			if err := m.w.run(m.releasing(v, false)); err != nil {
				return err
			}
		}
		for v.holds > 0 {
			v.holds--
			if v.holds == 0 {
				m.gone(v)
			}
			if err := m.w.run(v.pin.Unhold); err != nil {
				return err
			}
		}
	}
	if err := m.close(); err != nil {
		return err
	}
	return m.check()
}
