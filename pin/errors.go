package pin

import (
	"fmt"
)

// A MovedError says that a value which had been pinned was found at another
// address: it was copied, or its memory moved. [Anchor.Check] panics with it.
type MovedError struct {
	Pinned uintptr // where the value's Anchor was first checked
	Now    uintptr // where it, or its copy, was found
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("pin: a value pinned at %#x was found at %#x: it was copied, or lived on a stack or in a slice or map that grew; use it through a pointer, and keep it in an Arena, in New or in a Block",
		e.Pinned, e.Now)
}

// A CapacityError says that a number of values cannot be had: it is negative, or
// their bytes exceed the addresses that there are.
type CapacityError struct {
	Op       string  // what was asked for the values, as in "NewBlock"
	Capacity int     // the number of values asked for
	Size     uintptr // bytes of each, as unsafe.Sizeof has it
	Type     string  // of the values
}

func (e *CapacityError) Error() string {
	why := "the number must not be negative"
	if e.Capacity >= 0 {
		why = "so many bytes have no addresses; ask for fewer"
	}
	return fmt.Sprintf("pin: %s of %d values of type %s, %d bytes each: %s", e.Op, e.Capacity, e.Type, e.Size, why)
}

// A RuntimeError says that this Go runtime does not keep what this package relies on.
// Nothing can be pinned then: [NewArena], [New] and [NewBlock] return it.
type RuntimeError struct {
	Assumption string // what should hold
	Found      string // what was seen instead
	Version    string // of the runtime, with its operating system and architecture
}

func (e *RuntimeError) Error() string {
	return fmt.Sprintf("pin: this Go runtime (%s) breaks an assumption without which pinned memory could be corrupted: %s; found that %s; build with a Go release that this version of pinion supports",
		e.Version, e.Assumption, e.Found)
}
