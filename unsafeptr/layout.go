package unsafeptr

import (
	"reflect"
	"sync"
)

// wordSize is the size of a pointer in bytes, as in internal/goarch.
const wordSize uintptr = 4 << (^uintptr(0) >> 63)

// A Layout describes the memory of a type: what is padding, which words hold
// pointers, which parts are buffers. All sizes and offsets are in bytes.
//
// Layouts are made by [LayoutOf] and [LayoutFor], one for each type and process, and are
// shared: their fields must not be changed. Any goroutine may use them.
type Layout struct {
	Type  reflect.Type
	Size  uintptr
	Align uintptr

	// Padding counts the bytes of Size that belong to no field, in the type and in
	// all the structs and arrays nested in it by value. Blank fields are fields.
	Padding uintptr

	pointers bool          // some word of the type holds a pointer
	elem     *Layout       // of an array's elements; nil if the type is not an array
	fields   []fieldLayout // of a struct, by increasing offset
}

type fieldLayout struct {
	name string
	off  uintptr
	*Layout
}

// layouts holds the *Layout of each reflect.Type ever asked for, and of the
// types nested in it. Nothing is ever removed; neither are types.
var layouts sync.Map

// LayoutOf returns the Layout of T, which may be any type, interfaces included.
// After the first call for T it costs a lookup and does not allocate.
func LayoutOf[T any]() *Layout {
	return LayoutFor(reflect.TypeFor[T]())
}

// LayoutFor returns the Layout of t. It panics with [ErrNoType] if t is nil.
func LayoutFor(t reflect.Type) *Layout {
	if t == nil {
		panic(ErrNoType)
	}
	if l, ok := layouts.Load(t); ok {
		return l.(*Layout)
	}
	l, _ := layouts.LoadOrStore(t, newLayout(t))
	return l.(*Layout)
}

// newLayout goes through [LayoutFor] for the nested types, so each type is
// walked once, however often it occurs. It ends because no type contains itself by value.
func newLayout(t reflect.Type) *Layout {
	l := &Layout{Type: t, Size: t.Size(), Align: uintptr(t.Align())}
	switch t.Kind() {
	case reflect.Array:
		l.elem = LayoutFor(t.Elem())
		l.pointers = t.Len() > 0 && l.elem.pointers
		l.Padding = uintptr(t.Len()) * l.elem.Padding
	case reflect.Struct:
		l.Padding = l.Size
		for i := range t.NumField() {
			f := t.Field(i)
			sub := LayoutFor(f.Type)
			l.fields = append(l.fields, fieldLayout{f.Name, f.Offset, sub})
			l.pointers = l.pointers || sub.pointers
			l.Padding -= sub.Size - sub.Padding
		}
	default:
		l.pointers = holdsPointer(t.Kind())
	}
	return l
}

// holdsPointer reports whether values of a kind other than Array and Struct hold pointers.
func holdsPointer(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func,
		reflect.String, reflect.Slice, reflect.Interface:
		return true
	}
	return false
}
