package pin

import (
	"math"
	"unsafe"
)

// A header stands before each value of an arena, at a distance that the handle knows.
// It holds no Go pointers, so it can live off-heap, and a value without pointers
// stays in memory that the collector does not scan.
type header struct {
	// gen is the slot's generation: odd while a value is pinned in it, even
	// otherwise, 0 when it was never used. It only grows. A handle holds the odd
	// number that it was made with, so that comparing the two tells everything.
	gen uint32
	// holds counts the Holds without Unhold of the value that is pinned or done.
	holds uint32
	// index is the slot's own index while it is in use, and the index of the
	// next free slot, or noSlot, while it is free.
	index uint32
	// arena is the number under which the slot's core is registered.
	arena uint32
}

const (
	headerSize = 16

	// lastGen is the generation at which a slot is retired. One value more in it
	// would be done at generation 0, which all the zeroed memory in the world has.
	lastGen = math.MaxUint32 - 1

	// noSlot ends the list of free slots.
	noSlot = math.MaxUint32
)

// A slot is a header and its value as they lie in a chunk.
type slot[T any] struct {
	header header
	value  T
}

// SAFETY: Sizeof is a constant; this line compiles only if headerSize is it.
var _ [headerSize]struct{} = [unsafe.Sizeof(header{})]struct{}{}
