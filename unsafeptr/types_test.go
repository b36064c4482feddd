package unsafeptr_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/pinion-go/pinion/unsafeptr"
)

// leafTypes are what random types are built of: each kind, and types of the
// standard library whose layout is out of the ordinary.
var leafTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[byte](), reflect.TypeFor[byte](), reflect.TypeFor[int16](),
	reflect.TypeFor[uint32](), reflect.TypeFor[int64](), reflect.TypeFor[uintptr](), reflect.TypeFor[float64](),
	reflect.TypeFor[complex64](), reflect.TypeFor[complex128](), reflect.TypeFor[struct{}](),
	reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[*int](), reflect.TypeFor[any](),
	reflect.TypeFor[error](), reflect.TypeFor[io.Reader](), reflect.TypeFor[map[string]int](),
	reflect.TypeFor[chan int](), reflect.TypeFor[func()](),
	// SAFETY: the type is described, no value of it is made.
	reflect.TypeFor[unsafe.Pointer](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[sync.Mutex](), reflect.TypeFor[atomic.Uint64](),
	reflect.TypeFor[atomic.Bool](), reflect.TypeFor[strings.Builder](), reflect.TypeFor[reflect.Value](),
	reflect.TypeFor[unsafeptr.Rel[string]](), reflect.TypeFor[unsafeptr.Tagged[int]](), reflect.TypeFor[unsafeptr.Range](),
}

// randomType returns a type nested at most depth deep.
func randomType(rng *rand.Rand, depth int) reflect.Type {
	if depth == 0 || rng.IntN(4) == 0 {
		return leafTypes[rng.IntN(len(leafTypes))]
	}
	if rng.IntN(3) == 0 {
		return reflect.ArrayOf(rng.IntN(6), randomType(rng, depth-1))
	}
	fields := make([]reflect.StructField, rng.IntN(6))
	for i := range fields {
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: randomType(rng, depth-1)}
	}
	return reflect.StructOf(fields)
}

// eachType calls check with leaf types, hand-made types and n random ones.
func eachType(t *testing.T, n int, check func(reflect.Type) error) {
	t.Helper()
	types := append([]reflect.Type{
		reflect.TypeFor[relOwner](),
		reflect.TypeFor[object](),
		reflect.TypeFor[[3][2]struct {
			a byte
			p *int
			b [33]byte
		}](),
		reflect.TypeFor[struct {
			_ [4]byte
			a int64
			_ *int
			_ struct{}
		}](),
		reflect.TypeFor[[0]*int](),
		reflect.TypeFor[struct {
			none [0]*int
			n    int
		}](),
		reflect.TypeFor[testing.T](),
	}, leafTypes...)
	for _, typ := range types {
		if err := check(typ); err != nil {
			t.Errorf("%v: %v", typ, err)
		}
	}
	for seed := range uint64(n) {
		typ := randomType(rand.New(rand.NewPCG(seed, 9)), 4)
		if typ.Size() > 1<<16 {
			continue
		}
		if err := check(typ); err != nil {
			t.Fatalf("seed %d, %v: %v", seed, typ, err)
		}
	}
}

// A memoryMap says of each byte of a type what it is, found by the plainest
// walk: byte by byte through all elements of all arrays.
type memoryMap []byteUse

type byteUse uint8

const (
	unused byteUse = iota
	scalar
	pointer
	table // the first word of an interface
)

func mapOf(typ reflect.Type) memoryMap {
	m := make(memoryMap, typ.Size())
	m.mark(typ, 0)
	return m
}

func (m memoryMap) mark(typ reflect.Type, off uintptr) {
	word := reflect.TypeFor[uintptr]().Size()
	first, rest := scalar, scalar
	switch typ.Kind() {
	case reflect.Struct:
		for i := range typ.NumField() {
			m.mark(typ.Field(i).Type, off+typ.Field(i).Offset)
		}
		return
	case reflect.Array:
		for i := range typ.Len() {
			m.mark(typ.Elem(), off+uintptr(i)*typ.Elem().Size())
		}
		return
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan, reflect.Map, reflect.Func, reflect.String, reflect.Slice:
		first = pointer
	case reflect.Interface:
		first, rest = table, pointer
	}
	for i := range typ.Size() {
		if i < word {
			m[off+i] = first
		} else {
			m[off+i] = rest
		}
	}
}
