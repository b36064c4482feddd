package pin_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

func TestOffHeapRefusesGoPointersOfEveryKindAndNamesTheField(t *testing.T) {
	type inner struct {
		n    int
		next *inner
	}
	type iface interface{ M() }
	for _, c := range []struct {
		path, pointer string
		err           error
	}{
		{"", "*int", offHeapError[*int]()},
		{"", "string", offHeapError[string]()},
		{"", "[]uint8", offHeapError[[]byte]()},
		{"", "func()", offHeapError[func()]()},
		{"", "map[int]int", offHeapError[map[int]int]()},
		{"", "chan int", offHeapError[chan int]()},
		{"", "interface {}", offHeapError[any]()},
		{"", "pin_test.iface", offHeapError[iface]()},
		// SAFETY: only the type is looked at.
		{"", "unsafe.Pointer", offHeapError[unsafe.Pointer]()},
		{"[0]", "string", offHeapError[[3]string]()},
		{"b.next", "*pin_test.inner", offHeapError[struct {
			a int
			b inner
		}]()},
		{"conn.buf[0].next", "*pin_test.inner", offHeapError[struct {
			n    [4]int
			conn struct{ buf [2]inner }
		}]()},
		{"s.p", "*int32", offHeapError[struct{ s pin.Self[int32] }]()},
		{"p.ptr", "*int32", offHeapError[struct{ p pin.Pin[int32] }]()},
	} {
		var e *pin.PointerError
		if !errors.As(c.err, &e) {
			t.Errorf("%s at %q: %v", c.pointer, c.path, c.err)
			continue
		}
		if e.Path != c.path || e.Pointer != c.pointer {
			t.Errorf("%+v, want %s at %q", e, c.pointer, c.path)
		}
		if !strings.Contains(e.Error(), c.path) || !strings.Contains(e.Error(), c.pointer) || !strings.Contains(e.Error(), e.Type) {
			t.Errorf("%q names too little", e)
		}
	}
}

func offHeapError[T any]() error {
	_, err := pin.NewArena[T](pin.Options{OffHeap: true})
	return err
}

func TestOffHeapTakesWhatHoldsNoPointers(t *testing.T) {
	for _, err := range []error{
		offHeapError[struct{}](), offHeapError[int](), offHeapError[uintptr](), offHeapError[[0]*int](),
		offHeapError[[9]complex128](), offHeapError[struct {
			rel    unsafeptr.Rel[int]
			anchor pin.Anchor
			_      pin.NoMove
		}](),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestStatsTellWhetherItIsOffHeap(t *testing.T) {
	a := newArena[value64](t, pin.Options{OffHeap: true})
	must(a.New(nil)).Release()
	if s := a.Stats(); s.OffHeap != offHeapHere || s.Chunks != 1 {
		t.Errorf("%+v", s)
	}
	b := newArena[value64](t, pin.Options{})
	if b.Stats().OffHeap {
		t.Error("an arena on the Go heap says that it is off-heap")
	}
}

func TestSelfReferenceOffHeapByRel(t *testing.T) {
	type state struct {
		at  unsafeptr.Rel[[4]byte]
		buf [4]byte
	}
	a := newArena[state](t, pin.Options{OffHeap: true})
	p := must(a.New(func(s *state) error { s.at.Set(&s.buf); return nil }))
	for range 2 {
		runtime.GC()
	}
	if p.Get().at.Get() != &p.Get().buf {
		t.Error("it does not point at its field")
	}
	p.Release()
}

func TestHandlesOfAClosedOffHeapArenaReadGenerationZero(t *testing.T) {
	for _, o := range []pin.Options{{OffHeap: true}, {OffHeap: true, Capacity: 10}, {OffHeap: true, Debug: true}} {
		a, err := pin.NewArena[value64](o)
		if err != nil {
			t.Fatal(err)
		}
		p := must(a.New(nil))
		q := pin.Field(p, func(v *value64) *uint64 { return &v[3] })
		p.Release()
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		for range 3 { // nothing else may come to lie there
			b := newArena[value64](t, o)
			must(b.New(nil)).Release()
		}
		e := staleOf(t, "Get", func() { p.Get() })
		if offHeapHere && (e.Got != 0 || !strings.Contains(e.Error(), "closed")) {
			t.Errorf("%+v: %v", o, e)
		}
		if _, ok := q.Try(); ok {
			t.Error("the field's handle is not stale")
		}
		staleOf(t, "Unhold", p.Unhold)
		if err := a.Invariants(); err != nil {
			t.Error(err)
		}
	}
}

func ExamplePointerError() {
	type conn struct {
		fd   int
		name string
	}
	_, err := pin.NewArena[conn](pin.Options{OffHeap: true})
	var e *pin.PointerError
	fmt.Println(errors.As(err, &e), e.Path, e.Pointer)
	// Output: true name string
}
