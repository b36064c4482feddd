package pin_test

import (
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

func TestPinIsTwoWordsWithoutSlack(t *testing.T) {
	want := uintptr(bits.UintSize/8 + 8)
	if l := unsafeptr.LayoutOf[pin.Pin[string]](); l.Size != want || l.Padding != 0 {
		t.Errorf("a Pin is %d bytes with %d of padding, want %d", l.Size, l.Padding, want)
	}
}

func TestPinsAreEqualIfTheyMeanTheSameValueInTheSameLife(t *testing.T) {
	a := newArena[int](t, pin.Options{Capacity: 1})
	p := must(a.New(nil))
	q := p
	if p != q || p != pin.Field(p, func(v *int) *int { return v }) {
		t.Error("two handles of one value differ")
	}
	byPin := map[pin.Pin[int]]string{p: "first"}
	p.Release()
	r := must(a.New(nil))
	defer r.Release()
	if r.Addr() != p.Addr() {
		t.Fatalf("the one slot was not used again: %v, %v", p, r)
	}
	if _, ok := byPin[r]; ok || p == r {
		t.Error("a handle equals that of the value that was there before")
	}
}

func TestZeroPinIsAlwaysStale(t *testing.T) {
	var p pin.Pin[string]
	if !p.IsZero() || p.Addr() != 0 {
		t.Errorf("%v is not zero", p)
	}
	if v, ok := p.Try(); v != nil || ok {
		t.Errorf("Try of the zero Pin: %v, %t", v, ok)
	}
	for name, f := range map[string]func(){
		"Get": func() { p.Get() }, "Release": p.Release, "Hold": p.Hold, "Unhold": p.Unhold,
		"Field": func() { pin.Field(p, func(s *string) *string { return s }) },
	} {
		e := staleOf(t, name, f)
		if e.Want != 0 || e.Got != 0 || e.Type != "string" || !strings.Contains(e.Error(), "zero Pin") {
			t.Errorf("%s: %+v", name, e)
		}
	}
	a := newArena[string](t, pin.Options{})
	var e *pin.StaleError
	if err := a.Check(p); !errors.As(err, &e) {
		t.Errorf("Check: %v", err)
	}
}

func TestStaleErrorNamesBothGenerations(t *testing.T) {
	a := newArena[int32](t, pin.Options{Capacity: 1})
	p := must(a.New(nil))
	p.Release()
	e := staleOf(t, "Get", func() { p.Get() })
	if e.Want != 1 || e.Got != 2 || e.Type != "int32" || e.Addr != p.Addr() || !strings.Contains(e.Error(), "was released;") {
		t.Errorf("released: %+v: %v", e, e)
	}
	for range 2 {
		must(a.New(nil)).Release()
	}
	q := must(a.New(nil))
	defer q.Release()
	e = staleOf(t, "Get", func() { p.Get() })
	if e.Want != 1 || e.Got != 7 || !strings.Contains(e.Error(), "used again") {
		t.Errorf("used again: %+v: %v", e, e)
	}
	for _, want := range []string{"generation is 1", "slot's is 7", fmt.Sprintf("%#x", p.Addr()), "Pin[int32]"} {
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%q lacks %q", e, want)
		}
	}
}

func TestHoldKeepsTheValueUntilTheLastUnhold(t *testing.T) {
	a := newArena[dropCounter](t, pin.Options{Capacity: 1})
	drops := 0
	p := must(a.New(func(d *dropCounter) error { d.drops = &drops; d.data = 7; return nil }))
	v := p.Get()
	p.Hold()
	p.Hold()
	p.Release()
	if _, ok := p.Try(); ok {
		t.Error("a released value is still given out")
	}
	staleOf(t, "Hold after Release", p.Hold)
	staleOf(t, "second Release", p.Release)
	p.Unhold()
	if drops != 0 || v.data != 7 {
		t.Fatalf("dropped %d times, data %d, while it is held", drops, v.data)
	}
	if _, err := a.New(nil); !errors.Is(err, pin.ErrFull) {
		t.Fatalf("the slot of a held value was given out: %v", err)
	}
	if s := a.Stats(); s.Held != 1 || s.Pinned != 0 {
		t.Errorf("%+v", s)
	}
	p.Unhold()
	if drops != 1 {
		t.Errorf("dropped %d times", drops)
	}
	staleOf(t, "one Unhold too many", p.Unhold)
	must(a.New(func(d *dropCounter) error { d.drops = &drops; return nil })).Release()
}

