package pin_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// subject is the value of the model test. It has a pointer to itself, and tells a ledger
// when it is dropped.
type subject struct {
	self   *subject
	ledger *ledger
	id     int
	data   [5]byte
}

func (s *subject) Drop() {
	s.ledger.drops[s.id]++
	if s.self != s {
		s.ledger.errs = append(s.ledger.errs, fmt.Errorf("value %d was dropped at %p, its self is %p", s.id, s, s.self))
	}
}

type ledger struct {
	drops map[int]int
	errs  []error
}

// A model is what an arena should be: a map.
type model struct {
	t      *testing.T
	arena  *pin.Arena[subject]
	ledger *ledger
	live   map[int]*modelled
	stale  []pin.Pin[subject]
	nextID int
	rnd    *rand.Rand
}

type modelled struct {
	pin      pin.Pin[subject]
	addr     uintptr
	ptr      *subject
	holds    int
	released bool
	data     [5]byte
}

var errInit = errors.New("this init fails")

func (m *model) pick(ok func(*modelled) bool) (int, *modelled) {
	var ids []int
	for id, v := range m.live {
		if ok(v) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	slices.Sort(ids)
	id := ids[m.rnd.IntN(len(ids))]
	return id, m.live[id]
}

func pinnedOnly(v *modelled) bool { return !v.released }

// step does one random thing to the arena and to the model.
func (m *model) step() string {
	switch op := m.rnd.IntN(100); {
	case op < 30:
		id := m.nextID
		p, err := m.arena.New(func(s *subject) error {
			if *s != (subject{}) {
				m.t.Fatalf("a new value is not zero: %+v", *s)
			}
			*s = subject{self: s, ledger: m.ledger, id: id}
			return nil
		})
		if err != nil {
			if errors.Is(err, pin.ErrFull) {
				return "full"
			}
			m.t.Fatal(err)
		}
		m.nextID++
		m.live[id] = &modelled{pin: p, addr: p.Addr(), ptr: p.Get()}
		return "new"
	case op < 36:
		p, err := m.arena.New(func(s *subject) error {
			*s = subject{self: s, id: -1}
			return errInit
		})
		if err != errInit && !errors.Is(err, pin.ErrFull) || !p.IsZero() {
			m.t.Fatalf("a failed init gives %v, %v", p, err)
		}
		return "failed init"
	case op < 40:
		func() {
			defer func() {
				if v := recover(); v != nil && v != errInit {
					panic(v)
				}
			}()
			_, _ = m.arena.New(func(s *subject) error {
				*s = subject{self: s, id: -2}
				panic(errInit)
			})
		}()
		return "panicking init"
	case op < 60:
		_, v := m.pick(pinnedOnly)
		if v == nil {
			return "nothing to write"
		}
		v.data[m.rnd.IntN(len(v.data))]++
		v.pin.Get().data = v.data
		return "write"
	case op < 70:
		_, v := m.pick(pinnedOnly)
		if v == nil {
			return "nothing to hold"
		}
		v.pin.Hold()
		v.holds++
		return "hold"
	case op < 78:
		id, v := m.pick(func(v *modelled) bool { return v.holds > 0 })
		if v == nil {
			return "nothing to unhold"
		}
		v.holds--
		v.pin.Unhold()
		if v.released && v.holds == 0 {
			m.gone(id, v)
		}
		return "unhold"
	case op < 96:
		id, v := m.pick(pinnedOnly)
		if v == nil {
			return "nothing to release"
		}
		v.released = true
		v.pin.Release()
		if v.holds == 0 {
			m.gone(id, v)
		}
		return "release"
	case op == 96:
		runtime.GC()
		return "collect"
	default:
		if len(m.stale) == 0 {
			return "nothing stale"
		}
		m.wantStale(m.stale[m.rnd.IntN(len(m.stale))])
		return "use an old handle"
	}
}

func (m *model) gone(id int, v *modelled) {
	delete(m.live, id)
	m.stale = append(m.stale, v.pin)
	if n := m.ledger.drops[id]; n != 1 {
		m.t.Fatalf("value %d was dropped %d times", id, n)
	}
}

// check compares the arena with the model.
func (m *model) check() {
	t := m.t
	t.Helper()
	if err := m.arena.Invariants(); err != nil {
		t.Fatal(err)
	}
	if len(m.ledger.errs) > 0 {
		t.Fatal(m.ledger.errs)
	}
	want, got := map[uintptr][5]byte{}, map[uintptr][5]byte{}
	var ranges []unsafeptr.Range
	held := 0
	for id, v := range m.live {
		if m.ledger.drops[id] != 0 {
			t.Fatalf("value %d was dropped while it lived", id)
		}
		ranges = append(ranges, unsafeptr.RangeOf(v.ptr))
		if v.ptr.self != v.ptr || v.ptr.id != id || v.ptr.data != v.data {
			t.Fatalf("value %d at %#x is %+v, want %+v", id, v.addr, *v.ptr, v)
		}
		p, ok := v.pin.Try()
		if v.released {
			held++
			if ok || p != nil {
				t.Fatalf("value %d was released and is still had", id)
			}
			m.wantStale(v.pin)
			continue
		}
		if !ok || p != v.ptr || v.pin.Get() != v.ptr || v.pin.Addr() != v.addr {
			t.Fatalf("value %d was at %#x and is at %p, %t", id, v.addr, p, ok)
		}
		if err := m.arena.Check(v.pin); err != nil {
			t.Fatal(err)
		}
		want[v.addr] = v.data
	}
	for p := range m.arena.All() {
		got[p.Addr()] = p.Get().data
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("All differs from the model (-want +got):\n%s", diff)
	}
	slices.SortFunc(ranges, func(a, b unsafeptr.Range) int { return cmpUint(a.Base(), b.Base()) })
	for i := 1; i < len(ranges); i++ {
		if ranges[i-1].Overlaps(ranges[i]) {
			t.Fatalf("%v overlaps %v", ranges[i-1], ranges[i])
		}
	}
	s := m.arena.Stats()
	if m.arena.Len() != len(want) || s.Pinned != len(want) || s.Held != held || m.arena.Cap() != s.Slots {
		t.Fatalf("Len %d, Cap %d, %+v; the model has %d pinned and %d held", m.arena.Len(), m.arena.Cap(), s, len(want), held)
	}
	for _, p := range m.stale[max(0, len(m.stale)-20):] {
		m.wantStale(p)
	}
}

func cmpUint(a, b uintptr) int {
	if a < b {
		return -1
	}
	return 1
}

// wantStale fails unless p is recognised whatever is tried.
func (m *model) wantStale(p pin.Pin[subject]) {
	m.t.Helper()
	if v, ok := p.Try(); ok || v != nil {
		m.t.Fatalf("%v: Try gives %p", p, v)
	}
	for name, f := range map[string]func(){
		"Get": func() { p.Get() }, "Release": p.Release, "Hold": p.Hold,
	} {
		e := staleOf(m.t, name, f)
		if e.Want == e.Got || e.Addr != p.Addr() || e.Foreign {
			m.t.Fatalf("%s of %v: %+v", name, p, e)
		}
	}
	var e *pin.StaleError
	if err := m.arena.Check(p); !errors.As(err, &e) || e.Foreign {
		m.t.Fatalf("Check of %v: %v", p, err)
	}
}

// staleOf returns the *StaleError with which f panics.
func staleOf(t testing.TB, name string, f func()) (e *pin.StaleError) {
	t.Helper()
	defer func() {
		var ok bool
		if e, ok = recover().(*pin.StaleError); !ok {
			t.Fatalf("%s did not panic with *StaleError", name)
		}
	}()
	f()
	return nil
}

func TestArenaAgreesWithAMap(t *testing.T) {
	options := map[string]pin.Options{
		"grows": {},
		"fixed": {Capacity: 7},
		"debug": {Debug: true},
		"trace": {Trace: true, Debug: true, Capacity: 40},
	}
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			steps := 1000
			if testing.Short() {
				steps = 300
			}
			for seed := range uint64(4) {
				m := &model{
					t: t, arena: newArena[subject](t, o),
					ledger: &ledger{drops: map[int]int{}}, live: map[int]*modelled{},
					rnd: rand.New(rand.NewPCG(seed, 1)),
				}
				for i := range steps {
					what := m.step()
					if i%10 == 0 || len(m.live) < 5 {
						m.check()
					}
					if t.Failed() {
						t.Fatalf("seed %d, step %d: %s", seed, i, what)
					}
				}
				m.finish()
			}
		})
	}
}

