package unsafeptr

import (
	"reflect"
	"slices"
)

// HasPointers reports whether any word of the type holds a pointer. If none does, the
// collector does not scan the type's values, and they may live outside the Go heap.
// A uintptr is not a pointer, and neither is a [Rel].
//
// A pointer to a type that the collector does not manage, such as an incomplete
// C type in cgo, counts as a pointer here, though it would not for the collector.
func (l *Layout) HasPointers() bool { return l.pointers }

// Pointers yields the offset of each word that holds a pointer, in increasing
// order. It is an [iter.Seq] to be used as
//
//	for off := range l.Pointers {
//
// so an array of a million pointers costs what is taken from it.
//
// Pointers, maps, channels, functions and unsafe.Pointers are one such word.
// Strings and slices begin with one; their lengths are not pointers. Both
// words of an interface count: a type or method table, and the data. (The
// collector itself passes over the first, which never points to garbage.)
func (l *Layout) Pointers(yield func(off uintptr) bool) {
	l.yieldPointers(0, yield)
}

// yieldPointers yields the pointer words of an l at offset base, and reports whether to go on.
func (l *Layout) yieldPointers(base uintptr, yield func(off uintptr) bool) bool {
	if !l.pointers {
		return true
	}
	switch l.Type.Kind() {
	case reflect.Array:
		for i := range uintptr(l.Type.Len()) {
			if !l.elem.yieldPointers(base+i*l.elem.Size, yield) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for _, f := range l.fields {
			if !f.yieldPointers(base+f.off, yield) {
				return false
			}
		}
		return true
	case reflect.Interface:
		return yield(base) && yield(base+wordSize)
	}
	return yield(base)
}

// PointerWords returns what [Layout.Pointers] yields as a new slice. It has a
// word for each pointer: for types with large arrays of them use Pointers.
func (l *Layout) PointerWords() []uintptr {
	return slices.Collect(l.Pointers)
}

// FirstPointer returns the first part of the type, in memory order, that holds a
// pointer: its type, and the way to it from a value of the type, as in
// "conn.buf[0].next", for messages. The path is empty if the type is itself a pointer, string,
// slice, and so on. ok is false if the type holds no pointers.
func (l *Layout) FirstPointer() (path string, typ reflect.Type, ok bool) {
	if !l.pointers {
		return "", nil, false
	}
	for {
		switch l.Type.Kind() {
		case reflect.Array:
			path += "[0]"
			l = l.elem
		case reflect.Struct:
			f := l.fields[slices.IndexFunc(l.fields, func(f fieldLayout) bool { return f.pointers })]
			if path != "" {
				path += "."
			}
			path += f.name
			l = f.Layout
		default:
			return path, l.Type, true
		}
	}
}
