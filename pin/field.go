package pin

import (
	"math"
	"reflect"

	"github.com/pinion-go/pinion/unsafeptr"
)

// Field returns a handle of the part of p's value that sel points out: a field, an
// element of an array field, or the value itself. The new handle has the generation of its
// owner, whose header it checks: it is stale as soon as the owner is released, Hold and
// Unhold count with the owner's, and Release releases the owner.
//
// sel is called once and must do nothing but select, as in
//
//	pin.Field(p, func(c *conn) *[512]byte { return &c.buf })
//
// Field panics with [*StaleError] if p is stale, and with [*RangeError] if
// sel's result does not lie in the value as a whole, or not in its first 2 GiB. A
// field of size zero at the very end of the value does not, by the rule of [unsafeptr.Contains].
//
// The idea is structural pin projection, see Rust's std::pin.
func Field[T, F any](p Pin[T], sel func(*T) *F) Pin[F] {
	owner := p.Get()
	f := sel(owner)
	off, ok := unsafeptr.OffsetOf(unsafeptr.RangeOf(owner), f)
	if !ok || off > uintptr(int64(p.off)-math.MinInt32) {
		panic(rangeError("Field", "what was selected in "+reflect.TypeFor[T]().String(), unsafeptr.RangeOf(f), unsafeptr.RangeOf(owner)))
	}
	return Pin[F]{ptr: f, gen: p.gen, off: p.off - int32(off)}
}
