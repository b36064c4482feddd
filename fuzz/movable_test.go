package fuzz_test

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// A movable is a future that may be moved, rightly or wrongly.
type movable interface {
	use() error
	copied(kind int) movable
	move(kind int)
	overwrite(movable) bool
	finish() error
}

// item is a movable future of type F, and what should come of polling it.
type item[F any, P future.Ptr[F]] struct {
	w        *moveWorld
	at       func() *F
	free     func()
	pinned   uintptr // where it was polled first, or its original was; 0 if fresh
	original bool    // it is the one that was polled first
	linked   bool    // others point at it, so that it must not be overwritten
	exact    bool    // its errors say exactly where it was pinned
}

func newItem[F any, P future.Ptr[F]](w *moveWorld, f F, linked bool) *item[F, P] {
	it := &item[F, P]{w: w, linked: linked, exact: !linked}
	it.at, it.free = place(&f, 0)
	return it
}

// moved is the error with which a poll of it has to panic, if any.
func (it *item[F, P]) moved() *pin.MovedError {
	now := unsafeptr.Addr(it.at())
	if it.pinned == 0 || it.pinned == now {
		return nil
	}
	return &pin.MovedError{Pinned: it.pinned, Now: now}
}

func (it *item[F, P]) use() error {
	want := it.moved()
	got, err := it.w.poll(P(it.at()), false)
	if err != nil {
		return err
	}
	if want == nil {
		if it.pinned == 0 {
			it.pinned, it.original = unsafeptr.Addr(it.at()), true
		}
		if got.how != ends || got.p != future.Pending {
			return fmt.Errorf("a %T that was not moved ended by %v, %v, %v", it.at(), got.how, got.p, got.v)
		}
		return nil
	}
	err, _ = got.v.(error)
	e, ok := errors.AsType[*pin.MovedError](err)
	if !ok {
		return fmt.Errorf("a %T pinned at %#x was polled at %#x, and ended by %v, %v, %v", it.at(), want.Pinned, want.Now, got.how, got.p, got.v)
	}
	if it.exact && *e != *want {
		return fmt.Errorf("the error about a moved future (-want +got):\n%s", cmp.Diff(want, e))
	}
	return nil
}

func (it *item[F, P]) copied(kind int) movable {
	c := *it
	c.original = false
	c.at, c.free = place(it.at(), kind)
	return &c
}

// move puts the future elsewhere and forgets where it was; if it has started, that
// is the error which has to be found.
func (it *item[F, P]) move(kind int) {
	if it.original && it.linked {
		return // it has to be ended before its memory goes
	}
	old := *it
	it.original = false
	it.at, it.free = place(it.at(), kind)
	it.w.ended = append(it.w.ended, func() {
		if old.free != nil {
			old.free()
		}
		runtime.KeepAlive(old.at)
	})
}

// overwrite assigns another future of the same type to this one.
func (it *item[F, P]) overwrite(other movable) bool {
	o, ok := other.(*item[F, P])
	if !ok || it.linked {
		return false
	}
	*it.at() = *o.at()
	it.pinned, it.original = o.pinned, false
	return true
}

// finish cancels a future that has started and polls it until it is Ready.
func (it *item[F, P]) finish() error {
	if it.original {
		got, err := it.w.poll(P(it.at()), true)
		if err != nil || got.p != future.Ready {
			return fmt.Errorf("a cancelled %T that was not moved ended by %v, %v, %v, %v", it.at(), got.how, got.p, got.v, err)
		}
	}
	// The memory is kept to the end: a copy that came to lie where its original was
	// could not be told from it.
	it.w.ended = append(it.w.ended, func() {
		if it.free != nil {
			it.free()
		}
		runtime.KeepAlive(it.at)
	})
	return nil
}
