package unsafeptr_test

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/pinion-go/pinion/unsafeptr"
)

// gcType is the head of the runtime's type descriptor, as internal/abi.Type has
// it in Go 1.26: what the collector itself knows of a type.
type gcType struct {
	size     uintptr
	ptrBytes uintptr // bytes up to the end of the last pointer
	hash     uint32
	tflag    uint8
	align    uint8
	_        [2]uint8
	_        func()
	gcData   *byte // a bit for each word, unless made on demand
}

// maskOnDemand is internal/abi.TFlagGCMaskOnDemand.
const maskOnDemand = 1 << 4

func gcTypeOf(typ reflect.Type) *gcType {
	// SAFETY: a reflect.Type holds a *reflect.rtype, which begins with an
	// abi.Type, and descriptors are immutable. TestGCTypeIsReadCorrectly
	// checks the fields that reflect gives out too.
	return (*[2]*gcType)(unsafe.Pointer(&typ))[1]
}

func (g *gcType) isPointer(word uintptr) bool {
	// SAFETY: the mask has a bit for each word before ptrBytes, and callers ask for no others.
	b := *(*byte)(unsafe.Add(unsafe.Pointer(g.gcData), word/8))
	return b>>(word%8)&1 != 0
}

func TestGCTypeIsReadCorrectly(t *testing.T) {
	eachType(t, 200, func(typ reflect.Type) error {
		if g := gcTypeOf(typ); g.size != typ.Size() || int(g.align) != typ.Align() {
			return fmt.Errorf("descriptor read as %+v", *g)
		}
		return nil
	})
}

// The collector leaves out the first word of interfaces, where it can; in all
// other words it and Layout must agree.
func TestPointerWordsAreTheCollectors(t *testing.T) {
	word := reflect.TypeFor[uintptr]().Size()
	masks := 0
	eachType(t, 2000, func(typ reflect.Type) error {
		l, g, m := unsafeptr.LayoutFor(typ), gcTypeOf(typ), mapOf(typ)
		words := l.PointerWords()
		if !l.HasPointers() {
			if g.ptrBytes != 0 {
				return fmt.Errorf("no pointers, but the collector scans %d bytes", g.ptrBytes)
			}
			return nil
		}
		if end := words[len(words)-1] + word; end != g.ptrBytes {
			return fmt.Errorf("last pointer ends at %d, for the collector at %d", end, g.ptrBytes)
		}
		if g.tflag&maskOnDemand != 0 {
			return nil
		}
		masks++
		in := map[uintptr]bool{}
		for _, off := range words {
			in[off] = true
		}
		for off := uintptr(0); off < g.ptrBytes; off += word {
			if gc := g.isPointer(off / word); gc != in[off] && m[off] != table {
				return fmt.Errorf("word at %d: pointer %t, for the collector %t", off, in[off], gc)
			}
		}
		return nil
	})
	if masks < 500 {
		t.Errorf("only %d types had a mask to compare with", masks)
	}
}
