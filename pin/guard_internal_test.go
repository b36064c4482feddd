//go:build (linux || darwin) && !pinion_heap

package pin

import "testing"

// leaveGuards lets n values have pages of their own, for the rest of the test.
func leaveGuards(t *testing.T, n int64) {
	t.Helper()
	old := guardsLeft.Swap(n)
	t.Cleanup(func() { guardsLeft.Store(old - (n - guardsLeft.Load())) })
}

func TestPastTheLastGuardValuesArePoisoned(t *testing.T) {
	leaveGuards(t, 5)
	a, err := NewArena[[4]uint64](Options{OffHeap: true, Debug: true, Capacity: 12})
	if err != nil {
		t.Fatal(err)
	}
	if s := a.Stats(); s.Guarded != 5 || s.Slots != 12 || s.Chunks != 2 {
		t.Errorf("%+v", s)
	}
	var pins []Pin[[4]uint64]
	for i := range 12 {
		p, err := a.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		p.Get()[0] = uint64(i)
		pins = append(pins, p)
	}
	if err := a.Invariants(); err != nil {
		t.Fatal(err)
	}
	v := pins[11].Get()
	for i, p := range pins {
		if p.Get()[0] != uint64(i) {
			t.Errorf("value %d is %d", i, p.Get()[0])
		}
		p.Release()
	}
	if v[0] != 0xDBDBDBDBDBDBDBDB {
		t.Errorf("the value without a guard is %#x", v[0])
	}
	if err := a.Invariants(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestGrowingArenaGoesOnWithoutGuards(t *testing.T) {
	leaveGuards(t, 70)
	a, err := NewArena[[4]uint64](Options{OffHeap: true, Debug: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		if _, err := a.New(nil); err != nil {
			t.Fatal(err)
		}
	}
	if s := a.Stats(); s.Guarded != 70 || s.Pinned != 5000 {
		t.Errorf("%+v", s)
	}
	if err := a.Invariants(); err != nil {
		t.Fatal(err)
	}
	for p := range a.All() {
		p.Release()
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestClosingGivesGuardsBack(t *testing.T) {
	before := guardsLeft.Load()
	const rounds = 5
	for range rounds {
		a, err := NewArena[int](Options{OffHeap: true, Debug: true, Capacity: 40})
		if err != nil {
			t.Fatal(err)
		}
		if left := guardsLeft.Load(); left > before-40 {
			t.Fatalf("%d guards left of %d, with 40 in use", left, before)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// A chunk that is closed keeps its addresses, as one mapping of its own.
	if left := guardsLeft.Load(); left != before-rounds {
		t.Errorf("%d guards left of %d after %d arenas", left, before, rounds)
	}
}

func TestReserveGuardsTakesWhatIsLeft(t *testing.T) {
	leaveGuards(t, 10)
	for _, c := range []struct{ ask, got int }{{0, 0}, {4, 4}, {7, 6}, {1, 0}} {
		if got := reserveGuards(c.ask); got != c.got {
			t.Errorf("asked for %d, got %d, want %d", c.ask, got, c.got)
		}
	}
}
