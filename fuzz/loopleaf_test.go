package fuzz_test

import (
	"runtime"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// A leaf is what is known of one scripted future, in the model and by what it
// notices itself. It is fired by an op, and then ends at its next poll.
type leaf struct {
	w  *loopWorld
	id int

	yields   int // how often it wakes itself before it waits
	stubborn int // how many polls it takes to end when it is cancelled

	fired   bool
	ending  ending // of the poll after it was fired
	made    bool   // its future is there
	nested  bool   // in a part that is dropped before its task is
	started bool
	ready   bool // it returned Ready, panicked or ended its goroutine
	ended   ending
	drops   int

	waker   future.Waker
	unheard bool // it was woken and not polled since
	solo    bool // it is a task of its own: nothing else may have it polled
	due     bool // it is solo, and something has happened after which it has to be polled

	op    operation // what it waits for before it waits to be fired; nil when it has that
	waits waitsFor  // what op waits for
}

// An operation is one with a synchronisation primitive.
type operation interface {
	future.Future
	// taken is called when the operation is Ready, and reports whether it has
	// obtained something that is held until the leaf ends.
	taken() (holds bool)
	// give gives back what was obtained.
	give(cx *future.Context)
}

// wake wakes the leaf by a function that does so, at once.
func (l *leaf) wake(by func(future.Waker)) {
	if !l.started || l.ready {
		return
	}
	l.unheard, l.due = true, true
	by(l.waker)
}

// leafFuture is the future of a leaf.
type leafFuture struct {
	anchor pin.Anchor
	leaf   *leaf
	op     operation // nil when it is over and has obtained nothing
	waits  bool      // op is not over
	holds  bool
	asked  bool
}

func newLeafFuture(l *leaf) future.Future {
	l.made = true
	return &leafFuture{leaf: l, op: l.op, waits: l.op != nil}
}

func (f *leafFuture) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	l := f.leaf
	switch {
	case l.ready:
		l.w.wrong("leaf %d was polled after it was Ready", l.id)
	case l.drops > 0:
		l.w.wrong("leaf %d was polled after it was dropped", l.id)
	case l.solo && !l.due && !l.w.loose:
		l.w.wrong("leaf %d was polled though nobody woke it", l.id)
	}
	l.started, l.unheard, l.due = true, false, false
	l.waker = cx.Waker()
	if f.waits && f.operate(cx) == future.Pending {
		return future.Pending
	}
	switch {
	case l.fired:
		f.giveBack(cx)
		l.ready, l.ended = true, l.ending
		switch l.ending {
		case panics:
			panic(errPanic)
		case exits:
			runtime.Goexit()
		}
		return future.Ready
	case cx.Canceled() || f.asked:
		if l.stubborn > 0 {
			l.stubborn--
			l.wake(cx.Wake)
			return future.Pending
		}
		f.giveBack(cx)
		l.ready = true
		return future.Ready
	case l.yields > 0:
		l.yields--
		l.wake(cx.Wake)
	}
	return future.Pending
}

// operate polls the leaf's operation.
func (f *leafFuture) operate(cx *future.Context) future.Poll {
	if c, ok := f.op.(future.Canceler); ok && f.asked {
		c.Cancel()
	}
	if f.op.Poll(cx) == future.Pending {
		return future.Pending
	}
	f.waits, f.holds = false, f.op.taken()
	f.leaf.op = nil
	return future.Ready
}

func (f *leafFuture) giveBack(cx *future.Context) {
	if f.holds {
		f.holds = false
		f.op.give(cx)
	}
}

func (f *leafFuture) Cancel() { f.asked = true }

func (f *leafFuture) Drop() {
	l := f.leaf
	if l.drops++; l.drops > 1 {
		l.w.wrong("leaf %d was dropped %d times", l.id, l.drops)
	}
	if l.started && !l.ready {
		l.w.wrong("leaf %d was dropped half way", l.id)
	}
	if err := f.anchor.Err(); err != nil {
		l.w.wrong("leaf %d: %v", l.id, err)
	}
}

// A box is a future of any type, to be a child of generic composites. What it boxes is
// allocated, so that it can be watched; the box itself is copied and pinned.
type box struct {
	anchor pin.Anchor
	future.Future
}

func (b *box) Poll(cx *future.Context) future.Poll {
	b.anchor.Check()
	return b.Future.Poll(cx)
}

func (b *box) Cancel() {
	if c, ok := b.Future.(future.Canceler); ok {
		c.Cancel()
	}
}

func (b *box) Drop() {
	if d, ok := b.Future.(pin.Dropper); ok {
		d.Drop()
	}
}
