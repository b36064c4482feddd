package frame

import (
	"reflect"
	"runtime/debug"
)

// Raise throws the current panic, if there is one, at the deferred call around it.
func (u *Unwind) Raise() {
	if r := u.rest; r != nil && r.panicking {
		panic(r.value)
	}
}

// Caught recovers what the deferred call has left of the panics that were raised
// and begun in it: that is the current panic from now on, or there is none.
func (u *Unwind) Caught() {
	v := recover()
	switch r := u.rest; {
	case v == nil:
		if r != nil { // it was recovered, or hidden by Goexit
			r.calm()
		}
	case r == nil || !r.panicking || !same(r.value, v):
		u.more().replace(v, debug.Stack())
	default:
		r.value = v
	}
}

// same reports whether two panics have the same value, so that the later one is the
// earlier one going on or being thrown again. Values that cannot be compared are
// taken for the same if their types are.
func same(a, b any) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return !reflect.ValueOf(a).Comparable() || !reflect.ValueOf(b).Comparable() || a == b
}

// Recover is recover() in the body of a future that was deferred: it returns the
// value of the current panic of outer's function, and that panic ends when the
// future is Ready. It returns nil when there is no panic, when it was recovered
// already, and when outer is nil, as it is when the future was not deferred. outer
// is what the future's Deferred was given; only that future may call Recover, and
// only until it is Ready.
func (outer *Unwind) Recover() any {
	if outer == nil {
		return nil
	}
	r := outer.rest
	if r == nil || !r.began || !r.panicking || r.recovered {
		return nil
	}
	r.recovered = true
	return r.value
}

// DeferRecover is defer recover(), of the builtin function itself. It is made for
// the outer panic, see [Unwind.Recover], when the function is a deferred one itself
// and does not panic; else it does nothing.
func (u *Unwind) DeferRecover(outer *Unwind) {
	if outer == nil {
		return
	}
	u.Defer(func(u *Unwind) {
		if r := u.rest; r == nil || !r.panicking {
			outer.Recover()
		}
	})
}
