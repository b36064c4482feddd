package unsafeptr

import (
	"fmt"
	"unsafe"
)

// A Range is the memory [base, base+size) of one object or slice.
//
// It holds the base as a pointer, so that the object stays alive as long as the
// Range and, when it is on a stack that grows, the Range follows it. (A local
// variable lives until its last use, a Range too; [runtime.KeepAlive] is such a use.)
//
// A Range is 2 words and comparable: two are equal if they are the same bytes.
// The zero Range is no memory at all: it contains nothing and overlaps nothing.
//
// A Range says nothing about the type that is stored there, and does not pin it.
type Range struct {
	// SAFETY: points at the first of size bytes of one variable or allocation, or
	// is nil; with a size of 0 it is kept and compared, never followed.
	base unsafe.Pointer
	size uintptr
}

// RangeOf returns the memory of *p: unsafe.Sizeof(*p) bytes, trailing padding included.
// That of a nil p is the zero Range. p may point at a field or an element;
// the Range is then that of the field or element, not of the object around it.
func RangeOf[T any](p *T) Range {
	if p == nil {
		return Range{}
	}
	// SAFETY: p is a valid pointer to T, hence to Sizeof(*p) bytes; it stays a
	// pointer, so the collector and the stack copier see it.
	return Range{unsafe.Pointer(p), unsafe.Sizeof(*p)}
}

// RangeOfSlice returns the memory of the elements s[:len(s)]. Elements between
// length and capacity are not included: pass s[:cap(s)] for those. The Range of
// an empty slice is empty, that of a nil slice is the zero Range.
func RangeOfSlice[E any](s []E) Range {
	var e E
	// SAFETY: the elements of s are one array of len(s) times Sizeof(e) bytes
	// from SliceData(s), and the product cannot overflow for a slice that exists.
	return Range{unsafe.Pointer(unsafe.SliceData(s)), uintptr(len(s)) * unsafe.Sizeof(e)}
}

// Contains reports whether the whole of *p lies in r.
//
// A *p of size zero is contained if its address is one of r's bytes. One that
// sits exactly at the end of r is not: that address may belong to the
// next object. Nothing is contained in an empty Range, and nil nowhere.
func Contains[T any](r Range, p *T) bool {
	// SAFETY: Sizeof does not evaluate *p.
	return r.contains(Addr(p), unsafe.Sizeof(*p))
}

// ContainsSlice reports whether all the elements s[:len(s)] lie in r, by the
// rule of [Contains]: an empty slice is contained if it points at one of r's bytes.
// The capacity of s may reach beyond r, where append would write.
func ContainsSlice[E any](r Range, s []E) bool {
	m := RangeOfSlice(s)
	return r.contains(m.Base(), m.size)
}

// OffsetOf returns the distance in bytes from the start of r to *p, and whether
// r contains the whole of *p as [Contains] defines it. If not, off is 0.
func OffsetOf[T any](r Range, p *T) (off uintptr, ok bool) {
	if !Contains(r, p) {
		return 0, false
	}
	return Addr(p) - r.Base(), true
}

// contains reports whether the size bytes from addr lie in r.
func (r Range) contains(addr, size uintptr) bool {
	// An addr below the base wraps round to an offset larger than any size.
	off := addr - r.Base()
	return off < r.size && size <= r.size-off
}

// Overlaps reports whether r and s have at least one byte in common.
// An empty Range overlaps nothing, not even itself.
func (r Range) Overlaps(s Range) bool {
	return r.size > 0 && s.size > 0 &&
		(s.Base()-r.Base() < r.size || r.Base()-s.Base() < s.size)
}

// Size returns the number of bytes in r.
func (r Range) Size() uintptr { return r.size }

// Base returns the address of r's first byte, 0 for the zero Range. It is for
// printing and comparing, and is never to be converted back to a pointer.
func (r Range) Base() uintptr {
	// SAFETY: the result is a number; nothing in this module turns it back into a pointer.
	return uintptr(r.base)
}

// IsZero reports whether r is the zero Range. A Range of size 0 that has a base is not.
func (r Range) IsZero() bool { return r.base == nil }

// String returns r as "[0xc000014060,+48)": its base, and its size in bytes.
func (r Range) String() string {
	return fmt.Sprintf("[%#x,+%d)", r.Base(), r.size)
}
