package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// Pinned is the body of a fuzz target for a type whose values are pinned: that point into themselves, or into
// each other, or are pointed at by C.
//
//	func FuzzConn(f *testing.F) {
//		fuzz.Pinned(f, newConn, fuzz.Op[conn]{Name: "read", Args: 1, Do: read})
//	}
//
// Values are built in place by init, which may be nil for zero values, used by ops, held,
// released and pinned again in the same memory, with collections and growing
// stacks in between. An op takes at most MaxArgs-1 arguments; the harness uses one to
// choose the value. After every op
//
//   - each value is where it was, and its handle says so,
//   - a value that has an Invariants() error method says that all is well,
//   - handles of values that were released are recognised,
//   - each value that is gone was dropped once, and the others were not,
//   - nobody has written to a value that is gone, for instance because it was
//     not taken out of a list,
//   - and a collection, a Hold or the use of an old handle has changed nothing.
//
// Values must be changed by ops alone, not by goroutines that they start. What they
// share, such as a list that they are all in, must be as at the start when all of them
// are gone, since the next run goes on with it. An error of init is a failure.
//
// Without -fuzz the target runs the seeds in testdata, and some random ops.
func Pinned[T any](f *testing.F, init func(*T) error, ops ...Op[T]) {
	m := pinnedMachine(init, ops)
	for seed := range uint64(20) {
		f.Add(m.Random(seed, 100))
	}
	m.Fuzz(f)
}

// maxPinned bounds the values that live at once.
const maxPinned = 32

// A herd is the values of one run of Pinned.
type herd[T any] struct {
	arena   *pin.Arena[head[T]]
	init    func(*T) error
	live    []*head[T] // pinned or held
	stale   []pin.Pin[T]
	last    int // id
	drops   map[int]int
	collect int // collections that are left
}

// A head is a value with what the harness knows of it. The value comes first, so that
// it lies as it would by itself.
type head[T any] struct {
	value    T
	h        *herd[T]
	id       int
	self     *head[T]
	whole    pin.Pin[head[T]]
	part     pin.Pin[T]
	holds    int
	released bool
}

// Drop implements [pin.Dropper].
func (v *head[T]) Drop() {
	v.h.drops[v.id]++
	if d, ok := any(&v.value).(pin.Dropper); ok {
		d.Drop()
	}
}

func pinnedMachine[T any](init func(*T) error, ops []Op[T]) *Machine[herd[T]] {
	m := &Machine[herd[T]]{
		New: func() (*herd[T], error) {
			a, err := pin.NewArena[head[T]](pin.Options{Debug: true})
			return &herd[T]{arena: a, init: init, drops: map[int]int{}, collect: 1}, err
		},
		Check: (*herd[T]).check,
		End:   (*herd[T]).end,
		Ops: []Op[herd[T]]{
			{Name: "pin:new", Do: (*herd[T]).build},
			{Name: "pin:release", Args: 1, Do: (*herd[T]).release},
			{Name: "pin:hold", Args: 1, Do: quiet((*herd[T]).hold)},
			{Name: "pin:unhold", Args: 1, Do: (*herd[T]).unhold},
			{Name: "pin:stale", Args: 1, Do: quiet((*herd[T]).useStale)},
			{Name: "pin:collect", Do: quiet((*herd[T]).gc)},
		},
	}
	for _, op := range ops {
		if op.Args >= MaxArgs {
			panic(fmt.Sprintf("fuzz: op %q takes %d arguments; an op of Pinned can take from 0 to %d", op.Name, op.Args, MaxArgs-1))
		}
		do := op.Do
		if do == nil {
			panic(fmt.Sprintf("fuzz: op %q does nothing: its Do is nil", op.Name))
		}
		m.Ops = append(m.Ops, Op[herd[T]]{Name: op.Name, Args: op.Args + 1, Do: func(h *herd[T], args Args) error {
			if v := h.pick(args, pinnedOnly); v != nil {
				return do(v.part.Get(), Args(append(args[1:], 0)))
			}
			return nil
		}})
	}
	return m
}

