package pin

import (
	"sync"
	"sync/atomic"
)

// owners finds the core of an arena by the number in a slot's header. It also is what keeps
// an arena alive until it is closed.
//
// Looking up takes two atomic loads and no lock. The table doubles by copying, and
// a reader of an old copy still finds in it every arena that it can have
// a handle of, since it got the handle after the arena was entered. Numbers of closed arenas are used
// again: none of their slots has a live generation, and only live handles are looked up.
var owners ownerTable

type ownerTable struct {
	table atomic.Pointer[[]atomic.Pointer[core]] // written under mu
	mu    sync.Mutex
	free  []uint32 // numbers to use again; guarded by mu
	next  uint32   // numbers from here on were never used, 0 never is; guarded by mu
}

// get returns the core with the number id, which must be that of an arena which is not closed.
func (o *ownerTable) get(id uint32) *core {
	return (*o.table.Load())[id].Load()
}

// enter gives c a number and keeps it alive until leave.
func (o *ownerTable) enter(c *core) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.free); n > 0 {
		c.id = o.free[n-1]
		o.free = o.free[:n-1]
	} else {
		// Zeroed memory must not name an arena, so 0 is nobody's number.
		o.next++
		c.id = o.next
	}
	t := o.table.Load()
	if t == nil || int(c.id) >= len(*t) {
		t = o.grow(t)
	}
	(*t)[c.id].Store(c)
}

// leave forgets c.
func (o *ownerTable) leave(c *core) {
	o.mu.Lock()
	defer o.mu.Unlock()
	(*o.table.Load())[c.id].Store(nil)
	o.free = append(o.free, c.id)
}

// grow puts a table of at least twice the size of t in its place. mu is held.
func (o *ownerTable) grow(t *[]atomic.Pointer[core]) *[]atomic.Pointer[core] {
	bigger := make([]atomic.Pointer[core], 64)
	if t != nil {
		bigger = make([]atomic.Pointer[core], 2*len(*t))
		for i := range *t {
			bigger[i].Store((*t)[i].Load())
		}
	}
	o.table.Store(&bigger)
	return &bigger
}
