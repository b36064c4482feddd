package unsafeptr

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// A Tagged is a *T and a small number in one word: the number sits in the low
// bits of the address, which the alignment of T leaves zero. There are
// [TagBits] of them.
//
// The collector sees a Tagged as a pointer into *p, so it keeps the object
// alive, needs a write barrier like any pointer, and can refer to a
// stack. Two Tagged are equal if pointer and tag are. The zero value is
// nil with tag 0.
//
// Though it is one word, there are no atomic operations for it.
type Tagged[T any] struct {
	// Mention T, so that a Tagged of one type does not convert to that of another.
	_ [0]*T

	// p is the pointer plus the tag, or for a nil pointer the address of
	// nilTarget plus the tag unless the tag is 0.
	// SAFETY: always points into an object that it was made from, or is nil.
	p unsafe.Pointer
}

// maxTagBits is the log of gc's largest alignment, that of a 64-bit atomic.
const maxTagBits = 3

// nilTarget stands for nil under a tag. The plain sum, a pointer of value 1 to 7, would not
// do: the runtime takes such a pointer for corruption and stops the program
// when it copies a stack that holds one. An atomic.Uint64 is 8 bytes at a multiple of 8
// on every platform, so that each tag still points into it.
var nilTarget atomic.Uint64

// TagBits returns the number of tag bits that a pointer to T has room for, from 0 to 3.
// It is the base-2 logarithm of T's alignment, which depends on the platform:
// an int64 has 3 on 64-bit machines and 2 on 386.
//
// It is 0 for a T of size zero. The tagged address is an interior pointer, and
// one that is not inside the object would keep the neighbour alive instead.
func TagBits[T any]() int {
	var t T
	// SAFETY: Sizeof and Alignof do not evaluate t.
	size, align := unsafe.Sizeof(t), unsafe.Alignof(t)
	if size == 0 {
		return 0
	}
	return min(bits.TrailingZeros(uint(align)), maxTagBits)
}

// tagMask returns the largest tag of a *T, which is also the mask of its tag bits.
func tagMask[T any]() uint { return 1<<TagBits[T]() - 1 }

// Tag returns p with tag. p may be nil, whatever the tag.
// Tag panics with a [*TagError] if tag needs more than [TagBits] bits, or if p is
// not aligned as T is, which only unsafe code can make.
func Tag[T any](p *T, tag uint) Tagged[T] {
	mask := tagMask[T]()
	if tag > mask || uint(Addr(p))&mask != 0 {
		panic(newTagError(p, tag))
	}
	// SAFETY: p, if not nil, points to at least mask+1 bytes, since a size other
	// than 0 is a multiple of the alignment; so does nilTarget. The sum is in the same object.
	u := unsafe.Pointer(p)
	if u == nil && tag != 0 {
		// SAFETY: a global variable without pointers, aligned to any mask.
		u = unsafe.Pointer(&nilTarget)
	}
	// SAFETY: see above: tag <= mask keeps the sum inside the object.
	return Tagged[T]{p: unsafe.Add(u, tag)}
}

// Pointer returns the pointer without the tag.
func (t Tagged[T]) Pointer() *T {
	// SAFETY: taking off the tag that Tag has added gives the pointer it was given.
	u := unsafe.Add(t.p, -int(t.Tag()))
	// SAFETY: only the address is compared.
	if u == unsafe.Pointer(&nilTarget) {
		return nil
	}
	return (*T)(u)
}

// Tag returns the tag.
func (t Tagged[T]) Tag() uint {
	// SAFETY: the low bits of the address as a number; no pointer is made of them.
	return uint(uintptr(t.p)) & tagMask[T]()
}