// pick returns a value for which ok holds, which the first argument chooses, or nil.
func (h *herd[T]) pick(args Args, ok func(pinned bool, holds int) bool) *head[T] {
	var some []*head[T]
	for _, v := range h.live {
		if ok(!v.released, v.holds) {
			some = append(some, v)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return some[args.Pick(0, len(some))]
}

func pinnedOnly(pinned bool, _ int) bool { return pinned }

func heldOnly(_ bool, holds int) bool { return holds > 0 }

func (h *herd[T]) build(Args) error {
	if len(h.live) >= maxPinned {
		return nil
	}
	h.last++
	p, err := h.arena.New(func(v *head[T]) error {
		v.h, v.id, v.self = h, h.last, v
		if h.init == nil {
			return nil
		}
		return h.init(&v.value)
	})
	if err != nil {
		return fmt.Errorf("a value was not built: %w", err)
	}
	v := p.Get()
	v.whole, v.part = p, pin.Field(p, func(v *head[T]) *T { return &v.value })
	h.live = append(h.live, v)
	return nil
}

func (h *herd[T]) release(args Args) error {
	if v := h.pick(args, pinnedOnly); v != nil {
		v.released = true
		whole := v.whole
		h.settle(v)
		whole.Release()
	}
	return nil
}

func (h *herd[T]) hold(args Args) error {
	if v := h.pick(args, pinnedOnly); v != nil {
		v.holds++
		v.part.Hold()
	}
	return nil
}

func (h *herd[T]) unhold(args Args) error {
	if v := h.pick(args, heldOnly); v != nil {
		v.holds--
		part := v.part
		h.settle(v)
		part.Unhold()
	}
	return nil
}

// settle forgets v if it is about to be dropped.
func (h *herd[T]) settle(v *head[T]) {
	if v.released && v.holds == 0 {
		h.stale = append(h.stale, v.part)
		h.live = slices.DeleteFunc(h.live, func(x *head[T]) bool { return x == v })
	}
}

func (h *herd[T]) useStale(args Args) error {
	if len(h.stale) == 0 {
		return nil
	}
	p := h.stale[args.Pick(0, len(h.stale))]
	if _, ok := p.Try(); ok {
		return fmt.Errorf("%v was released, and is still had", p)
	}
	err := guard(func() error { p.Release(); return nil })
	if _, ok := errors.AsType[*pin.StaleError](err); !ok {
		return fmt.Errorf("%v was released, and Release ended with %v", p, err)
	}
	return nil
}

func (h *herd[T]) gc(Args) error {
	if h.collect--; h.collect >= 0 {
		runtime.GC()
	}
	return nil
}

// quiet is an op that must not change any value.
func quiet[T any](do func(*herd[T], Args) error) func(*herd[T], Args) error {
	return func(h *herd[T], args Args) error {
		was := make([][]byte, len(h.live))
		for i, v := range h.live {
			was[i] = bytes.Clone(unsafeptr.Bytes(&v.value))
		}
		if err := do(h, args); err != nil {
			return err
		}
		for i, v := range h.live {
			if !bytes.Equal(was[i], unsafeptr.Bytes(&v.value)) {
				return fmt.Errorf("value %d has changed, and no op has changed it", v.id)
			}
		}
		return nil
	}
}

// check looks at all values.
func (h *herd[T]) check() error {
	if err := h.arena.Invariants(); err != nil {
		return err
	}
	for _, v := range h.live {
		if v.self != v || h.drops[v.id] != 0 {
			return fmt.Errorf("value %d at %p says that it is at %p, and was dropped %d times", v.id, v, v.self, h.drops[v.id])
		}
		if p, ok := v.part.Try(); ok == v.released || ok && p != &v.value {
			return fmt.Errorf("value %d is at %p, and its handle gives %p, %t", v.id, &v.value, p, ok)
		}
		if i, ok := any(&v.value).(interface{ Invariants() error }); ok {
			if err := i.Invariants(); err != nil {
				return fmt.Errorf("value %d: %w", v.id, err)
			}
		}
	}
	gone := h.last - len(h.live)
	for id, n := range h.drops {
		if n != 1 {
			return fmt.Errorf("value %d was dropped %d times", id, n)
		}
	}
	if len(h.drops) != gone {
		return fmt.Errorf("%d values are gone, %d were dropped", gone, len(h.drops))
	}
	return nil
}

// end releases what is left and closes the arena.
func (h *herd[T]) end() error {
	for len(h.live) > 0 {
		v := h.live[0]
		if !v.released {
			if err := h.release(Args{}); err != nil {
				return err
			}
			continue
		}
		if err := h.unhold(Args{}); err != nil {
			return err
		}
	}
	if err := h.check(); err != nil {
		return err
	}
	return h.arena.Close()
}
