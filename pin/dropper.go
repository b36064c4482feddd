package pin

// A Dropper is told when its value ends. The [Arena] in which a value was pinned calls Drop exactly
// once for each value of which the type, or the pointer to it, has the method: when the value was
// released and nobody holds it any more, before its memory is used for anything else.
//
// In Drop the value is still whole and at its address, but all its handles
// are stale already. Drop may use the arena, for example release other values. If it panics or
// calls runtime.Goexit, the slot is usable again nevertheless, and the panic, with its
// original value and stack, or the Goexit goes on in the caller of Release or Unhold.
//
// Only the pinned value itself is asked. What its fields need is for its Drop to do.
type Dropper interface {
	Drop()
}
