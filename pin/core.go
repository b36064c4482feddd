package pin

import (
	"github.com/pinion-go/pinion/unsafeptr"
	"math/bits"
)

// A core is an arena without its type parameter: the slots and what becomes of them. It
// knows its values as addresses. A handle of whatever type finds it through the registry.
//
// A slot is in one of these states, which the header's generation and holds tell
// apart from each other, up to what is said in brackets:
//
//	virgin   generation 0, beyond its chunk's used
//	free     even, no holds, in the list of free slots or last
//	busy     even, no holds [its init or its Drop is running]
//	pinned   odd
//	held     even, with holds: released, not yet reclaimed
//	retired  lastGen, no holds [or a slot that debugging has taken out of use]
type core struct {
	_ NoMove

	// last is the slot that was freed last, or nil. It is the head of the free slots, kept as a
	// pointer: finding a slot by its index would cost as much as the whole of New.
	last *header
	free uint32 // index of the first of the other free slots, or noSlot

	shift uint32 // an index is the number of the chunk << shift, plus the number in the chunk
	mask  uint32 // 1<<shift - 1

	fastNew     bool // last may be used: there is no Debug, no Trace, no Close
	fastRelease bool // moreover nothing has to be done with a value that is gone

	chunks []chunk

	// The pinned slots are counted by the others, so that the fast ways of New and
	// Release, which move a slot from last and back, count nothing.
	used    int // slots that are not virgin
	idle    int // those in the list that begins with free
	held    int // slots in that state, and so on
	busy    int
	retired int

	id        uint32            // in the registry
	wipe      func(v place)     // zeroes a value that holds pointers; nil if it holds none
	drop      func(v place)     // nil if values are no Droppers
	layout    *unsafeptr.Layout // of a value
	stride    uintptr           // of a slot in a plain chunk
	current   int               // the chunk that virgin slots are taken from
	pins      *pinner           // nil once closed
	makeChunk func(n int) (chunk, any, bool)
	where     map[uint32][]uintptr // callers of New by slot index; nil unless Options.Trace
	o         Options
	offHeap   bool  // really off-heap, not just asked for
	closing   bool  // Close was called: New is refused
	closed    bool  // and has succeeded
	single    bool  // of package-level New: closes when its value is reclaimed
	errFull   error // made at the start, since a full arena must not allocate
}

// at returns the header and the value of the slot with that index.
func (c *core) at(index uint32) (*header, place) {
	// Masking tells the compiler that the shift is below the width.
	ch := &c.chunks[index>>(c.shift&31)]
	i := index & c.mask
	return ch.header(i), ch.value(i)
}

// pop takes a free slot, nil if there is none.
func (c *core) pop() (*header, place) {
	if h := c.last; h != nil {
		c.last = nil
		_, v := c.at(h.index)
		return h, v
	}
	if c.free == noSlot {
		return nil, nil
	}
	index := c.free
	h, v := c.at(index)
	c.free, h.index = h.index, index
	c.idle--
	return h, v
}

// push makes a slot a free one.
func (c *core) push(h *header) {
	if c.last == nil && c.fastNew {
		c.last = h
		return
	}
	c.free, h.index = h.index, c.free
	c.idle++
}

// take returns a slot of which the value is zero and which no list holds.
func (c *core) take() (*header, place, error) {
	if c.closing {
		return nil, nil, ErrClosed
	}
	h, v := c.pop()
	if h == nil {
		return c.takeVirgin()
	}
	if c.o.Debug {
		if err := c.unpoison(h, v); err != nil {
			c.retired++
			return nil, nil, err
		}
	}
	if c.wipe == nil {
		clear(bytesAt(v, c.layout.Size))
	}
	return h, v, nil
}

// takeVirgin returns a slot that was never used before.
func (c *core) takeVirgin() (*header, place, error) {
	for c.current == len(c.chunks) || c.chunks[c.current].used == c.chunks[c.current].slots {
		if c.current+1 < len(c.chunks) {
			c.current++
			continue
		}
		if err := c.grow(); err != nil {
			return nil, nil, err
		}
		c.current = len(c.chunks) - 1
	}
	ch := &c.chunks[c.current]
	i := ch.used
	h, v := ch.header(i), ch.value(i)
	if err := ch.open(i); err != nil {
		return nil, nil, err
	}
	ch.used++
	c.used++
	h.index = uint32(c.current)<<c.shift | i
	h.arena = c.id
	return h, v, nil
}

// pin makes the slot's value, which is complete now, reachable by handles.
func (c *core) pin(h *header) {
	h.gen++
	if c.where != nil {
		c.where[h.index] = callers()
	}
}

// release ends the life of a pinned value: its generation becomes even, by which
// all its handles are stale, and it is reclaimed unless somebody holds it.
func (c *core) release(h *header) {
	h.gen++
	if h.holds != 0 {
		c.held++
		return
	}
	if c.fastRelease && h.gen != lastGen {
		c.push(h)
		return
	}
	c.reclaim(h)
}

// unhold ends the wait of a released value for its last holder.
func (c *core) unhold(h *header) {
	c.held--
	c.reclaim(h)
}

// reclaim drops a value and makes its slot usable again, also if Drop panics or
// ends the goroutine, either of which goes on to the caller.
func (c *core) reclaim(h *header) {
	_, v := c.at(h.index)
	if c.drop == nil {
		c.recycle(h, v)
		return
	}
	c.busy++
	defer func() {
		c.busy--
		c.recycle(h, v)
	}()
	c.drop(v)
}

// recycle makes a slot usable again whose value is gone: one that was dropped, or that
// was never completed. Pointers are cleared now, so that the collector does not follow them;
// what holds none is cleared when it is used again.
func (c *core) recycle(h *header, v place) {
	if c.where != nil {
		delete(c.where, h.index)
	}
	if c.wipe != nil {
		c.wipe(v)
	}
	if c.o.Debug {
		c.poison(h, v)
	}
	if h.gen == lastGen {
		c.retired++
	} else {
		c.push(h)
	}
	if c.single {
		c.finish()
	}
}

// stopFast sends all calls the long way from now on.
func (c *core) stopFast() {
	c.fastNew, c.fastRelease = false, false
	if h := c.last; h != nil {
		c.last = nil
		c.push(h)
	}
}

// pinned returns the number of values that are pinned.
func (c *core) pinned() int {
	n := c.used - c.idle - c.held - c.busy - c.retired
	if c.last != nil {
		n--
	}
	return n
}

// owns reports whether h is one of this arena's headers, by its place. What the
// header says may be another arena's since a number is used again.
func (c *core) owns(h *header) bool {
	for i := range c.chunks {
		if _, ok := c.chunks[i].find(h); ok {
			return true
		}
	}
	return false
}

// slots yields the header and the value of every slot that was ever handed out. The
// loop may change anything, also add chunks.
func (c *core) slots(yield func(*header, place) bool) {
	for k := 0; k < len(c.chunks); k++ {
		for i := uint32(0); i < c.chunks[k].used; i++ {
			if ch := &c.chunks[k]; !yield(ch.header(i), ch.value(i)) {
				return
			}
		}
	}
}

// setShift makes room in an index for chunks of up to slots slots.
func (c *core) setShift(slots int) {
	c.shift = uint32(bits.Len(uint(slots - 1)))
	c.mask = 1<<c.shift - 1
}
