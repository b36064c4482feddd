package pin

import (
	"fmt"
	"os"
)

const (
	// firstChunkBytes and maxChunkBytes bound the chunks of an arena that grows;
	// each is twice as large as the one before. A value larger than the maximum has a
	// chunk for itself.
	firstChunkBytes = 4 << 10
	maxChunkBytes   = 256 << 10

	// firstMapBytes is the first chunk off-heap, where each is a system call.
	firstMapBytes = 64 << 10

	// maxCapacity is the largest number of slots that a fixed arena can index, in two chunks.
	maxCapacity = 1<<30 - 1
)

// plan prepares the arena for its first chunk, and has all of them if its capacity is fixed.
func (c *core) plan() error {
	if c.o.Capacity == 0 {
		c.setShift(slotsIn(maxChunkBytes, c.stride))
		return nil
	}
	c.setShift(c.o.Capacity)
	for left := c.o.Capacity; left > 0; {
		n, err := c.add(left)
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// slotsIn returns how many slots of size bytes a chunk of chunkBytes has, at least 1.
func slotsIn(chunkBytes, size uintptr) int { return int(max(1, chunkBytes/size)) }

// grow adds a chunk to an arena that has used up what it has.
func (c *core) grow() error {
	if c.o.Capacity != 0 {
		return c.errFull
	}
	n := slotsIn(firstChunkBytes, c.stride)
	if c.offHeap {
		n = slotsIn(firstMapBytes, c.stride)
	}
	if k := len(c.chunks); k > 0 {
		n = int(c.chunks[k-1].slots)
		n += n
	}
	_, err := c.add(min(n, int(c.mask)+1))
	return err
}

// add adds a chunk of at most n slots and returns how many it has.
func (c *core) add(n int) (int, error) {
	if uint64(len(c.chunks)+1)<<c.shift > noSlot {
		return 0, c.errFull // all indices but noSlot are in use
	}
	ch, err := c.newChunk(n)
	if err != nil {
		return 0, err
	}
	c.chunks = append(c.chunks, ch)
	return int(ch.slots), nil
}

func (c *core) newChunk(n int) (chunk, error) {
	if c.offHeap {
		if c.o.Debug {
			if ch, ok, err := c.guardedChunk(n); ok || err != nil {
				return ch, err
			}
		}
		return c.plainMapping(n)
	}
	ch, object, ok := c.makeChunk(n)
	if !ok {
		return chunk{}, c.capacityError(n)
	}
	// One pin for all the values of the chunk: it covers the whole object.
	c.pins.pin(object)
	return ch, nil
}

// plainMapping returns a chunk of n slots in memory of its own from the kernel.
func (c *core) plainMapping(n int) (chunk, error) {
	if uintptr(n) > maxMapBytes/c.stride {
		return chunk{}, c.capacityError(n)
	}
	mem, err := c.mapMemory(uintptr(n) * c.stride)
	if err != nil {
		return chunk{}, err
	}
	return mappedChunk(mem, headerSize, c.stride, c.stride, n, false), nil
}

// maxMapBytes bounds a mapping, so that sizes do not overflow; the kernel has its own say.
const maxMapBytes = ^uintptr(0) >> 2

func (c *core) mapMemory(bytes uintptr) ([]byte, error) {
	mem, err := mapAnonymous(roundUp(bytes, uintptr(os.Getpagesize())))
	if err != nil {
		return nil, fmt.Errorf("pin: no %d bytes of off-heap memory for values of type %v, use a smaller Capacity or the Go heap: %w", bytes, c.layout.Type, err)
	}
	return mem, nil
}

func (c *core) capacityError(n int) error {
	return &CapacityError{Op: "NewArena", Capacity: n, Size: c.layout.Size, Type: c.layout.Type.String()}
}

// roundUp returns the smallest multiple of unit, a power of two, that is at least n.
func roundUp(n, unit uintptr) uintptr { return (n + unit - 1) &^ (unit - 1) }
