package unsafeptr

import "unsafe"

// Addr returns the address of *p in bytes, 0 for nil. It is for comparing and
// printing, and is never to be converted back to a pointer.
//
// Addr does not make p escape, does not keep *p alive and does not pin it: if *p
// is on a goroutine's stack, its address changes when that stack grows.
func Addr[T any](p *T) uintptr {
	// SAFETY: the result is a number; nothing in this module turns it back into a pointer.
	return uintptr(unsafe.Pointer(p))
}
