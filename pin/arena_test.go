package pin_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// allOptions are the arenas for which the same contract holds.
var allOptions = map[string]pin.Options{
	"growing":      {},
	"fixed":        {Capacity: 100},
	"debug":        {Debug: true},
	"trace":        {Trace: true},
	"off-heap":     {OffHeap: true},
	"off-heap all": {OffHeap: true, Debug: true, Trace: true, Capacity: 100},
}

func TestNewGivesZeroValuesOnly(t *testing.T) {
	for name, o := range allOptions {
		t.Run(name, func(t *testing.T) {
			a := newArena[[3]uint64](t, o)
			dirty := [3]uint64{math.MaxUint64, 1, math.MaxUint64}
			for range 50 {
				var pins []pin.Pin[[3]uint64]
				for i := range 5 {
					p, err := a.New(func(v *[3]uint64) error {
						if *v != [3]uint64{} {
							t.Fatalf("init got %v", *v)
						}
						if i == 3 {
							*v = dirty
							return errInit
						}
						return nil
					})
					if i == 3 {
						if err != errInit {
							t.Fatal(err)
						}
						p = must(a.New(nil))
					}
					if *p.Get() != [3]uint64{} {
						t.Fatalf("New gave %v", *p.Get())
					}
					*p.Get() = dirty
					pins = append(pins, p)
				}
				for _, p := range pins {
					p.Release()
				}
				if err := a.Invariants(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestFixedArenaIsFullAtItsCapacityAndAllocatesNothingThen(t *testing.T) {
	for _, o := range []pin.Options{{Capacity: 1}, {Capacity: 1000}, {Capacity: 33, OffHeap: true}, {Capacity: 20, OffHeap: true, Debug: true}} {
		a := newArena[value64](t, o)
		if a.Cap() != o.Capacity {
			t.Fatalf("%+v: Cap is %d", o, a.Cap())
		}
		pins := make([]pin.Pin[value64], 0, o.Capacity)
		var full, fullInit error
		if n := testing.AllocsPerRun(1, func() {
			for range o.Capacity {
				pins = append(pins, must(a.New(nil)))
			}
			_, full = a.New(nil)
			_, fullInit = a.New(func(*value64) error { panic("init of a full arena") })
			for _, p := range pins {
				p.Release()
			}
			pins = pins[:0]
		}); n != 0 {
			t.Errorf("%+v: %v allocations after the start", o, n)
		}
		// Not while allocations are counted: now and then a type assertion in errors.Is
		// has the runtime make room in a cache.
		if !errors.Is(full, pin.ErrFull) || !errors.Is(fullInit, pin.ErrFull) {
			t.Errorf("%+v: New of a full arena: %v, %v", o, full, fullInit)
		}
	}
}

func TestArenaOptionsThatCannotBe(t *testing.T) {
	for _, n := range []int{-1, math.MinInt, 1 << 30, math.MaxInt} {
		a, err := pin.NewArena[value64](pin.Options{Capacity: n})
		var e *pin.CapacityError
		if a != nil || !errors.As(err, &e) || e.Capacity != n || e.Size != 64 || e.Op != "NewArena" {
			t.Errorf("Capacity %d: %v, %v", n, a, err)
		}
	}
	for _, off := range []bool{false, true} {
		a, err := pin.NewArena[[1 << 24]uint64](pin.Options{Capacity: 1<<30 - 1, OffHeap: off})
		if a != nil || err == nil {
			t.Errorf("2^57 bytes, off-heap %t: %v, %v", off, a, err)
		}
	}
}

func TestValuesOfEverySizeAreAlignedAndApart(t *testing.T) {
	t.Run("none", func(t *testing.T) { checkApart[struct{}](t) })
	t.Run("1", func(t *testing.T) { checkApart[byte](t) })
	t.Run("2", func(t *testing.T) { checkApart[uint16](t) })
	t.Run("3", func(t *testing.T) { checkApart[[3]byte](t) })
	t.Run("8", func(t *testing.T) { checkApart[uint64](t) })
	t.Run("16", func(t *testing.T) { checkApart[complex128](t) })
	t.Run("pointers", func(t *testing.T) { checkApart[node](t) })
	t.Run("4K", func(t *testing.T) { checkApart[[4096]byte](t) })
	t.Run("300K", func(t *testing.T) { checkApart[[300 << 10]byte](t) })
}

func checkApart[T any](t *testing.T) {
	l := unsafeptr.LayoutOf[T]()
	for name, o := range allOptions {
		if o.OffHeap && l.HasPointers() {
			continue
		}
		a := newArena[T](t, o)
		var pins []pin.Pin[T]
		seen := map[uintptr]bool{}
		for range 70 {
			p := must(a.New(nil))
			if p.Addr()%l.Align != 0 || seen[p.Addr()] {
				t.Fatalf("%s: %v is aligned to %d, seen %t", name, p, l.Align, seen[p.Addr()])
			}
			seen[p.Addr()] = true
			for _, q := range pins[max(0, len(pins)-5):] {
				if unsafeptr.RangeOf(p.Get()).Overlaps(unsafeptr.RangeOf(q.Get())) {
					t.Fatalf("%s: %v overlaps %v", name, p, q)
				}
			}
			pins = append(pins, p)
		}
		if err := a.Invariants(); err != nil {
			t.Fatal(err)
		}
		if a.Len() != 70 || a.Cap() < 70 {
			t.Errorf("%s: Len %d, Cap %d", name, a.Len(), a.Cap())
		}
		for _, p := range pins {
			p.Release()
		}
	}
}

func TestChunksGrowGeometricallyAndBounded(t *testing.T) {
	a := newArena[value64](t, pin.Options{})
	if a.Cap() != 0 {
		t.Errorf("an empty arena has %d slots", a.Cap())
	}
	const n = 100_000
	for range n {
		must(a.New(nil))
	}
	s := a.Stats()
	if s.Chunks > 45 || s.Bytes > n*80+(256<<10) || s.Slots < n || s.Pinned != n {
		t.Errorf("%+v", s)
	}
	for p := range a.All() {
		p.Release()
	}
}

func TestForeignHandlesAreRecognised(t *testing.T) {
	a, b := newArena[int](t, pin.Options{}), newArena[int](t, pin.Options{})
	single := must(pin.New[int](nil))
	p, q := must(a.New(nil)), must(b.New(nil))
	for name, x := range map[string]pin.Pin[int]{"another arena's": q, "a single value's": single} {
		var e *pin.StaleError
		if err := a.Check(x); !errors.As(err, &e) || !e.Foreign || e.Want != 1 || e.Got != 1 || !strings.Contains(e.Error(), "another arena") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := a.Check(p); err != nil {
		t.Error(err)
	}
	p.Release()
	var e *pin.StaleError
	if err := a.Check(p); !errors.As(err, &e) || e.Foreign {
		t.Errorf("its own, released: %v", err)
	}
	if err := b.Check(p); !errors.As(err, &e) || !e.Foreign {
		t.Errorf("released and another's: %v", err)
	}
	q.Release()
	single.Release()
}

func TestForeignHandlesAreRecognisedThoughTheArenasNumberIsUsedAgain(t *testing.T) {
	old, err := pin.NewArena[int](pin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := must(old.New(nil))
	p.Release()
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // one of them has the number
		a := newArena[int](t, pin.Options{})
		q := must(a.New(nil))
		var e *pin.StaleError
		if err := a.Check(p); !errors.As(err, &e) || !e.Foreign {
			t.Errorf("the old arena's handle: %v", err)
		}
		if err := old.Check(q); !errors.As(err, &e) || !e.Foreign {
			t.Errorf("the new arena's handle: %v", err)
		}
		q.Release()
	}
}

func TestAllSeesEachPinnedValueOnceAndMayBeStopped(t *testing.T) {
	a := newArena[int](t, pin.Options{})
	pins := map[pin.Pin[int]]bool{}
	for i := range 300 {
		p := must(a.New(nil))
		if i%3 == 0 {
			p.Release()
			continue
		}
		pins[p] = true
	}
	held := must(a.New(nil))
	held.Hold()
	held.Release()
	for p := range a.All() {
		if !pins[p] {
			t.Fatalf("%v is seen twice, or was released", p)
		}
		delete(pins, p)
		p.Release()
		q := must(a.New(nil)) // in the very slot
		defer q.Release()
	}
	if len(pins) != 0 {
		t.Errorf("%d values were not seen", len(pins))
	}
	n := 0
	for range a.All() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d rounds after break", n)
	}
	held.Unhold()
}

func TestArenasOfDifferentGoroutinesAreIndependent(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for round := range 20 {
				a, err := pin.NewArena[[2]int](pin.Options{Debug: round%2 == 0})
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 200 {
					p := must(a.New(nil))
					p.Get()[0] = g
					s := must(pin.New[[2]int](nil))
					if i%2 == 0 || p.Get()[0] != g {
						p.Release()
					}
					s.Release()
				}
				for p := range a.All() {
					if p.Get()[0] != g {
						t.Errorf("goroutine %d found a value of %d", g, p.Get()[0])
					}
					p.Release()
				}
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func ExampleArena() {
	type conn struct {
		buf  [512]byte
		line pin.SelfSlice[byte] // points into buf
	}
	arena, err := pin.NewArena[conn](pin.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := arena.New(func(c *conn) error { // c is at its final address
		n := copy(c.buf[:], "GET /")
		pin.BindSlice(c, &c.line, c.buf[:n])
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, %d pinned\n", p.Get().line.Get(), arena.Len())
	p.Release()
	fmt.Println(arena.Close())
	// Output:
	// GET /, 1 pinned
	// <nil>
}

func ExampleArena_All() {
	arena, _ := pin.NewArena[int](pin.Options{})
	for i := range 4 {
		p, _ := arena.New(nil)
		*p.Get() = i
	}
	sum := 0
	for p := range arena.All() {
		sum += *p.Get()
		p.Release()
	}
	fmt.Println(sum, arena.Len())
	// Output: 6 0
}

func ExampleOptions() {
	arena, _ := pin.NewArena[int](pin.Options{Capacity: 1})
	p, _ := arena.New(nil)
	_, err := arena.New(nil)
	fmt.Println(errors.Is(err, pin.ErrFull))
	p.Release()
	_ = arena.Close()
	_, err = arena.New(nil)
	fmt.Println(errors.Is(err, pin.ErrClosed))
	// Output:
	// true
	// true
}

func ExampleStats() {
	arena, _ := pin.NewArena[[64]byte](pin.Options{Capacity: 10})
	p, _ := arena.New(nil)
	s := arena.Stats()
	fmt.Println(s.Pinned, s.Slots, s.Chunks, s.Bytes)
	p.Release()
	// Output: 1 10 1 800
}
