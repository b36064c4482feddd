package pin

import (
	"fmt"
	"math"
	"reflect"

	"github.com/pinion-go/pinion/unsafeptr"
)

// A Pin is a handle of a pinned value: its address, and the generation by which
// every use of it after the value's end is recognised. It is 16 bytes on a 64-bit machine and 12 on
// a 32-bit one, may be copied and compared (equal Pins mean the same value, or the same
// field of it, in the same life), and is valid from [Arena.New], [New] or [Field] until the value is
// released. The zero Pin is always stale.
//
// A handle is checked on every use: Get, Release, Hold and Unhold panic with [*StaleError]
// where Try answers false. The check reads the header of the slot, which is readable for ever: a handle
// keeps a chunk on the Go heap alive, and off-heap memory is never unmapped.
//
// Handles belong, with their arena, to one goroutine at a time. The *T that Get returns is a
// plain pointer: it is not checked when it is used, and must not be used after Release
// except by those who said [Pin.Hold].
type Pin[T any] struct {
	ptr *T
	gen uint32 // odd; 0 in the zero Pin
	off int32  // bytes from ptr to the slot's header, which is before it: negative
}

// Try returns the pinned value, or nil and false if it was released.
func (p Pin[T]) Try() (*T, bool) {
	if p.ptr == nil || headerOf(p.ptr, p.off).gen != p.gen {
		return nil, false
	}
	return p.ptr, true
}

// Release ends the value: from now on its handles are stale. If nobody holds it, Drop is
// called and its slot may be used again; otherwise that happens at the last
// [Pin.Unhold]. It panics with [*StaleError] if the value was released before.
//
// Releasing a handle from [Field] releases the value that the field is of.
//
// Release may be called in the arena's own callbacks: by an init, a Drop, and in a range over [Arena.All].
func (p Pin[T]) Release() {
	p.Get()
	h := headerOf(p.ptr, p.off)
	c := owners.get(h.arena)
	if c.last == nil && c.fastRelease && h.holds == 0 && p.gen < lastGen-1 {
		h.gen = p.gen + 1
		c.last = h
		return
	}
	c.release(h)
}

// Hold asks that the value stay, with its contents, until a matching [Pin.Unhold], even
// when it is released before that. Those who hand the address to the kernel, to C or
// to another pinned value hold it for as long. It panics with [*StaleError] if the value was
// released, and with [*HoldError] at the 2^32nd hold of one value.
//
// A held value that was released is Done: Get and Try no longer give it, and only the
// pointers that were taken before reach it.
func (p Pin[T]) Hold() {
	p.Get()
	h := headerOf(p.ptr, p.off)
	if h.holds == math.MaxUint32 {
		p.badHold(h.holds)
	}
	h.holds++
}

// Unhold ends a [Pin.Hold]. The last Unhold of a released value reclaims it: Drop is called, and
// the slot may be used again. It panics with [*HoldError] if the value lives and nobody holds it,
// and with [*StaleError] if it was reclaimed.
func (p Pin[T]) Unhold() {
	if p.ptr == nil {
		stale(p)
	}
	h := headerOf(p.ptr, p.off)
	switch {
	case h.gen == p.gen && h.holds == 0:
		p.badHold(0)
	case h.gen == p.gen:
		h.holds--
	case h.gen == p.gen+1 && h.holds > 0:
		// Released and held: the generation has advanced by this value's Release and by
		// no other, since a slot is not used again before its last Unhold.
		h.holds--
		if h.holds == 0 {
			owners.get(h.arena).unhold(h)
		}
	default:
		stale(p)
	}
}

// Addr returns the address of the value, for printing and comparing. It says
// nothing about whether the value is still there.
func (p Pin[T]) Addr() uintptr { return unsafeptr.Addr(p.ptr) }

// IsZero reports whether p is the zero Pin, which was never anybody's handle.
func (p Pin[T]) IsZero() bool { return p.ptr == nil }

// String returns p as "Pin[pkg.Type](0xc000100010, generation 3)". It does not say whether p is stale.
func (p Pin[T]) String() string {
	return fmt.Sprintf("Pin[%v](%#x, generation %d)", reflect.TypeFor[T](), p.Addr(), p.gen)
}

// stale panics for p, which is a Pin. It is out of line, and not a method of p, so that Get can be inlined.
//
//go:noinline
func stale(p interface{ staleError() *StaleError }) { panic(p.staleError()) }

func (p Pin[T]) badHold(holds uint32) {
	panic(&HoldError{Addr: p.Addr(), Gen: p.gen, Holds: holds, Type: reflect.TypeFor[T]().String()})
}

func (p Pin[T]) staleError() *StaleError {
	e := &StaleError{Want: p.gen, Addr: p.Addr(), Type: reflect.TypeFor[T]().String()}
	if p.ptr != nil {
		e.Got = headerOf(p.ptr, p.off).gen
	}
	return e
}
