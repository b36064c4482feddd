package aio

import (
	"slices"

	"github.com/pinion-go/pinion/internal/uring"
)

// mostFixed is how many pools of [Buffers] a ring is told of; others are used as all memory is.
const mostFixed = 64

// fixed is a ring's table of fixed buffers. Each is a pool of [Buffers]: one that was opened or
// closed since is put in or taken out before the next operation that may use it, since
// the memory of a closed one may be another's.
type fixed struct {
	seen  *[]*Buffers // lenders.list, when the table was made
	pools []*Buffers  // by place in the table, nil if it is free; none at all if the kernel has no table
	off   bool        // it will not have one
}

// place returns the place of the pool in which p lies.
func (f *fixed) place(r *uring.Ring, p []byte) (i uint16, ok bool) {
	if list := lenders.list.Load(); list != f.seen {
		f.seen = list
		f.update(r, lenders.all())
	}
	for i, b := range f.pools {
		if b != nil && b.holds(p) {
			return uint16(i), true
		}
	}
	return 0, false
}

func (f *fixed) update(r *uring.Ring, open []*Buffers) {
	if f.pools == nil && !f.off {
		if f.off = r.RegisterBuffers(mostFixed) != nil; f.off {
			return
		}
		f.pools = make([]*Buffers, mostFixed)
	}
	for i, b := range f.pools {
		if b != nil && !slices.Contains(open, b) {
			f.pools[i] = nil
			r.UpdateBuffer(i, nil) // what is under way keeps its memory
		}
	}
	for _, b := range open {
		i := slices.Index(f.pools, nil)
		if i >= 0 && !slices.Contains(f.pools, b) && r.UpdateBuffer(i, b.block.Slice(0, b.block.Len())) == nil {
			f.pools[i] = b
		}
	}
}
