package pin

import (
	"fmt"
	"iter"

	"github.com/pinion-go/pinion/unsafeptr"
)

// Options say how an [Arena] gets its memory and how closely it watches. The zero
// Options are an arena on the Go heap that grows.
type Options struct {
	// Capacity, if not 0, is the number of values for which NewArena allocates all memory
	// at once. Nothing is allocated afterwards (except by Trace), and a full arena is ErrFull.
	// At most 2^30-1.
	Capacity int

	// OffHeap asks for memory from mmap(2), which the garbage collector neither scans nor
	// counts. The type must not contain Go pointers. Close gives the memory back, but not
	// the addresses, which are used for nothing else until the process ends. Where
	// there is no off-heap memory (other systems than Linux and macOS, and builds with the tag pinion_heap, as
	// for the race detector) the arena is on the Go heap and behaves the same; Stats tells.
	OffHeap bool

	// Debug finds uses of values that are gone. It fills reclaimed values with 0xDB
	// wherever no pointers are, and looks before it uses them again whether somebody has
	// written there: New then panics with a *PoisonError. Off-heap, each value has
	// pages of its own, on which any access after reclamation faults;
	// this costs a system call or two per value, and at most 16384
	// values in the process have it, the others are poisoned.
	Debug bool

	// Trace records who called New for each value, for LeakError. It allocates.
	Trace bool
}

// An Arena keeps values of type T at fixed addresses. It takes memory in chunks, which never grow by
// copying, pins each chunk once, and hands the slots out again when their
// values are gone: pinning a value costs a few nanoseconds and no allocation.
//
// An arena, its handles and the values belong to one goroutine at a time: there
// is no lock and no atomic operation in Get, New and Release. Different arenas are independent.
//
// An arena that is not closed lives, with all its chunks, as long as the process.
type Arena[T any] struct {
	core core
}

// NewArena returns an empty arena. Its errors are [*PointerError] for OffHeap with a type that
// contains Go pointers, [*CapacityError] for a Capacity that is negative or too large, that of the
// kernel where it has no memory, and [*RuntimeError] from [CheckRuntime].
func NewArena[T any](o Options) (*Arena[T], error) {
	if err := CheckRuntime(); err != nil {
		return nil, err
	}
	layout := unsafeptr.LayoutOf[T]()
	stride, ok := slotSize[T]()
	if !ok {
		return nil, runtimeError("a value of type "+layout.Type.String()+" follows its header of 16 bytes", "it does not")
	}
	a := &Arena[T]{core: core{
		free:      noSlot,
		drop:      dropper[T](),
		layout:    layout,
		stride:    stride,
		makeChunk: heapChunk[T],
		o:         o,
		offHeap:   o.OffHeap && canMap,
	}}
	c := &a.core
	if o.OffHeap {
		if err := pointerError(layout); err != nil {
			return nil, err
		}
	}
	if o.Capacity < 0 || o.Capacity > maxCapacity {
		return nil, c.capacityError(o.Capacity)
	}
	if layout.HasPointers() {
		c.wipe = clearer[T]()
	}
	if o.Trace {
		c.where = map[uint32][]uintptr{}
	}
	c.errFull = fmt.Errorf("%w: all %d slots for values of type %v are in use or retired", ErrFull, o.Capacity, layout.Type)
	c.fastNew = !o.Debug && !o.Trace
	c.fastRelease = c.fastNew && c.drop == nil && c.wipe == nil
	c.pins = newPinner()
	owners.enter(c)
	if err := c.plan(); err != nil {
		c.finish()
		return nil, err
	}
	return a, nil
}

