package frame

import "github.com/pinion-go/pinion/future"

// FuncIter is a range statement over a function whose body suspends: the iterator is
// left off within its call of yield. So it runs on a goroutine of its own, which takes
// turns with the one that polls, and one of the two always waits for the other.
//
//	the future                        the iterator's goroutine
//	Next ---------------------------> for k, v := range f {
//	body, may suspend <---------------    yield to the future
//	Next ---------------------------> }
//	  ... false, what comes behind <- over
//
// Its loop is Go's own, so that an iterator which goes on after it was told to stop, or
// recovers the panic of the body, is treated as the language says. So is one that
// defers yield itself and panics: recover in the body is made there. A panic of the
// body, and runtime.Goexit in it, pass through the iterator, see [Unwind]; its own
// come out of Next or Stop.
//
// A value costs two changes of goroutines: a third of a microsecond, and several where
// the goroutine that polls is bound to a thread. A loop costs a goroutine, until it
// ends. A blocking call in the iterator is one in a poll. The zero FuncIter is that of
// no loop.
type FuncIter[K, V any] struct{ *iteration[K, V] }

// iteration is what both goroutines have. All of it belongs to the one whose turn it is.
type iteration[K, V any] struct {
	rounds
	k K
	v V
}

// Init0 begins a range over f, which has no values. u is that of the function with the
// range statement.
func (it *FuncIter[K, V]) Init0(u *Unwind, f func(yield func() bool)) {
	r := it.init(u)
	r.loop = func() {
		for range f {
			for r.round() {
				r.value = recover()
			}
			if r.answer == leave {
				break
			}
		}
	}
}

// Init1 is Init0 for one value.
func (it *FuncIter[K, V]) Init1(u *Unwind, f func(yield func(K) bool)) {
	r := it.init(u)
	r.loop = func() {
		for k := range f {
			r.k = k
			for r.round() {
				r.value = recover()
			}
			if r.answer == leave {
				break
			}
		}
	}
}

// Init2 is Init0 for two values.
func (it *FuncIter[K, V]) Init2(u *Unwind, f func(yield func(K, V) bool)) {
	r := it.init(u)
	r.loop = func() {
		for k, v := range f {
			r.k, r.v = k, v
			for r.round() {
				r.value = recover()
			}
			if r.answer == leave {
				break
			}
		}
	}
}

func (it *FuncIter[K, V]) init(u *Unwind) *iteration[K, V] {
	r := &iteration[K, V]{rounds: rounds{unwind: u, turn: make(chan struct{})}}
	it.iteration = r
	return r
}

// Next has the iterator go on. It reports whether that has called yield again, and
// false once it is over.
func (it *FuncIter[K, V]) Next(cx *future.Context) bool {
	if it.step(cx, goOn) {
		return true
	}
	it.iteration = nil
	return false
}

// Key returns the first value that yield was called with.
func (it *FuncIter[K, V]) Key() K { return it.k }

// Value returns the second.
func (it *FuncIter[K, V]) Value() V { return it.v }

// Recover is recover() in the body of the loop, and not of a function or loop within.
func (it *FuncIter[K, V]) Recover(cx *future.Context) any { return it.recover(cx) }

// Stop has yield return false, and returns when the iterator is over.
func (it *FuncIter[K, V]) Stop(cx *future.Context) {
	r := it.iteration
	it.iteration = nil
	r.step(cx, leave)
}
