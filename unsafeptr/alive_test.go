package unsafeptr_test

import (
	"runtime"
	"testing"
	"weak"
)

// An object is large enough not to share an allocation with others.
type object struct {
	id      uint64
	payload [120]byte
}

// tracked returns a new object and a function that says whether it was collected.
//
//go:noinline
func tracked() (o *object, gone func() bool) {
	o = &object{id: 0x1d}
	w := weak.Make(o)
	return o, func() bool { return w.Value() == nil }
}

// waitGone collects until gone, which a conservative scan of the stack may delay.
func waitGone(t *testing.T, gone func() bool) {
	t.Helper()
	for range 100 {
		growStack(16)
		runtime.GC()
		if gone() {
			return
		}
	}
	t.Error("object still alive after 100 collections without a reference to it")
}

func TestTrackedObjectGoesWhenNothingHoldsIt(t *testing.T) {
	o, gone := tracked()
	churn()
	if gone() {
		t.Fatal("collected while held")
	}
	runtime.KeepAlive(o)
	o = nil
	waitGone(t, gone)
}