// New pins a value that init builds in place, or a zero value if init is nil. Until init
// returns, the value is Fresh and has no handle, but it is at its final address already: it may
// point to itself from the start.
//
// If init returns an error, New returns it. If init panics or calls runtime.Goexit, that
// goes on. Either way the value is not dropped, since it was never complete (see [Init] for what it
// consists of), and its slot is usable again. Init may use the arena.
//
// Other errors are [ErrFull], [ErrClosed], and that of the kernel where it has no memory, all to be
// asked for with errors.Is; in an arena with Options.Debug, New panics with [*PoisonError].
func (a *Arena[T]) New(init func(*T) error) (Pin[T], error) {
	c := &a.core
	if h := c.last; h != nil && init == nil {
		c.last = nil
		gen := h.gen + 1
		h.gen = gen
		p := pinAfter[T](h, gen)
		if c.wipe == nil {
			var zero T
			*p.ptr = zero
		}
		return p, nil
	}
	h, v, err := c.take()
	if err != nil {
		return Pin[T]{}, err
	}
	if init != nil {
		if err := a.build(h, v, init); err != nil {
			return Pin[T]{}, err
		}
	}
	c.pin(h)
	return pinAt[T](h, v), nil
}

// build runs init on the value of a slot that was taken, and makes it a free one again if that fails.
func (a *Arena[T]) build(h *header, v place, init func(*T) error) error {
	c := &a.core
	c.busy++
	built := false
	defer func() {
		c.busy--
		if !built {
			c.recycle(h, v)
		}
	}()
	if err := init(typed[T](v)); err != nil {
		return err
	}
	built = true
	return nil
}

// Check returns nil if p is a handle of a value that is pinned in this arena, and otherwise
// a [*StaleError], with Foreign set if p is not of this arena at all. A wrong handle costs time linear in the
// number of chunks.
func (a *Arena[T]) Check(p Pin[T]) error {
	c := &a.core
	if p.ptr == nil {
		return p.staleError()
	}
	h := headerOf(p.ptr, p.off)
	// The numbers of arenas that have live values are all different.
	if h.gen == p.gen && h.arena == c.id && !c.closed {
		return nil
	}
	e := p.staleError()
	e.Foreign = !c.owns(h)
	return e
}

// Len returns the number of values that are pinned, without those that were released and are held.
func (a *Arena[T]) Len() int { return a.core.pinned() }

// Cap returns the number of slots for which there is memory now. Slots that were
// retired count.
func (a *Arena[T]) Cap() int {
	n := 0
	for i := range a.core.chunks {
		n += int(a.core.chunks[i].slots)
	}
	return n
}

// All yields a handle of each pinned value, in no particular order. The loop may
// release values and pin new ones; those may or may not be seen.
func (a *Arena[T]) All() iter.Seq[Pin[T]] {
	return func(yield func(Pin[T]) bool) {
		for h, v := range a.core.slots {
			if h.gen&1 == 1 && !yield(pinAt[T](h, v)) {
				return
			}
		}
	}
}

// Invariants returns nil, or an error that says how the arena's memory contradicts itself: headers,
// free list and counts that disagree, chunks that overlap, and reclaimed values that somebody has
// written to ([*PoisonError]). Any of them means that something has written where it should not.
//
// It looks at every slot and allocates; it is for tests.
func (a *Arena[T]) Invariants() error { return a.core.invariants() }

// Close ends the arena. If values are still pinned or held, or being built or dropped, it returns a
// [*LeakError] that lists them and frees nothing: they go on working, only New answers [ErrClosed] from then on, and
// Close may be called again when they are gone. Otherwise it unpins
// the chunks, leaves those on the Go heap to the collector and off-heap memory to the kernel, and returns nil, as it
// does when called once more. All handles are stale then and stay so.
func (a *Arena[T]) Close() error { return a.core.close() }

// pointerError returns an error that names the first Go pointer in a type, nil if there is none.
func pointerError(l *unsafeptr.Layout) error {
	path, pointer, ok := l.FirstPointer()
	if !ok {
		return nil
	}
	return &PointerError{Type: l.Type.String(), Path: path, Pointer: pointer.String()}
}
