package frame

import (
	"errors"
	"reflect"

	"github.com/pinion-go/pinion/future"
)

// StepIter is a range statement over a function that is compiled itself: the iterator is
// a future, which is left off where it calls yield. There is no goroutine.
//
//	the future                         the iterator, a future too
//	Poll ----------------------------> Poll
//	                                     suspends for reasons of its own
//	Pending <------------------------- Pending
//	Poll ----------------------------> Poll
//	                                     YieldFuture, Pending the first time
//	Ready, More <--------------------- Pending
//	body, may suspend
//	Poll ----------------------------> Poll
//	                                     YieldFuture, Ready with true
//	Ready, not More <----------------- Ready: over
//
// What leaves the body calls Leave and then polls until Ready. Panics and Goexit, and
// iterators that go on when they should not, are treated as in a [FuncIter]. What it was
// given for yield can be called by compiled functions alone, each of which has
// it as a parameter called yield; other callers get [ErrPlainYield]. The zero StepIter
// is that of no loop.
type StepIter[K, V any] struct{ *stepped[K, V] }

type stepped[K, V any] struct {
	steps
	k K
	v V
}

// ErrPlainYield is what a yield panics with that suspends, when it is called by a
// function that cannot.
var ErrPlainYield = errors.New("frame: the yield of a loop whose body suspends was called by a function that is not compiled; " +
	"mark that function //pinion:async and call its parameter yield, or range over it and call yield in the loop")

// Init begins a range in the function that u is of. Over must follow.
func (it *StepIter[K, V]) Init(u *Unwind) { it.stepped = &stepped[K, V]{steps: steps{unwind: u}} }

// Over says what future the iterator is, which was given the yield of it and must not
// have been polled. It must stay where it is until it is Ready.
func (it *StepIter[K, V]) Over(iterator future.Future) { it.iterator = iterator }

// Yield0 is the iterator's yield if that takes no value. Of the three only one may be
// called, once.
func (it *StepIter[K, V]) Yield0() func() bool {
	r := it.stepped
	yield := func() bool { return r.yields() }
	r.entry = reflect.ValueOf(yield).Pointer()
	return yield
}

// Yield1 is Yield0 for one value.
func (it *StepIter[K, V]) Yield1() func(K) bool {
	r := it.stepped
	yield := func(k K) bool {
		r.k = k
		return r.yields()
	}
	r.entry = reflect.ValueOf(yield).Pointer()
	return yield
}

// Yield2 is Yield0 for two values.
func (it *StepIter[K, V]) Yield2() func(K, V) bool {
	r := it.stepped
	yield := func(k K, v V) bool {
		r.k, r.v = k, v
		return r.yields()
	}
	r.entry = reflect.ValueOf(yield).Pointer()
	return yield
}

// Poll has the iterator go on. It is Ready when that has called yield, or is over.
func (it *StepIter[K, V]) Poll(cx *future.Context) future.Poll {
	if it.poll(cx) == future.Pending {
		return future.Pending
	}
	if it.over {
		it.stepped = nil
	}
	return future.Ready
}

// More reports whether the iterator has called yield, and is not over.
func (it *StepIter[K, V]) More() bool { return it.stepped != nil }

// Key returns the first value that yield was called with.
func (it *StepIter[K, V]) Key() K { return it.k }

// Value returns the second.
func (it *StepIter[K, V]) Value() V { return it.v }

// Leave has yield return false at the next poll, and be over for good.
func (it *StepIter[K, V]) Leave() { it.answer = leave }

// Suspended says where the iterator waits.
func (it *StepIter[K, V]) Suspended() string {
	if it.stepped == nil {
		return ""
	}
	if s, ok := it.iterator.(future.Suspender); ok {
		return s.Suspended()
	}
	return ""
}

// steps is the part of a stepped that does not depend on its values.
type steps struct {
	unwind   *Unwind
	iterator future.Future
	entry    uintptr // of the function that is its yield
	state    rangeState
	inBody   bool // the iterator waits for the body
	over     bool // the iterator has ended, in whatever way
	lifted   bool // yield is being called by a YieldFuture
	answer   answer
	value    any // of the panic that the answer is
	stack    []byte
	exits    bool
}

func (s *steps) poll(cx *future.Context) future.Poll {
	if s.inBody {
		s.inBody = false
		s.unwind.leave()
		if s.state = rangeReady; s.answer == leave {
			s.state = rangeDone
		}
	}
	p := s.advance(cx)
	if s.inBody {
		s.unwind.enter(s)
		return future.Ready
	}
	return p
}

// advance polls the iterator, which is over when it does not return Pending.
func (s *steps) advance(cx *future.Context) future.Poll {
	ended := true
	defer func() { s.over = ended }()
	if cx.PollIterator(s.iterator, s) == future.Pending {
		ended = false
		return future.Pending
	}
	lost := s.state == rangePanicked
	s.state = rangeExhausted
	if lost {
		rangeMisused(panicLost)
	}
	return future.Ready
}

// yields is yield but for its values. What it returns matters to nobody.
func (s *steps) yields() bool {
	switch was := s.state; {
	case was != rangeReady:
		s.state = rangePanicked
		rangeMisused(was)
	case s.over:
		rangeMisused(rangeExhausted) // it was left by a panic
	case !s.lifted:
		panic(ErrPlainYield)
	}
	s.state, s.inBody = rangePanicked, true
	return false
}

// through has the iterator polled until it is over, as a deferred call.
func (s *steps) through(u *Unwind, _ *future.Context, exiting bool) (later bool) {
	s.answer, s.exits = exits, exiting
	if m := u.rest; m.panicking {
		s.answer, s.value, s.stack = panics, m.value, m.stack
	}
	s.inBody = false
	u.DeferAsync((*throughIterator)(s))
	return true
}

// throughIterator is an iterator whose call of yield is about to panic, or to call
// Goexit.
type throughIterator steps

func (t *throughIterator) Poll(cx *future.Context) future.Poll { return (*steps)(t).advance(cx) }
