/*
Package unsafeptr is the room in which pointer arithmetic is done, so that the
other packages need none. It answers four questions about Go memory:

  - How can a value point into itself and still be copied? ([Rel])
  - Where can a few bits of state live without a word of their own? ([Tagged])
  - Does this pointer lie in that object? ([Range], [Contains], [OffsetOf])
  - What does a type look like in memory: its padding, its pointers, its
    buffers? ([Layout], [Bytes])

# The words of a value

A struct of 48 bytes on a 64-bit machine, and what this package says of it:

	offset             type conn struct {
	   0  ┌────────┐       tok Rel[byte]    a distance, not a pointer
	      │      ──┼──┐
	   8  ├────────┤  │    buf [20]byte     scalar run {8, 20}
	      │   k  ◄─┼──┘
	  28  ├┄┄┄┄┄┄┄┄┤                        4 bytes of padding
	  32  ├────────┤       err error        pointer words 32 and 40
	      │        │
	  48  └────────┘   }

	RangeOf(&c)                     [0xc000014060,+48)
	OffsetOf(RangeOf(&c), &c.err)   32, true
	c.tok.Get()                     &c.buf[k], and in a copy of c the copy's

# The contract

No function takes a bare uintptr as an address to be dereferenced. Where an
address is returned ([Addr], [Range.Base]) it is for printing and comparing.
Whatever must keep an object alive holds it as an unsafe.Pointer, which the
garbage collector sees and which a growing stack adjusts: a Range or a Tagged
keeps its object alive, and both may refer to a variable on the stack.

Nothing here makes its argument escape to the heap, except by storing the
result there. No function allocates but those that return a slice or a string,
the building of an error, and the first Layout of each type.

Every function may be called from any goroutine. The types are plain words
without synchronization: a Rel, Tagged or Range that is written by one goroutine
and read by another needs a lock, like any pointer. A [*Layout] is immutable and
may be shared freely.

# What is not guaranteed

  - Nothing is pinned. An address is good until the value is copied elsewhere or
    its stack grows. To keep one for the kernel, for C, or across calls, use
    package pin.
  - A Rel is not checked when it is followed. One that was copied out of its
    owner leads to arbitrary memory. SetIn checks at the start; builds
    with -gcflags=all=-d=checkptr (or -race) check Set and Get.
  - A Layout describes the gc compiler's memory. Offsets, padding and alignment
    differ between 32 and 64 bits and may differ in another release.

The idea of Rel is that of offset pointers in shared memory (offset_ptr in
Boost.Interprocess) and of relative references in Rust's rkyv; that of a
Tagged pointer is as old as Lisp, and Go's runtime has its own (taggedPointer).
*/
package unsafeptr
