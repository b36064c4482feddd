package pin

import (
	"math/bits"
)

// poisonByte fills values that are gone, in arenas with Options.Debug. As a number it is large
// and odd, as an address it is none that is mapped, and it is no text.
const poisonByte = 0xDB

// poison makes a later use of the value of a slot that is gone visible.
func (c *core) poison(h *header, v place) {
	if ch := &c.chunks[h.index>>c.shift]; ch.guarded {
		ch.shut(h.index & c.mask)
		return
	}
	c.fillScalars(v, poisonByte)
}

// unpoison makes the value of a slot that was free accessible again, and zero if it holds pointers. It panics
// with a *PoisonError if somebody has written there in the meantime.
func (c *core) unpoison(h *header, v place) error {
	if ch := &c.chunks[h.index>>c.shift]; ch.guarded {
		return ch.open(h.index & c.mask)
	}
	if err := c.checkGone(v); err != nil {
		// The slot stays out of use: who has written there may do so again.
		c.retired++
		panic(err)
	}
	c.fillScalars(v, 0)
	return nil
}

// checkGone returns an error if the value of a free slot is not as it was left: poison, but zero
// where pointers are, in an arena with Options.Debug, and zero in any other if it holds pointers. The
// value must be accessible.
func (c *core) checkGone(v place) *PoisonError {
	value := bytesAt(v, c.layout.Size)
	check := func(from, to uintptr, want byte) *PoisonError {
		for i, b := range value[from:to] {
			if b != want {
				return &PoisonError{Addr: address(v), Offset: from + uintptr(i), Found: b, Want: want, Type: c.layout.Type.String()}
			}
		}
		return nil
	}
	if !c.o.Debug {
		if c.wipe == nil {
			return nil // left as it was
		}
		return check(0, c.layout.Size, 0)
	}
	at := uintptr(0)
	for from, to := range c.scalars {
		if err := check(at, from, 0); err != nil {
			return err
		}
		if err := check(from, to, poisonByte); err != nil {
			return err
		}
		at = to
	}
	return check(at, c.layout.Size, 0)
}

// fillScalars fills the parts of a value that hold no pointers.
func (c *core) fillScalars(v place, with byte) {
	value := bytesAt(v, c.layout.Size)
	for from, to := range c.scalars {
		part := value[from:to]
		for i := range part {
			part[i] = with
		}
	}
}

// scalars yields the parts of a value that hold no pointers, padding included. The
// collector would follow poison in a pointer.
func (c *core) scalars(yield func(from, to uintptr) bool) {
	const word = bits.UintSize / 8
	at := uintptr(0)
	for off := range c.layout.Pointers {
		if off > at && !yield(at, off) {
			return
		}
		at = off + word
	}
	if at < c.layout.Size {
		yield(at, c.layout.Size)
	}
}
