package pin

import "github.com/pinion-go/pinion/unsafeptr"

// An Anchor is one word that notices when the struct around it has been moved or
// copied. It records its own address when it is first checked, and every later
// check compares. Until then the struct may be copied freely: that is the
// Fresh phase of the contract. Embed it by value in a type whose methods keep
// pointers into their receiver, and call Check first in each of them.
//
// The address is kept as a number, not as a pointer. A kept pointer follows its
// object when a goroutine's stack grows, so that a check with one (strings.Builder)
// notices only copies. A kept number (sync.Cond) also notices that growth, and so
// an Anchor in a local variable reports a move as soon as the stack has moved: a
// self-referential value has no business on a stack. Checking does not make
// the struct around it escape to the heap.
//
// What an Anchor does not notice: a copy that is never checked, and a value that
// was moved away and back between two checks. It does not keep the value from moving,
// [Arena], [New] and [Block] do. It is not synchronised: one goroutine at a time.
type Anchor struct {
	addr uintptr // 0 while fresh
}

// Check records the address of a on its first use, and afterwards panics with
// [*MovedError] if a is elsewhere.
func (a *Anchor) Check() {
	if a.addr != unsafeptr.Addr(a) {
		a.drop()
	}
}

// Err is [Anchor.Check] with an error in the place of the panic: it is nil or a [*MovedError].
func (a *Anchor) Err() error {
	if a.addr != unsafeptr.Addr(a) {
		return a.moved()
	}
	return nil
}

// Pinned reports whether the address has been recorded, here or in the
// original of which this is a copy.
func (a *Anchor) Pinned() bool { return a.addr != 0 }

// drop sinks the anchor where it is, or panics. It is kept out of line so that
// Check, which is called at every poll, can be inlined.
//
//go:noinline
func (a *Anchor) drop() {
	if err := a.moved(); err != nil {
		panic(err)
	}
}

//go:noinline
func (a *Anchor) moved() error {
	now := unsafeptr.Addr(a)
	if a.addr == 0 {
		a.addr = now
		return nil
	}
	return &MovedError{Pinned: a.addr, Now: now}
}
