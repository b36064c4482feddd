package unsafeptr

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrNoType is what [LayoutFor] panics with for a nil reflect.Type.
var ErrNoType = errors.New("unsafeptr: a nil reflect.Type has no layout (reflect.TypeOf of a nil interface is nil); use LayoutOf[T] or reflect.TypeFor[T]")

// A RangeError says that something lies, at least in part, outside the object
// that it has to be in. It holds numbers only and keeps nothing alive.
type RangeError struct {
	Op         string  // the operation that checked, as in "Rel.SetIn"
	What       string  // what lies outside, as in "the target"
	Addr, Size uintptr // where it lies, and its bytes

	OwnerAddr, OwnerSize uintptr // the object in which it should lie
}

func newRangeError(op, what string, r, owner Range) *RangeError {
	return &RangeError{
		Op: op, What: what,
		Addr: r.Base(), Size: r.Size(),
		OwnerAddr: owner.Base(), OwnerSize: owner.Size(),
	}
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("unsafeptr: %s: %s [%#x,+%d) is not in the owner [%#x,+%d); only what lies in the same object moves with it, for anything else use a pointer",
		e.Op, e.What, e.Addr, e.Size, e.OwnerAddr, e.OwnerSize)
}

// A TagError is what [Tag] panics with: the tag has no room beside the pointer.
type TagError struct {
	Type reflect.Type // T of the *T
	Addr uintptr      // the pointer
	Tag  uint         // the tag that did not fit
	Bits int          // TagBits of Type
}

func newTagError[T any](p *T, tag uint) *TagError {
	return &TagError{Type: reflect.TypeFor[T](), Addr: Addr(p), Tag: tag, Bits: TagBits[T]()}
}

func (e *TagError) Error() string {
	if e.Tag>>e.Bits != 0 {
		return fmt.Sprintf("unsafeptr: tag %d does not fit into the %d bits beside a *%v; use a smaller tag, or a type of larger alignment and of a size other than 0",
			e.Tag, e.Bits, e.Type)
	}
	return fmt.Sprintf("unsafeptr: pointer %#x to %v is not a multiple of %d, so its low bits have no room for a tag; point at a properly aligned value",
		e.Addr, e.Type, 1<<e.Bits)
}
