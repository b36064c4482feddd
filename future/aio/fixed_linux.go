package aio

import (
	"slices"

	"github.com/pinion-go/pinion/internal/uring"
)

// mostFixed is how many pools of [Buffers] a ring is told of; others are used as all memory is.
const mostFixed = 64

// fixed is a ring's table of fixed buffers. Each is a pool of [Buffers] that was used on it: one that was
// closed since is taken out before the next operation that might use it, since its memory may be another's,
// and soon if there is none.
type fixed struct {
	seen    *[]*Buffers // lenders.list, when closed pools were taken out
	pools   []*Buffers  // by place in the table, nil if it is free; none at all before the first
	refused []*Buffers  // for which there is no place, or no memory that may be locked
}

// place returns the place of the pool in which p lies.
func (f *fixed) place(r *uring.Ring, p []byte) (i uint16, ok bool) {
	f.forget(r)
	for i, b := range f.pools {
		if b != nil && b.holds(p) {
			return uint16(i), true
		}
	}
	for _, b := range lenders.all() {
		if b.holds(p) {
			return f.add(r, b)
		}
	}
	return 0, false
}

// forget takes out pools that were closed.
func (f *fixed) forget(r *uring.Ring) {
	list := lenders.list.Load()
	if list == f.seen {
		return
	}
	f.seen = list
	for i, b := range f.pools {
		if b != nil && !slices.Contains(*list, b) {
			f.pools[i] = nil
			r.UpdateBuffer(i, nil) // what is under way keeps its memory
		}
	}
	f.refused = nil // there may be room now, or memory to lock
}

// add puts a pool into the table, if it can be.
func (f *fixed) add(r *uring.Ring, b *Buffers) (i uint16, ok bool) {
	if slices.Contains(f.refused, b) {
		return 0, false
	}
	if f.pools == nil && r.RegisterBuffers(mostFixed) == nil {
		f.pools = make([]*Buffers, mostFixed)
	}
	n := slices.Index(f.pools, nil)
	if n < 0 || r.UpdateBuffer(n, b.block.Slice(0, b.block.Len())) != nil {
		f.refused = append(f.refused, b)
		return 0, false
	}
	f.pools[n] = b
	return uint16(n), true
}

// forgetClosed is fixed.forget for a ring that may have nothing to do for long.
func (u *uringKernel) forgetClosed() { u.fixed.forget(u.r) }