func TestUnholdOfAnOldHandleDoesNotTouchTheNewValue(t *testing.T) {
	a := newArena[int](t, pin.Options{Capacity: 1})
	old := must(a.New(nil))
	old.Release()
	p := must(a.New(nil))
	p.Hold()
	staleOf(t, "Unhold", old.Unhold)
	p.Release()
	staleOf(t, "Unhold", old.Unhold) // held, but not by this handle
	p.Unhold()
}

func TestUnholdWithoutHoldPanics(t *testing.T) {
	a := newArena[int](t, pin.Options{})
	p := must(a.New(nil))
	defer p.Release()
	e, ok := panicOf(p.Unhold).(*pin.HoldError)
	if !ok || e.Holds != 0 || e.Addr != p.Addr() || e.Gen != 1 || e.Type != "int" || !strings.Contains(e.Error(), "without Hold") {
		t.Errorf("%+v", e)
	}
	p.Hold()
	p.Unhold()
	if panicOf(p.Unhold) == nil {
		t.Error("the second Unhold did not panic")
	}
	*p.Get() = 1
}

func TestUsingHandlesAllocatesNothing(t *testing.T) {
	plain := newArena[value64](t, pin.Options{})
	pointers := newArena[node](t, pin.Options{})
	must(plain.New(nil)).Release() // the first chunk
	must(pointers.New(nil)).Release()
	if n := testing.AllocsPerRun(100, func() {
		p := must(plain.New(nil))
		p.Hold()
		p.Get()[0]++
		if v, ok := p.Try(); !ok || v[0] != 1 {
			panic("not zero")
		}
		p.Unhold()
		p.Release()
	}); n != 0 {
		t.Errorf("a plain value: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		p := must(pointers.New(func(v *node) error { v.self = v; return nil }))
		q := pin.Field(p, func(v *node) *int { return &v.n })
		*q.Get() = 3
		q.Release()
	}); n != 0 {
		t.Errorf("a value with pointers: %v allocations", n)
	}
}

func TestAddressesStayThroughCollectionsAndStackGrowth(t *testing.T) {
	for name, o := range map[string]pin.Options{"heap": {}, "debug": {Debug: true}} {
		t.Run(name, func(t *testing.T) {
			a := newArena[node](t, o)
			var pins []pin.Pin[node]
			var addrs []uintptr
			for i := range 5000 {
				p := must(a.New(func(v *node) error { v.self, v.n = v, i; return nil }))
				pins, addrs = append(pins, p), append(addrs, p.Addr())
			}
			for range 3 {
				runtime.GC()
				deep(64)
				for i, p := range pins {
					if v := p.Get(); v.self != v || v.n != i || unsafeptr.Addr(v) != addrs[i] {
						t.Fatalf("value %d, pinned at %#x, is at %p: %+v", i, addrs[i], v, *v)
					}
				}
			}
			for _, p := range pins {
				p.Release()
			}
		})
	}
}

// dropCounter counts its drops in a variable outside.
type dropCounter struct {
	drops *int
	data  int
}

func (d *dropCounter) Drop() { *d.drops++ }

func ExamplePin() {
	arena, err := pin.NewArena[[64]byte](pin.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := arena.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(p.Get()[:], "hello")
	fmt.Printf("%s\n", p.Get()[:5])

	p.Release()
	_, ok := p.Try()
	fmt.Println(ok, arena.Close())
	// Output:
	// hello
	// false <nil>
}

func ExamplePin_Hold() {
	arena, _ := pin.NewArena[[64]byte](pin.Options{})
	p, _ := arena.New(nil)
	buf := p.Get()

	p.Hold() // for the kernel, which is about to read into buf
	p.Release()
	fmt.Println(arena.Stats().Held, arena.Close() != nil)

	copy(buf[:], "still whole") // what the kernel does meanwhile
	p.Unhold()
	fmt.Println(arena.Stats().Held, arena.Close())
	// Output:
	// 1 true
	// 0 <nil>
}

func ExampleStaleError() {
	arena, _ := pin.NewArena[int](pin.Options{})
	p, _ := arena.New(nil)
	p.Release()
	var stale *pin.StaleError
	if errors.As(arena.Check(p), &stale) {
		fmt.Println(stale.Want, stale.Got, stale.Foreign)
	}
	// Output: 1 2 false
}

func ExampleHoldError() {
	arena, _ := pin.NewArena[int](pin.Options{})
	p, _ := arena.New(nil)
	defer func() {
		var e *pin.HoldError
		e, _ = recover().(*pin.HoldError)
		fmt.Println(e.Type, e.Gen, e.Holds)
	}()
	p.Unhold()
	// Output: int 1 0
}
