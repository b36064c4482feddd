package pin

import (
	"fmt"
	"os"
	"sync/atomic"
)

// The electric fence of an off-heap arena with Options.Debug: each value has pages of its
// own, which the kernel makes inaccessible when the value is reclaimed. Any use of a pointer
// into it, by Go, by C or by a system call, faults there and then. After Bruce Perens'
// Electric Fence (libefence), 1987.

// maxGuards bounds the values of the whole process that have pages of their own.
// Each of them can split the kernel's list of mappings twice, and Linux refuses the
// 65530th (vm.max_map_count), to the program's own mappings too.
const maxGuards = 16384

// maxGuardedBytes bounds a guarded chunk, so that the 32 bits in a handle reach its header.
const maxGuardedBytes = 1 << 30

// guardsLeft is how many more values may have pages of their own.
var guardsLeft atomic.Int64

func init() { guardsLeft.Store(maxGuards) }

// reserveGuards takes up to n from guardsLeft and returns how many it got.
func reserveGuards(n int) int {
	for {
		left := guardsLeft.Load()
		got := min(int64(n), max(0, left))
		if guardsLeft.CompareAndSwap(left, left-got) {
			return int(got)
		}
	}
}

// guardedChunk returns a chunk of up to n slots with pages of their own. It
// reports false if there are no guards left.
func (c *core) guardedChunk(n int) (ch chunk, ok bool, err error) {
	page := uintptr(os.Getpagesize())
	each := max(page, roundUp(c.layout.Size, page))
	if c.o.Capacity == 0 {
		n = min(n, slotsIn(maxChunkBytes, each))
	}
	n = reserveGuards(min(n, int(maxGuardedBytes/each)))
	if n == 0 {
		return chunk{}, false, nil
	}
	headers := roundUp(uintptr(n)*headerSize, page)
	mem, err := c.mapMemory(headers + uintptr(n)*each)
	if err != nil {
		guardsLeft.Add(int64(n))
		return chunk{}, false, err
	}
	ch = mappedChunk(mem, headers, headerSize, each, n, true)
	// Values that were never pinned are as inaccessible as those that are gone.
	if err := protect(mem[headers:], false); err != nil {
		guardsLeft.Add(int64(n))
		return chunk{}, false, fmt.Errorf("pin: cannot change the access to an off-heap value, leave Debug out: %w", err)
	}
	return ch, true, nil
}

// open makes the value of slot i accessible.
func (c *chunk) open(i uint32) error {
	if !c.guarded {
		return nil
	}
	if err := protect(c.page(i), true); err != nil {
		return fmt.Errorf("pin: cannot change the access to an off-heap value, leave Debug out: %w", err)
	}
	return nil
}

// shut makes the value of slot i inaccessible. If the kernel has no room for one
// mapping more the value stays as it is, zero and accessible: a fence with
// a gap is no reason to fail the program.
func (c *chunk) shut(i uint32) {
	_ = protect(c.page(i), false)
}

// discard gives an off-heap chunk's memory back and keeps its addresses. Headers then read as
// zeroes, by which every handle is stale.
func (c *chunk) discard() {
	if !c.guarded {
		discardMemory(c.mapped)
		return
	}
	values := c.mapped[c.valuesAt():]
	discardMemory(c.mapped[:c.valuesAt()])
	releaseMemory(values)
	// All values are one mapping again, so the chunk needs one guard and not one for each.
	if protect(values, false) == nil {
		guardsLeft.Add(int64(c.slots) - 1)
	}
}
