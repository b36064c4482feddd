package unsafeptr_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

func TestPointerWordsAreThoseOfAPlainWalk(t *testing.T) {
	word := reflect.TypeFor[uintptr]().Size()
	eachType(t, 2000, func(typ reflect.Type) error {
		l := unsafeptr.LayoutFor(typ)
		var want []uintptr
		for off, use := range mapOf(typ) {
			if uintptr(off)%word == 0 && (use == pointer || use == table) {
				want = append(want, uintptr(off))
			}
		}
		if got := l.PointerWords(); !slices.Equal(got, want) {
			return fmt.Errorf("pointer words %v, want %v", got, want)
		}
		if l.HasPointers() != (len(want) > 0) {
			return fmt.Errorf("HasPointers is %t with pointers at %v", l.HasPointers(), want)
		}
		return nil
	})
}

func TestEachKindWithAPointerHasOne(t *testing.T) {
	var u uintptr
	w := reflect.TypeOf(u).Size()
	type named func()
	for _, c := range []struct {
		l    *unsafeptr.Layout
		want []uintptr
	}{
		{unsafeptr.LayoutOf[*int](), []uintptr{0}},
		{unsafeptr.LayoutOf[map[int]int](), []uintptr{0}},
		{unsafeptr.LayoutOf[chan int](), []uintptr{0}},
		{unsafeptr.LayoutOf[<-chan int](), []uintptr{0}},
		{unsafeptr.LayoutOf[named](), []uintptr{0}},
		{unsafeptr.LayoutOf[string](), []uintptr{0}},
		{unsafeptr.LayoutOf[[]struct{}](), []uintptr{0}},
		{unsafeptr.LayoutOf[any](), []uintptr{0, w}},
		{unsafeptr.LayoutOf[error](), []uintptr{0, w}},
		{unsafeptr.LayoutOf[unsafeptr.Range](), []uintptr{0}},
		{unsafeptr.LayoutOf[[2]string](), []uintptr{0, 2 * w}},
		{unsafeptr.LayoutOf[struct {
			n uintptr
			e error
			s []int
		}](), []uintptr{w, 2 * w, 3 * w}},
		{unsafeptr.LayoutOf[uintptr](), nil},
		{unsafeptr.LayoutOf[unsafeptr.Rel[*int]](), nil},
		{unsafeptr.LayoutOf[[0]*int](), nil},
		{unsafeptr.LayoutOf[struct{}](), nil},
		{unsafeptr.LayoutOf[complex128](), nil},
	} {
		if got := c.l.PointerWords(); !slices.Equal(got, c.want) {
			t.Errorf("%v: pointer words %v, want %v", c.l.Type, got, c.want)
		}
	}
}

func TestPointersStopsWhenTold(t *testing.T) {
	eachType(t, 100, func(typ reflect.Type) error {
		l := unsafeptr.LayoutFor(typ)
		all := l.PointerWords()
		for n := 1; n <= len(all) && n < 40; n++ {
			var got []uintptr
			l.Pointers(func(off uintptr) bool {
				got = append(got, off)
				return len(got) < n
			})
			if !slices.Equal(got, all[:n]) {
				return fmt.Errorf("asked to stop after %d: got %v of %v", n, got, all)
			}
		}
		return nil
	})
}

// With an expansion of the array this would need more memory than there is.
func TestPointersOfAHugeArrayAreYieldedOneByOne(t *testing.T) {
	l := unsafeptr.LayoutOf[[1 << 27]*int]()
	if !l.HasPointers() {
		t.Fatal("no pointers")
	}
	n := uintptr(0)
	for off := range l.Pointers {
		if off != n*(l.Size>>27) {
			t.Fatalf("word %d is at %d", n, off)
		}
		if n++; n == 100 {
			break
		}
	}
}

func TestPointerWordsAreTheCallersOwn(t *testing.T) {
	l := unsafeptr.LayoutOf[[4]*int]()
	l.PointerWords()[0] = 99
	if got := l.PointerWords()[0]; got != 0 {
		t.Errorf("a caller's write is seen by the next: %d", got)
	}
}

