package frame

import (
	"reflect"
	"runtime"

	"github.com/pinion-go/pinion/future"
)

// YieldFuture is a call of yield in an iterator that is compiled.
type YieldFuture struct {
	of *steps // nil if it is over
	ok bool
}

// Yield0 makes f the future of a call of yield. If that is not of a [StepIter], it has
// been called when Yield0 returns.
func Yield0(f *YieldFuture, cx *future.Context, yield func() bool) {
	if f.of = stepsOf(cx, yield); f.of == nil {
		f.ok = yield()
		return
	}
	f.of.lifted = true
	defer f.of.called()
	yield()
}

// Yield1 is Yield0 for one value.
func Yield1[K any](f *YieldFuture, cx *future.Context, yield func(K) bool, k K) {
	if f.of = stepsOf(cx, yield); f.of == nil {
		f.ok = yield(k)
		return
	}
	f.of.lifted = true
	defer f.of.called()
	yield(k)
}

// Yield2 is Yield0 for two values.
func Yield2[K, V any](f *YieldFuture, cx *future.Context, yield func(K, V) bool, k K, v V) {
	if f.of = stepsOf(cx, yield); f.of == nil {
		f.ok = yield(k, v)
		return
	}
	f.of.lifted = true
	defer f.of.called()
	yield(k, v)
}

func (s *steps) called() { s.lifted = false }

// stepsOf returns the loop whose iterator is being polled if yield is that loop's, or
// nil. One of another loop has the same entry perhaps, but is not told that it is lifted.
func stepsOf(cx *future.Context, yield any) *steps {
	s, _ := cx.Iterator().(*steps)
	if s == nil || reflect.ValueOf(yield).Pointer() != s.entry {
		return nil
	}
	return s
}

// Poll is Ready when the body is over.
func (f *YieldFuture) Poll(cx *future.Context) future.Poll {
	s := f.of
	if s == nil {
		return future.Ready
	}
	if s.inBody {
		return future.Pending
	}
	f.of = nil
	switch s.answer {
	case panics:
		throw(cx, s.value, s.stack, s.exits)
	case exits:
		runtime.Goexit()
	}
	f.ok = s.answer == goOn
	return future.Ready
}

// Result returns what yield did.
func (f *YieldFuture) Result() bool { return f.ok }
