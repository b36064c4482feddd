package pin

import "unsafe"

// A place is the address of the value of a slot, of whatever type.
//
// SAFETY: a place comes from chunk.value alone, and goes back to a *T in typed,
// which the Arena[T] of that same chunk calls, or to bytes in bytesAt.
type place = unsafe.Pointer

// A chunk is memory for a fixed number of slots, which never moves and never grows.
// This file, with header.go, is the only one of the package that computes with addresses.
//
// Ordinarily headers and values alternate. In a guarded chunk all headers come
// first, so that they stay readable while the pages of the values are not:
//
//	plain    | header value | header value | ...
//	guarded  | header header ... to the end of a page | value ... to the end of a page | value ... |
type chunk struct {
	headers place   // the first header
	values  place   // the first value
	hstride uintptr // bytes from one header to the next
	vstride uintptr // bytes from one value to the next
	slots   uint32  // number of slots
	used    uint32  // slots from here on were never handed out
	mapped  []byte  // the off-heap memory, nil on the Go heap
	guarded bool
}

// header returns the header of slot i, which must be below c.slots.
func (c *chunk) header(i uint32) *header {
	// SAFETY: i < slots, and the chunk has slots headers, hstride bytes apart, at 4-byte alignment.
	return (*header)(unsafe.Add(c.headers, uintptr(i)*c.hstride))
}

// value returns the address of the value of slot i, which must be below c.slots.
func (c *chunk) value(i uint32) place {
	// SAFETY: i < slots, and the chunk has slots values, vstride bytes apart, at their type's alignment.
	return unsafe.Add(c.values, uintptr(i)*c.vstride)
}

// find returns the slot whose header h is.
func (c *chunk) find(h *header) (i uint32, ok bool) {
	// SAFETY: only the numbers are used. An h below the first header wraps round
	// to more than any chunk has.
	off := uintptr(unsafe.Pointer(h)) - uintptr(c.headers)
	if off >= uintptr(c.slots)*c.hstride || off%c.hstride != 0 {
		return 0, false
	}
	return uint32(off / c.hstride), true
}

// page returns the pages that the value of slot i of a guarded chunk has for itself.
func (c *chunk) page(i uint32) []byte {
	first := c.valuesAt() + uintptr(i)*c.vstride
	return c.mapped[first : first+c.vstride]
}

// valuesAt returns the offset of the first value in c.mapped.
func (c *chunk) valuesAt() uintptr {
	// SAFETY: only the difference of two addresses in one mapping is used.
	return uintptr(c.values) - uintptr(c.headers)
}

// heapChunk returns n slots on the Go heap, and the object to pin. It reports
// false if there are no addresses for so many.
func heapChunk[T any](n int) (c chunk, object any, ok bool) {
	slots, ok := makeValues[slot[T]](n)
	if !ok {
		return chunk{}, nil, false
	}
	s := &slots[0]
	size, _ := slotSize[T]()
	// SAFETY: headers and values of a []slot[T] are Sizeof(slot[T]) apart, and
	// alive as long as a pointer to any of them is.
	headers, values := unsafe.Pointer(&s.header), unsafe.Pointer(&s.value)
	return chunk{
		headers: headers,
		values:  values,
		hstride: size,
		vstride: size,
		slots:   uint32(n),
	}, s, true
}

// mappedChunk returns the chunk of n slots in mem, which is zero, page-aligned and off-heap,
// with the values from offset values on.
func mappedChunk(mem []byte, values, hstride, vstride uintptr, n int, guarded bool) chunk {
	// SAFETY: the caller has mapped at least values + n*vstride bytes. Slots of T fit
	// there only because T holds no Go pointers, which NewArena has checked.
	base := unsafe.Pointer(unsafe.SliceData(mem))
	return chunk{
		headers: base,
		// SAFETY: values is less than len(mem).
		values:  unsafe.Add(base, values),
		hstride: hstride,
		vstride: vstride,
		slots:   uint32(n),
		mapped:  mem,
		guarded: guarded,
	}
}

// headerOf returns the header that lies off bytes from p; off is negative.
func headerOf[T any](p *T, off int32) *header {
	// SAFETY: off is the distance from p back to its slot's header in the same
	// object or mapping. Only pinAt, pinAfter and Field make handles, and they measure it.
	// The memory is readable as long as p exists: p keeps a heap chunk alive, and mappings are never unmapped.
	return (*header)(unsafe.Add(unsafe.Pointer(p), off))
}

// Get returns the pinned value, the same address every time. It panics with
// [*StaleError] if the value was released.
func (p Pin[T]) Get() *T {
	// SAFETY: as headerOf, which is written out here so that Get just fits the
	// compiler's budget for inlining.
	if p.ptr == nil || (*header)(unsafe.Add(unsafe.Pointer(p.ptr), p.off)).gen != p.gen {
		stale(p)
	}
	return p.ptr
}

// pinAt returns a handle for the value v of slot h, as it is pinned now.
func pinAt[T any](h *header, v place) Pin[T] {
	// SAFETY: v is the value of a slot of type T of which h is the header. The
	// distance is below 2 GiB, by maxGuardedBytes.
	return Pin[T]{ptr: (*T)(v), gen: h.gen, off: int32(uintptr(unsafe.Pointer(h)) - uintptr(v))}
}

// pinAfter is pinAt for a slot in a plain chunk, where the value follows its header.
func pinAfter[T any](h *header, gen uint32) Pin[T] {
	// SAFETY: h is the header of a slot[T], of which the value is headerSize bytes on,
	// as NewArena has checked for T.
	return Pin[T]{ptr: (*T)(unsafe.Add(unsafe.Pointer(h), headerSize)), gen: gen, off: -headerSize}
}

// bytesAt returns the size bytes of the value at v.
func bytesAt(v place, size uintptr) []byte {
	// SAFETY: the callers pass the value of a slot and its type's size.
	return unsafe.Slice((*byte)(v), size)
}

// typed returns v as a *T.
func typed[T any](v place) *T {
	// SAFETY: v is the value of a slot of an arena of T.
	return (*T)(v)
}

// clearer returns what zeroes a value of type T, padding included, and tells the
// collector of the pointers that vanish.
func clearer[T any]() func(v place) {
	return func(v place) {
		// SAFETY: v is one T. clear of a slice zeroes all its bytes, where an
		// assignment may leave the padding.
		clear(unsafe.Slice((*T)(v), 1))
	}
}

// dropper returns what calls Drop on a value of type T, nil if *T has no such method.
func dropper[T any]() func(v place) {
	if _, ok := any((*T)(nil)).(Dropper); !ok {
		return nil
	}
	return func(v place) { any(typed[T](v)).(Dropper).Drop() }
}

// address returns v as a number, for printing.
func address(v place) uintptr {
	return uintptr(v) // never turned back into a pointer
}

// slotSize returns the bytes of a slot of T, and whether its value stands where a
// handle expects it.
func slotSize[T any]() (size uintptr, ok bool) {
	var s slot[T]
	// SAFETY: both are constants of the instantiated type.
	return unsafe.Sizeof(s), unsafe.Offsetof(s.value) == headerSize
}
