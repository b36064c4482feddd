package pin_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// mixed has pointers between scalars, and padding.
type mixed struct {
	a    byte
	p    *int
	b    [3]byte
	s    string
	c    uint16
	last [5]byte
}

func TestReclaimedValuesArePoisonedButNotTheirPointers(t *testing.T) {
	a := newArena[mixed](t, pin.Options{Debug: true})
	n := 1
	p := must(a.New(func(m *mixed) error {
		*m = mixed{a: 1, p: &n, b: [3]byte{1, 2, 3}, s: "text", c: 7, last: [5]byte{9}}
		return nil
	}))
	m := p.Get()
	p.Release()
	// The length of the string is poison, so that it must not be looked at as one.
	l := unsafeptr.LayoutOf[mixed]()
	for off := range l.Pointers {
		if b := unsafeptr.Bytes(m)[off : off+l.Align]; !bytes.Equal(b, make([]byte, l.Align)) {
			t.Errorf("the pointer at offset %d is %x", off, b)
		}
	}
	if m.a != 0xDB || m.b != [3]byte{0xDB, 0xDB, 0xDB} || m.c != 0xDBDB || m.last != [5]byte{0xDB, 0xDB, 0xDB, 0xDB, 0xDB} {
		t.Errorf("%x %x %x %x", m.a, m.b, m.c, m.last)
	}
	q := must(a.New(nil))
	if q.Addr() != p.Addr() || *q.Get() != (mixed{}) {
		t.Errorf("the next value at %#x is %+v", q.Addr(), *q.Get())
	}
	q.Release()
}

func TestWriteAfterReclaimIsReported(t *testing.T) {
	for name, write := range map[string]struct {
		f    func(m *mixed)
		want byte
	}{
		"first byte": {func(m *mixed) { m.a = 1 }, 0xDB},
		"last byte":  {func(m *mixed) { m.last[4] = 0 }, 0xDB},
		"a pointer":  {func(m *mixed) { m.p = new(int) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := newArena[mixed](t, pin.Options{Debug: true, Capacity: 2})
			p := must(a.New(nil))
			m := p.Get()
			p.Release()
			write.f(m)
			var e *pin.PoisonError
			if err := a.Invariants(); !errors.As(err, &e) {
				t.Errorf("Invariants: %v", err)
			}
			e, ok := panicOf(func() { _, _ = a.New(nil) }).(*pin.PoisonError)
			if !ok || e.Addr != p.Addr() || e.Want != write.want || e.Found == e.Want || e.Type != "pin_test.mixed" {
				t.Fatalf("%+v", e)
			}
			if got := unsafeptr.Bytes(m)[e.Offset]; got != e.Found {
				t.Errorf("byte %d is %#x, %+v", e.Offset, got, e)
			}
			// The slot is out of use, the arena is not.
			q := must(a.New(nil))
			if q.Addr() == p.Addr() {
				t.Error("the slot was given out")
			}
			q.Release()
			if s := a.Stats(); s.Retired != 1 {
				t.Errorf("%+v", s)
			}
			if err := a.Invariants(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPointersOfReclaimedValuesAreClearedWithoutDebugToo(t *testing.T) {
	a := newArena[mixed](t, pin.Options{})
	p := must(a.New(func(m *mixed) error { m.p, m.s, m.c = new(int), "text", 7; return nil }))
	m := p.Get()
	p.Release()
	for i, b := range unsafeptr.Bytes(m) {
		if b != 0 {
			t.Fatalf("byte %d is %#x", i, b)
		}
	}
	m.s = "written"
	var e *pin.PoisonError
	if err := a.Invariants(); !errors.As(err, &e) || e.Want != 0 || e.Addr != p.Addr() {
		t.Errorf("Invariants: %v", err)
	}
	m.s = ""
}

func ExamplePoisonError() {
	arena, _ := pin.NewArena[[8]byte](pin.Options{Debug: true})
	p, _ := arena.New(nil)
	buf := p.Get()
	p.Release()
	buf[5] = 1 // too late

	defer func() {
		e, _ := recover().(*pin.PoisonError)
		fmt.Printf("byte %d is %#x\n", e.Offset, e.Found)
	}()
	_, _ = arena.New(nil)
	// Output: byte 5 is 0x1
}
