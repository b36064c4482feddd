package unsafeptr_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

func TestLayoutSizesAreReflects(t *testing.T) {
	eachType(t, 300, func(typ reflect.Type) error {
		l := unsafeptr.LayoutFor(typ)
		if l.Type != typ || l.Size != typ.Size() || l.Align != uintptr(typ.Align()) {
			return fmt.Errorf("layout is of %v, size %d, align %d", l.Type, l.Size, l.Align)
		}
		return nil
	})
}

func TestPaddingIsTheBytesOfNoField(t *testing.T) {
	eachType(t, 2000, func(typ reflect.Type) error {
		var want uintptr
		for _, use := range mapOf(typ) {
			if use == unused {
				want++
			}
		}
		if got := unsafeptr.LayoutFor(typ).Padding; got != want {
			return fmt.Errorf("padding %d, want %d", got, want)
		}
		return nil
	})
}

func TestPaddingOfKnownTypes(t *testing.T) {
	type between struct {
		a byte
		b uint32
	}
	type end struct {
		a uint32
		b byte
	}
	for _, c := range []struct {
		l    *unsafeptr.Layout
		want uintptr
	}{
		{unsafeptr.LayoutOf[uint64](), 0},
		{unsafeptr.LayoutOf[between](), 3},
		{unsafeptr.LayoutOf[end](), 3},
		{unsafeptr.LayoutOf[[5]end](), 15},
		{unsafeptr.LayoutOf[struct{ a, b between }](), 6},
		{unsafeptr.LayoutOf[struct {
			a byte
			_ [3]byte
			b uint32
		}](), 0},
		{unsafeptr.LayoutOf[struct {
			a uint32
			b struct{}
		}](), 4},
		{unsafeptr.LayoutOf[[0]end](), 0},
		{unsafeptr.LayoutOf[*end](), 0},
		{unsafeptr.LayoutOf[[]end](), 0},
	} {
		if c.l.Padding != c.want {
			t.Errorf("%v: padding %d, want %d", c.l.Type, c.l.Padding, c.want)
		}
	}
}

func TestLayoutOfAnInterfaceIsThatOfTheInterface(t *testing.T) {
	l := unsafeptr.LayoutOf[error]()
	if l.Type.Kind() != reflect.Interface || len(l.PointerWords()) != 2 {
		t.Errorf("LayoutOf[error] is of %v with pointers at %v", l.Type, l.PointerWords())
	}
}

func TestLayoutIsMadeOnceForAllGoroutines(t *testing.T) {
	type fresh struct {
		a [3]struct{ p *int }
		b string
	}
	var got [16]*unsafeptr.Layout
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			<-start
			got[i] = unsafeptr.LayoutOf[fresh]()
		})
	}
	close(start)
	wg.Wait()
	for i := range got {
		if got[i] != got[0] || got[i].Type != reflect.TypeFor[fresh]() {
			t.Fatalf("goroutine %d got %p, goroutine 0 %p", i, got[i], got[0])
		}
	}
	if unsafeptr.LayoutFor(reflect.TypeFor[fresh]()) != got[0] {
		t.Error("LayoutFor and LayoutOf differ")
	}
}

func TestLayoutAllocatesOnlyTheFirstTime(t *testing.T) {
	type counted struct{ a, b *int }
	unsafeptr.LayoutOf[counted]()
	if n := testing.AllocsPerRun(100, func() { unsafeptr.LayoutOf[counted]() }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestLayoutForNilPanicsWithErrNoType(t *testing.T) {
	defer func() {
		if v := recover(); v != unsafeptr.ErrNoType {
			t.Errorf("recovered %v, want ErrNoType", v)
		}
	}()
	var nothing any
	unsafeptr.LayoutFor(reflect.TypeOf(nothing))
}

// A type of no bytes may have 2^60 elements, which nobody can look at one by one.
func TestLayoutLooksAtOneElementOfAnArray(t *testing.T) {
	type none struct {
		a [1 << 20][1 << 20][1 << 20]struct{ b, c struct{} }
	}
	l := unsafeptr.LayoutOf[none]()
	if l.Size != 0 || l.Padding != 0 || l.HasPointers() || l.ScalarRuns(0) != nil || l.PointerWords() != nil {
		t.Errorf("size %d, padding %d, pointers %t", l.Size, l.Padding, l.HasPointers())
	}
	type many struct {
		n int
		a [1 << 20][0][1 << 20]*int
	}
	l = unsafeptr.LayoutOf[many]()
	if l.HasPointers() || l.PointerWords() != nil {
		t.Errorf("pointers in arrays of arrays of none: %v", l.PointerWords())
	}
}

func TestDrawingInThePackageCommentIsTrue(t *testing.T) {
	type conn struct {
		tok unsafeptr.Rel[byte]
		buf [20]byte
		err error
	}
	l := unsafeptr.LayoutOf[conn]()
	w := unsafeptr.LayoutOf[uintptr]().Size
	if w != 8 {
		if len(l.PointerWords()) != 2 {
			t.Errorf("pointer words %v, want the 2 of err", l.PointerWords())
		}
		return
	}
	got := fmt.Sprint(l.Size, l.Padding, l.PointerWords(), l.ScalarRuns(1))
	if want := "48 4 [32 40] [{8 20}]"; got != want {
		t.Errorf("size, padding, pointer words and runs are %s, drawn are %s", got, want)
	}
}

func BenchmarkLayout(b *testing.B) {
	b.Run("LayoutOf", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			unsafeptr.LayoutOf[relOwner]()
		}
	})
	b.Run("walk with reflect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mapOf(reflect.TypeFor[relOwner]())
		}
	})
}
