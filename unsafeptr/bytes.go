package unsafeptr

import "unsafe"

// Bytes returns the memory of *p as bytes, padding included: for poisoning,
// hashing, and showing. It shares that memory and keeps it alive. Its length and capacity
// are unsafe.Sizeof(*p), so it is empty for a size of zero. It is nil for a nil p.
//
// Writing bytes over a word that holds a pointer ([Layout.Pointers] names them) is
// undefined for the collector, which misses the change, may follow what
// it finds there, and stops the program. Write where there are none. Bytes of
// padding have no defined value: equal values may differ in them.
func Bytes[T any](p *T) []byte {
	if p == nil {
		return nil
	}
	// SAFETY: p is a valid pointer to T, hence to Sizeof(*p) bytes, and a byte needs no alignment.
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))
}

// BytesOf returns the memory of the elements s[:len(s)] as bytes, on the terms of
// [Bytes]. Its capacity is its length: an append to it copies. It is nil for a nil s.
func BytesOf[E any](s []E) []byte {
	var e E
	// SAFETY: the elements of s are one array of len(s) times Sizeof(e) bytes, and
	// a byte needs no alignment. Slice allows a nil pointer with a length of 0.
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), uintptr(len(s))*unsafe.Sizeof(e))
}
