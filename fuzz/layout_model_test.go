package fuzz_test

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// leafTypes are what the types of FuzzUnsafeptr are built of. Their order is part
// of the seeds.
var leafTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[byte](), reflect.TypeFor[int16](), reflect.TypeFor[uint32](),
	reflect.TypeFor[int64](), reflect.TypeFor[uintptr](), reflect.TypeFor[float64](), reflect.TypeFor[complex128](),
	reflect.TypeFor[struct{}](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[*int](),
	reflect.TypeFor[any](), reflect.TypeFor[io.Reader](), reflect.TypeFor[map[string]int](), reflect.TypeFor[chan int](),
	reflect.TypeFor[func()](), reflect.TypeFor[time.Time](), reflect.TypeFor[sync.Mutex](), reflect.TypeFor[atomic.Uint64](),
	reflect.TypeFor[unsafeptr.Rel[string]](), reflect.TypeFor[unsafeptr.Tagged[int]](), reflect.TypeFor[unsafeptr.Range](),
	reflect.TypeFor[pin.Anchor](), reflect.TypeFor[pin.NoMove](),
}

const (
	maxTypeSize = 1 << 13
	maxTypes    = 8
)

// push puts t on the stack of types, unless it is too large to be looked at.
func (w *unsafeWorld) push(t reflect.Type) {
	if t.Size() <= maxTypeSize && len(w.types) < maxTypes {
		w.types = append(w.types, t)
	}
}

// pop takes n types from the stack, if it has so many.
func (w *unsafeWorld) pop(n int) ([]reflect.Type, bool) {
	rest := len(w.types) - n
	if rest < 0 {
		return nil, false
	}
	top := slices.Clone(w.types[rest:])
	w.types = w.types[:rest]
	return top, true
}

// A byteUse says what a byte of a type is.
type byteUse byte

const (
	padding byteUse = iota
	scalar
	pointer
)

// useOf returns what each byte of a type is, by the plainest walk: through all elements of
// all arrays.
func useOf(t reflect.Type) []byteUse {
	use := make([]byteUse, t.Size())
	mark(use, t)
	return use
}

func mark(use []byteUse, t reflect.Type) {
	if len(use) == 0 {
		return // an array of arrays of nothing may have any number of elements
	}
	word := reflect.TypeFor[uintptr]().Size()
	pointers := uintptr(0) // leading words that are pointers
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			mark(use[f.Offset:f.Offset+f.Type.Size()], f.Type)
		}
		return
	case reflect.Array:
		for i := range uintptr(t.Len()) {
			mark(use[i*t.Elem().Size():(i+1)*t.Elem().Size()], t.Elem())
		}
		return
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan, reflect.Map, reflect.Func, reflect.String, reflect.Slice:
		pointers = word
	case reflect.Interface:
		pointers = 2 * word
	}
	for i := range use {
		use[i] = scalar
		if uintptr(i) < pointers {
			use[i] = pointer
		}
	}
}

// layoutFacts are the parts of a Layout that can be compared.
type layoutFacts struct {
	Size, Align, Padding uintptr
	HasPointers          bool
	Pointers             []uintptr
}

func checkLayout(t reflect.Type) error {
	l := unsafeptr.LayoutFor(t)
	got := layoutFacts{l.Size, l.Align, l.Padding, l.HasPointers(), l.PointerWords()}
	want := layoutFacts{Size: t.Size(), Align: uintptr(t.Align())}
	use := useOf(t)
	word := reflect.TypeFor[uintptr]().Size()
	for i, u := range use {
		switch {
		case u == padding:
			want.Padding++
		case u == pointer && uintptr(i)%word == 0:
			want.Pointers = append(want.Pointers, uintptr(i))
			want.HasPointers = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the layout of %v (-want +got):\n%s", t, diff)
	}
	if unsafeptr.LayoutFor(t) != l {
		return fmt.Errorf("%v has two layouts", t)
	}
	path, first, ok := l.FirstPointer()
	if ok != want.HasPointers || ok && (first.Size() == 0 || path == "" && first != t) {
		return fmt.Errorf("the first pointer of %v is %q, %v, %t", t, path, first, ok)
	}
	for _, min := range []uintptr{0, 16, 256} {
		end := uintptr(0)
		for _, s := range l.ScalarRuns(min) {
			if s.Off < end || s.Size < min || s.Off+s.Size > l.Size || slices.Contains(use[s.Off:s.Off+s.Size], pointer) {
				return fmt.Errorf("ScalarRuns(%d) of %v has %+v", min, t, s)
			}
			end = s.Off + s.Size
		}
	}
	return nil
}
