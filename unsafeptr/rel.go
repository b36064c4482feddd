package unsafeptr

import "unsafe"

// A Rel is a pointer to a T in the same object, stored as its distance in bytes
// from the Rel itself. It is one word, and nil when zero.
//
// When the object that holds both moves as a whole (it is assigned, passed, sent,
// appended, or on a stack that grows) the Rel of the copy leads into the
// copy. That is the alternative to pinning for values that only point into themselves.
//
// The collector sees no pointer in a Rel: an object with nothing else is not
// scanned, and may live outside the Go heap. So the Rel keeps nothing alive, and
// its target must lie in the same variable or allocation as the Rel.
//
// A Rel must not be copied by itself: after r = o.next, r leads as far from r
// as o.next led from o.next, which is nowhere. Copy the whole owner, or
// use r.Set(o.next.Get()).
//
// Comparing two Rels compares distances, not targets.
type Rel[T any] struct {
	// Mention T, so that a Rel of one type does not convert to that of another.
	_ [0]*T

	// off is the distance to the target, plus one if that is not negative: as
	// with years, there is no zero. So 0 is free to mean nil, while a Rel may
	// point at its own address, where a struct that begins with it begins too.
	off int
}

// Set makes r point at *p, or nil. p must point into the object that r lies in.
// Set does not know that object and so cannot check it; [Rel.SetIn] can. In builds with
// -d=checkptr, which -race implies, a p outside the object stops the program here.
func (r *Rel[T]) Set(p *T) {
	if p == nil {
		r.off = 0
		return
	}
	off := int(Addr(p) - Addr(r))
	if off >= 0 {
		off++
	}
	r.off = off
	// Has an effect only with checkptr, which verifies the arithmetic of Get:
	// a wrong target is better found now than when it is followed.
	r.Get()
}

// SetIn is Set for a known owner: it checks that r and *p both lie wholly in
// owner. If not, it leaves r as it was and returns a [*RangeError]. A nil p is
// allowed, and only r is checked then.
func (r *Rel[T]) SetIn(owner Range, p *T) error {
	if !Contains(owner, r) {
		return newRangeError("Rel.SetIn", "the Rel", RangeOf(r), owner)
	}
	if p != nil && !Contains(owner, p) {
		return newRangeError("Rel.SetIn", "the target", RangeOf(p), owner)
	}
	r.Set(p)
	return nil
}

// Get returns the target, or nil. It costs a few instructions more than following
// a pointer.
func (r *Rel[T]) Get() *T {
	off := r.off
	if off == 0 {
		return nil
	}
	if off > 0 {
		off--
	}
	// SAFETY: Set stored the distance between two addresses of one object, and
	// the contract lets r move only together with that object.
	return (*T)(unsafe.Add(unsafe.Pointer(r), off))
}

// IsNil reports whether r points nowhere, as the zero Rel does.
func (r *Rel[T]) IsNil() bool { return r.off == 0 }