// follow walks path from typ and returns the type and offset that it ends at.
func follow(typ reflect.Type, path string) (reflect.Type, uintptr, error) {
	var off uintptr
	for path != "" {
		if rest, ok := strings.CutPrefix(path, "["); ok {
			num, rest, _ := strings.Cut(rest, "]")
			i, err := strconv.Atoi(num)
			if err != nil || typ.Kind() != reflect.Array || i >= typ.Len() {
				return nil, 0, fmt.Errorf("no element %q in %v", num, typ)
			}
			typ, off, path = typ.Elem(), off+uintptr(i)*typ.Elem().Size(), rest
			continue
		}
		path = strings.TrimPrefix(path, ".")
		end := strings.IndexAny(path+".", ".[")
		name := path[:end]
		path = path[end:]
		if typ.Kind() != reflect.Struct {
			return nil, 0, fmt.Errorf("no field %q in %v", name, typ)
		}
		found := false
		for i := range typ.NumField() {
			// A blank field is found by its type: only one with pointers can be meant.
			if f := typ.Field(i); f.Name == name && (name != "_" || mapOf(f.Type).hasPointer()) {
				typ, off, found = f.Type, off+f.Offset, true
				break
			}
		}
		if !found {
			return nil, 0, fmt.Errorf("no field %q in %v", name, typ)
		}
	}
	return typ, off, nil
}

func (m memoryMap) hasPointer() bool {
	return slices.Contains(m, pointer)
}

func TestFirstPointerIsFoundAtTheEndOfItsPath(t *testing.T) {
	eachType(t, 2000, func(typ reflect.Type) error {
		l := unsafeptr.LayoutFor(typ)
		path, got, ok := l.FirstPointer()
		if ok != l.HasPointers() {
			return fmt.Errorf("ok is %t, HasPointers %t", ok, l.HasPointers())
		}
		if !ok {
			if path != "" || got != nil {
				return fmt.Errorf("not found, yet %q, %v", path, got)
			}
			return nil
		}
		end, off, err := follow(typ, path)
		if err != nil {
			return fmt.Errorf("path %q: %v", path, err)
		}
		if end != got || off != l.PointerWords()[0] {
			return fmt.Errorf("path %q leads to %v at %d; reported %v, first pointer word %d", path, end, off, got, l.PointerWords()[0])
		}
		return nil
	})
}

func TestFirstPointerNamesTheField(t *testing.T) {
	type node struct {
		id   int
		next *node
	}
	type conn struct {
		fd  int
		buf [4]node
		err error
	}
	type embedded struct {
		n int
		conn
	}
	for _, c := range []struct {
		l    *unsafeptr.Layout
		path string
		typ  reflect.Type
	}{
		{unsafeptr.LayoutOf[struct{ conn conn }](), "conn.buf[0].next", reflect.TypeFor[*node]()},
		{unsafeptr.LayoutOf[conn](), "buf[0].next", reflect.TypeFor[*node]()},
		{unsafeptr.LayoutOf[[2][3]conn](), "[0][0].buf[0].next", reflect.TypeFor[*node]()},
		{unsafeptr.LayoutOf[embedded](), "conn.buf[0].next", reflect.TypeFor[*node]()},
		{unsafeptr.LayoutOf[*conn](), "", reflect.TypeFor[*conn]()},
		{unsafeptr.LayoutOf[string](), "", reflect.TypeFor[string]()},
		{unsafeptr.LayoutOf[[1]func()](), "[0]", reflect.TypeFor[func()]()},
		{unsafeptr.LayoutOf[struct {
			none [0]*int
			_    error
		}](), "_", reflect.TypeFor[error]()},
	} {
		path, typ, ok := c.l.FirstPointer()
		if path != c.path || typ != c.typ || !ok {
			t.Errorf("%v: got %q, %v, %t, want %q, %v", c.l.Type, path, typ, ok, c.path, c.typ)
		}
	}
}