// finish closes the arena: first in vain, if anything lives, then for good.
func (m *model) finish() {
	t := m.t
	err := m.arena.Close()
	var leak *pin.LeakError
	if len(m.live) > 0 {
		if !errors.As(err, &leak) || leak.Pinned+leak.Held != len(m.live) || len(leak.Leaks) != min(32, len(m.live)) {
			t.Fatalf("Close with %d values: %v", len(m.live), err)
		}
		if _, err := m.arena.New(nil); !errors.Is(err, pin.ErrClosed) {
			t.Fatalf("New while closing: %v", err)
		}
		m.check()
	}
	for id, v := range m.live {
		if !v.released {
			v.pin.Release()
		}
		for range v.holds {
			v.pin.Unhold()
		}
		m.gone(id, v)
	}
	m.check()
	if err := m.arena.Close(); err != nil {
		t.Fatal(err)
	}
	m.check()
	for id, n := range m.ledger.drops {
		if n != 1 {
			t.Errorf("value %d was dropped %d times", id, n)
		}
	}
	if len(m.ledger.drops) != m.nextID {
		t.Errorf("%d values were made, %d dropped", m.nextID, len(m.ledger.drops))
	}
}

// newArena returns an arena that the test closes, or else its end.
func newArena[T any](t testing.TB, o pin.Options) *pin.Arena[T] {
	t.Helper()
	a, err := pin.NewArena[T](o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return a
}
