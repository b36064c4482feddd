package pin

import (
	"errors"
	"math"
	"testing"
)

// age makes the free slot of p's value as old as if it had been used gen/2 times.
func age[T any](t *testing.T, p Pin[T], gen uint32) {
	t.Helper()
	h := headerOf(p.ptr, p.off)
	if h.gen&1 == 1 || gen&1 == 1 || h.holds != 0 {
		t.Fatalf("%v is not free", p)
	}
	h.gen = gen
}

func TestSlotIsRetiredBeforeItsGenerationWraps(t *testing.T) {
	for name, o := range map[string]Options{"plain": {}, "debug": {Debug: true}, "trace": {Trace: true}, "off-heap": {OffHeap: true, Debug: true}} {
		for _, held := range []bool{false, true} {
			o.Capacity = 2
			a, err := NewArena[[2]uint64](o)
			if err != nil {
				t.Fatal(err)
			}
			first, err := a.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			first.Release()
			age(t, first, lastGen-6)
			var old []Pin[[2]uint64]
			for want := uint32(lastGen - 5); want < lastGen; want += 2 {
				p, err := a.New(nil)
				if err != nil {
					t.Fatal(err)
				}
				if p.Addr() != first.Addr() || p.gen != want {
					t.Fatalf("%s: %v, want generation %d at %#x", name, p, want, first.Addr())
				}
				if held {
					p.Hold()
				}
				p.Release()
				if held {
					p.Unhold()
				}
				old = append(old, p)
				if err := a.Invariants(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if s := a.Stats(); s.Retired != 1 || s.Pinned != 0 {
				t.Errorf("%s: %+v", name, s)
			}
			for range 10 {
				p, err := a.New(nil)
				if err != nil {
					t.Fatal(err)
				}
				if p.Addr() == first.Addr() {
					t.Fatalf("%s: a retired slot was used again: %v", name, p)
				}
				if _, err := a.New(nil); !errors.Is(err, ErrFull) {
					t.Errorf("%s: with one slot retired and one in use: %v", name, err)
				}
				p.Release()
			}
			for _, p := range old {
				if _, ok := p.Try(); ok || p.gen == 0 || a.Check(p) == nil {
					t.Errorf("%s: %v is not stale", name, p)
				}
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestDropOfTheLastGenerationRuns(t *testing.T) {
	a, err := NewArena[dropped](Options{Capacity: 1})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := a.New(nil)
	p.Release()
	age(t, p, lastGen-2)
	drops := 0
	p, err = a.New(func(d *dropped) error { d.drops = &drops; return nil })
	if err != nil {
		t.Fatal(err)
	}
	p.Release()
	if drops != 1 || a.Stats().Retired != 1 {
		t.Errorf("dropped %d times, %+v", drops, a.Stats())
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

type dropped struct{ drops *int }

func (d *dropped) Drop() {
	if d.drops != nil {
		*d.drops++
	}
}

func TestMemoryOfZeroesMakesEveryHandleStale(t *testing.T) {
	var s slot[int]
	for _, gen := range []uint32{1, 3, math.MaxUint32 - 2, math.MaxUint32} {
		p := Pin[int]{ptr: &s.value, gen: gen, off: -headerSize}
		if _, ok := p.Try(); ok {
			t.Errorf("%v is live", p)
		}
		for name, f := range map[string]func(){"Release": p.Release, "Hold": p.Hold, "Unhold": p.Unhold} {
			func() {
				defer func() {
					if _, ok := recover().(*StaleError); !ok {
						t.Errorf("%s of %v does not panic with *StaleError", name, p)
					}
				}()
				f()
			}()
		}
	}
}

func TestHoldDoesNotWrap(t *testing.T) {
	a, err := NewArena[int](Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := a.New(nil)
	h := headerOf(p.ptr, p.off)
	h.holds = math.MaxUint32
	func() {
		defer func() {
			if e, ok := recover().(*HoldError); !ok || e.Holds != math.MaxUint32 {
				t.Errorf("%v", e)
			}
		}()
		p.Hold()
	}()
	h.holds = 1
	p.Unhold()
	p.Release()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}
