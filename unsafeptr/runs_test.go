package unsafeptr_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

// naiveRuns finds the buffers of typ by the plainest walk, with no bound.
func naiveRuns(typ reflect.Type, off, min uintptr) []unsafeptr.Span {
	var spans []unsafeptr.Span
	switch typ.Kind() {
	case reflect.Array:
		if !mapOf(typ).hasPointer() {
			if typ.Size() > 0 && typ.Size() >= min {
				return []unsafeptr.Span{{Off: off, Size: typ.Size()}}
			}
			return nil
		}
		for i := range typ.Len() {
			spans = append(spans, naiveRuns(typ.Elem(), off+uintptr(i)*typ.Elem().Size(), min)...)
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			spans = append(spans, naiveRuns(typ.Field(i).Type, off+typ.Field(i).Offset, min)...)
		}
	}
	return spans
}

func TestScalarRunsAreThoseOfAPlainWalk(t *testing.T) {
	eachType(t, 2000, func(typ reflect.Type) error {
		if typ.Kind() != reflect.Struct && typ.Kind() != reflect.Array {
			return nil
		}
		for _, min := range []uintptr{0, 1, 2, 8, 17, 64} {
			want := naiveRuns(typ, 0, min)
			if len(want) > 64 {
				return nil
			}
			if got := unsafeptr.LayoutFor(typ).ScalarRuns(min); !slices.Equal(got, want) {
				return fmt.Errorf("runs of %d bytes: %v, want %v", min, got, want)
			}
		}
		return nil
	})
}

func TestScalarRunsAreSortedDisjointAndHoldNoPointer(t *testing.T) {
	eachType(t, 2000, func(typ reflect.Type) error {
		m := mapOf(typ)
		for _, min := range []uintptr{0, 3, 16} {
			var end uintptr
			for _, s := range unsafeptr.LayoutFor(typ).ScalarRuns(min) {
				if s.Size == 0 || s.Size < min {
					return fmt.Errorf("%v is smaller than %d", s, min)
				}
				if s.Off < end || s.Off+s.Size > typ.Size() {
					return fmt.Errorf("%v begins before %d or ends after %d", s, end, typ.Size())
				}
				end = s.Off + s.Size
				for i, use := range m[s.Off:end] {
					if use == pointer || use == table {
						return fmt.Errorf("%v holds a pointer at its byte %d", s, i)
					}
				}
			}
		}
		return nil
	})
}

func TestScalarRunsOfKnownTypes(t *testing.T) {
	w := reflect.TypeFor[uintptr]().Size()
	type pair struct {
		p   *int
		buf [32]byte
	}
	type span = unsafeptr.Span
	for _, c := range []struct {
		name string
		l    *unsafeptr.Layout
		min  uintptr
		want []span
	}{
		{"the type itself", unsafeptr.LayoutOf[[100]byte](), 100, []span{{0, 100}}},
		{"one byte short", unsafeptr.LayoutOf[[100]byte](), 101, nil},
		{"of larger elements", unsafeptr.LayoutOf[[4]uint64](), 32, []span{{0, 32}}},
		{"of structs without pointers", unsafeptr.LayoutOf[[4]struct{ a, b uint32 }](), 32, []span{{0, 32}}},
		{"of pointers", unsafeptr.LayoutOf[[4]*int](), 1, nil},
		{"not an array", unsafeptr.LayoutOf[struct{ a, b uint64 }](), 1, nil},
		{"of size zero", unsafeptr.LayoutOf[struct {
			a [0]byte
			b [9]struct{}
		}](), 0, nil},
		{"side by side", unsafeptr.LayoutOf[struct{ a, b [16]byte }](), 16, []span{{0, 16}, {16, 16}}},
		{"the larger of two", unsafeptr.LayoutOf[struct {
			a [8]byte
			b [16]byte
		}](), 9, []span{{8, 16}}},
		{"beside a pointer", unsafeptr.LayoutOf[pair](), 16, []span{{w, 32}}},
		{"repeated", unsafeptr.LayoutOf[[2]pair](), 16, []span{{w, 32}, {2*w + 32, 32}}},
		{"nested twice", unsafeptr.LayoutOf[struct{ x struct{ y pair } }](), 1, []span{{w, 32}}},
		{"behind a pointer", unsafeptr.LayoutOf[*pair](), 1, nil},
		{"behind a slice", unsafeptr.LayoutOf[[]byte](), 1, nil},
	} {
		if got := c.l.ScalarRuns(c.min); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v of at least %d: got %v, want %v", c.name, c.l.Type, c.min, got, c.want)
		}
	}
}

func TestScalarRunsLeavesOutWhatRepeatsTooOften(t *testing.T) {
	type pair struct {
		p   *int
		buf [32]byte
	}
	type two struct{ a, b pair }
	for _, c := range []struct {
		l    *unsafeptr.Layout
		want int
	}{
		{unsafeptr.LayoutOf[[64]pair](), 64},
		{unsafeptr.LayoutOf[[65]pair](), 0},
		{unsafeptr.LayoutOf[[32]two](), 64},
		{unsafeptr.LayoutOf[[33]two](), 0},
		{unsafeptr.LayoutOf[[8][8]pair](), 64},
		{unsafeptr.LayoutOf[[8][9]pair](), 0},
		{unsafeptr.LayoutOf[[1 << 20]pair](), 0},
		{unsafeptr.LayoutOf[struct {
			many [1 << 20]pair
			buf  [32]byte
		}](), 1},
		{unsafeptr.LayoutOf[struct{ x, y [64]pair }](), 128},
	} {
		if got := c.l.ScalarRuns(32); len(got) != c.want {
			t.Errorf("%v: %d runs, want %d", c.l.Type, len(got), c.want)
		}
	}
}
