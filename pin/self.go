package pin

import (
	"reflect"

	"github.com/pinion-go/pinion/unsafeptr"
)

// A Self is a pointer from one field of an object to another part of the same object, checked to be
// that when it is bound. It is one word; the zero Self is nil.
//
// A Self stays right as long as its object stays where it is: bind it when the object is at
// its final address, as in the init of [Arena.New]. A copy of the object has a Self that
// still points into the original, which [Self.Check] tells.
//
// It is a pointer for the garbage collector, and so a type with a Self cannot be off-heap. Use
// [unsafeptr.Rel] there, and for objects that move.
type Self[F any] struct {
	p *F
}

// Bind makes s point at f. It panics with [*RangeError] unless both s and f lie in *owner as a
// whole, by the rule of [unsafeptr.Contains].
func Bind[T, F any](owner *T, s *Self[F], f *F) {
	r := unsafeptr.RangeOf(owner)
	if !unsafeptr.Contains(r, s) {
		panic(rangeError("Bind", "the Self", unsafeptr.RangeOf(s), r))
	}
	if !unsafeptr.Contains(r, f) {
		panic(rangeError("Bind", "the field", unsafeptr.RangeOf(f), r))
	}
	s.p = f
}

// Get returns the pointer, nil if s was never bound. It checks nothing.
func (s *Self[F]) Get() *F { return s.p }

// Check returns nil if s lies in owner, and points into owner or was never bound. Otherwise it returns
// [*StaleSelfError]: the object was copied or moved after Bind.
func (s *Self[F]) Check(owner unsafeptr.Range) error {
	if unsafeptr.Contains(owner, s) && (s.p == nil || unsafeptr.Contains(owner, s.p)) {
		return nil
	}
	return staleSelf[F](unsafeptr.Addr(s), unsafeptr.Addr(s.p), owner)
}

// A SelfSlice is a [Self] that is a slice of an array field of the same object, for
// example of the bytes in a buffer that belong to the present token.
type SelfSlice[E any] struct {
	s []E
}

// BindSlice makes s the slice e. It panics with [*RangeError] unless s and the elements e[:cap(e)] lie
// in *owner as a whole: an append to the slice may write up to there. A slice of capacity 0, nil
// included, has no elements anywhere and is always accepted.
func BindSlice[T, E any](owner *T, s *SelfSlice[E], e []E) {
	r := unsafeptr.RangeOf(owner)
	if !unsafeptr.Contains(r, s) {
		panic(rangeError("BindSlice", "the SelfSlice", unsafeptr.RangeOf(s), r))
	}
	if !containsAll(r, e) {
		panic(rangeError("BindSlice", "the slice, up to its capacity,", unsafeptr.RangeOfSlice(e[:cap(e)]), r))
	}
	s.s = e
}

// Get returns the slice, nil if s was never bound. It checks nothing.
func (s *SelfSlice[E]) Get() []E { return s.s }

// Check is [Self.Check] for a slice, with the rule of [BindSlice].
func (s *SelfSlice[E]) Check(owner unsafeptr.Range) error {
	if unsafeptr.Contains(owner, s) && containsAll(owner, s.s) {
		return nil
	}
	return staleSelf[E](unsafeptr.Addr(s), unsafeptr.RangeOfSlice(s.s).Base(), owner)
}

// containsAll reports whether all that e can reach lies in r.
func containsAll[E any](r unsafeptr.Range, e []E) bool {
	return cap(e) == 0 || unsafeptr.ContainsSlice(r, e[:cap(e)])
}

func staleSelf[F any](self, points uintptr, owner unsafeptr.Range) *StaleSelfError {
	return &StaleSelfError{
		Self: self, Points: points,
		OwnerAddr: owner.Base(), OwnerSize: owner.Size(),
		Type: reflect.TypeFor[F]().String(),
	}
}
