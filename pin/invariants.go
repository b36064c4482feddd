package pin

import (
	"fmt"
)

// invariants is Arena.Invariants.
func (c *core) invariants() error {
	if c.closed {
		return c.closedInvariants()
	}
	if got := owners.get(c.id); got != c {
		return c.broken("it is not registered under its number %d", c.id)
	}
	if err := c.chunkInvariants(); err != nil {
		return err
	}
	free, err := c.freeSlots()
	if err != nil {
		return err
	}
	return c.slotInvariants(free)
}

// closedInvariants holds once Close has succeeded: no handle is live.
func (c *core) closedInvariants() error {
	if c.pinned() != 0 || c.held != 0 || c.busy != 0 {
		return c.broken("closed with %d pinned, %d held, %d busy", c.pinned(), c.held, c.busy)
	}
	for h, v := range c.slots {
		if h.gen&1 == 1 || h.holds != 0 || c.offHeap && *h != (header{}) {
			return c.broken("the slot at %#x of a closed arena has %+v", address(v), *h)
		}
	}
	return nil
}

// chunkInvariants looks at the chunks as ranges of memory.
func (c *core) chunkInvariants() error {
	for k := range c.chunks {
		ch := &c.chunks[k]
		if ch.slots == 0 || ch.used > ch.slots || ch.slots > c.mask+1 {
			return c.broken("chunk %d has used %d slots of %d, and may have %d", k, ch.used, ch.slots, c.mask+1)
		}
		if k > c.current && ch.used != 0 || k < c.current && ch.used != ch.slots {
			return c.broken("chunk %d has used %d slots of %d while the current one is %d", k, ch.used, ch.slots, c.current)
		}
		first, last := ch.header(0), ch.header(ch.slots-1)
		for j := range c.chunks[:k] {
			other := &c.chunks[j]
			_, in1 := other.find(first)
			_, in2 := other.find(last)
			if _, in3 := ch.find(other.header(0)); in1 || in2 || in3 {
				return c.broken("chunks %d and %d overlap", j, k)
			}
		}
	}
	return nil
}

// freeSlots walks the free list.
func (c *core) freeSlots() (map[*header]bool, error) {
	free := map[*header]bool{}
	if c.last != nil {
		if !c.fastNew {
			return nil, c.broken("the slot %d is kept for the short path, which is closed", c.last.index)
		}
		free[c.last] = true
	}
	for index := c.free; index != noSlot; {
		k, i := int(index>>c.shift), index&c.mask
		if k >= len(c.chunks) || i >= c.chunks[k].used {
			return nil, c.broken("the free list names a slot %d that was never used", index)
		}
		h := c.chunks[k].header(i)
		if free[h] {
			return nil, c.broken("the free list runs in a circle through slot %d", index)
		}
		free[h] = true
		index = h.index
	}
	return free, nil
}

// slotInvariants looks at each slot, and counts them by state.
func (c *core) slotInvariants(free map[*header]bool) error {
	var pinned, held, rest int
	for k := range c.chunks {
		ch := &c.chunks[k]
		for i := range ch.used {
			h, v := ch.header(i), ch.value(i)
			at := address(v)
			if h.arena != c.id {
				return c.broken("the header of the value at %#x names arena %d, not %d", at, h.arena, c.id)
			}
			if free[h] {
				if h.gen&1 == 1 || h.holds != 0 || h.gen == lastGen {
					return c.broken("the free slot at %#x has generation %d and %d holds", at, h.gen, h.holds)
				}
				if !ch.guarded {
					if err := c.checkGone(v); err != nil {
						return err
					}
				}
				continue
			}
			if want := uint32(k)<<c.shift | i; h.index != want {
				return c.broken("the slot at %#x has index %d, not %d", at, h.index, want)
			}
			switch {
			case h.gen&1 == 1:
				pinned++
			case h.holds > 0:
				held++
			default:
				rest++
			}
		}
	}
	if pinned != c.pinned() || held != c.held || rest != c.busy+c.retired {
		return c.broken("there are %d slots pinned, %d held, %d busy or retired; it counts %d, %d, %d", pinned, held, rest, c.pinned(), c.held, c.busy+c.retired)
	}
	return nil
}

func (c *core) broken(format string, args ...any) error {
	return fmt.Errorf("%w: arena of %v: %s", ErrCorrupt, c.layout.Type, fmt.Sprintf(format, args...))
}
