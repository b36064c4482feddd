package future

import (
	"fmt"

	"github.com/pinion-go/pinion/pin"
)

// branches is what a composite knows of its few children, which lie beside it in
// one frame, differ in type and share its waker: [Join], [Select2], [Timeout] and
// [WithContext].
//
// Each poll polls every child that is not Ready once. When they are to be
// cancelled, those that were polled before that was known are polled once more.
// Whoever is polled first may use up the task's budget; hence the order changes.
//
// A panic cancels the other children, and comes out of the composite when they
// are done. A Goexit ends the whole task; the other children are then aborted.
type branches struct {
	anchor   pin.Anchor
	started  uint8 // sets of children
	done     uint8
	todo     uint8 // those left to be polled in this poll
	polling  int8
	winner   int8 // 1 + the first that was Ready; 0 while there is none
	stopped  bool // the children are to be cancelled
	withdrew bool // a cancelled child panicked with ErrCanceled, and that counts
	over     bool
	panicked *PanicError
}

// order says what a composite does with its children.
type order uint8

const (
	joinAll    order = iota // waits for all
	raceAny                 // cancels the others when one is Ready, and waits for all
	raceInTurn              // the same of one child and an alarm; always polls the first one first
)

// poll polls kids, which must be the same ones in each poll.
func (b *branches) poll(cx *Context, kind string, o order, kids []Future) Poll {
	if b.over {
		return Ready
	}
	b.anchor.Check()
	if cx.aborting {
		return b.abort(cx, kids)
	}
	b.todo = b.left(kids)
	first := 0
	if o != raceInTurn {
		first = cx.Choose(ChooseBranch, len(kids))
	}
	for b.todo != 0 {
		b.pollSome(cx, kind, o, kids, first)
	}
	if b.left(kids) != 0 {
		return Pending
	}
	b.over = true
	if b.panicked != nil {
		panic(b.panicked)
	}
	if b.withdrew && o != raceInTurn {
		panic(ErrCanceled)
	}
	return Ready
}

// pollAlarmed is poll of a child and the alarm that may cancel it. rang reports
// whether that is why the child has ended. If it has withdrawn for another reason there
// is no result to speak of.
func (b *branches) pollAlarmed(cx *Context, kind string, kids []Future, rang func() bool) Poll {
	if b.over {
		return Ready
	}
	p := b.poll(cx, kind, raceInTurn, kids)
	if p == Ready && b.withdrew && !rang() {
		panic(ErrCanceled)
	}
	return p
}

// left returns the children that are not done.
func (b *branches) left(kids []Future) uint8 { return (1<<len(kids) - 1) &^ b.done }

// pollSome polls the children in todo until one of them panics.
func (b *branches) pollSome(cx *Context, kind string, o order, kids []Future, first int) {
	canceled := cx.canceled
	ok := false
	defer func() {
		cx.canceled = canceled
		if !ok {
			b.caught(cx, kind, o, kids, recover())
		}
	}()
	for i := range kids {
		i = (first + i) % len(kids)
		bit := uint8(1) << i
		if b.todo&bit == 0 {
			continue
		}
		b.todo &^= bit
		b.started |= bit
		b.polling = int8(i)
		cx.canceled = canceled || b.stopped
		if kids[i].Poll(cx) == Pending {
			continue
		}
		b.done |= bit
		if b.winner == 0 {
			b.winner = int8(i) + 1
			if o != joinAll {
				b.stop(kids)
				b.withdrew = b.withdrew && o == raceInTurn // it may be the alarm that was cancelled
			}
		}
	}
	ok = true
}

// stop cancels the children that are not done, and has all of them polled, also
// those that already were.
func (b *branches) stop(kids []Future) {
	if !b.stopped {
		b.todo = b.left(kids)
	}
	b.stopped = true
}

// caught deals with a panic of the child being polled, or with its Goexit if v is
// nil.
func (b *branches) caught(cx *Context, kind string, o order, kids []Future, v any) {
	b.done |= 1 << b.polling
	if v == nil {
		b.abortAll(cx, kids)
		return
	}
	if v == ErrCanceled && (cx.canceled || b.stopped) {
		if o != raceAny || b.winner == 0 {
			b.withdrew = true
		} // else the race is decided, and does without this child
		return
	}
	if b.panicked == nil {
		b.panicked = cx.newPanicError(fmt.Sprintf("child %d of %s", b.polling, kind), "a poll", v)
	}
	b.stop(kids)
}

// abort aborts the children, and then the poll. It returns Pending if some of them
// survive.
func (b *branches) abort(cx *Context, kids []Future) Poll {
	b.abortAll(cx, kids)
	if b.started == b.done {
		cx.abort()
	}
	return Pending
}

func (b *branches) abortAll(cx *Context, kids []Future) {
	for i, k := range kids {
		bit := uint8(1) << i
		if b.started&^b.done&bit == 0 {
			continue
		}
		if p, err := cx.abortChild(k); p == Ready || err != nil {
			b.done |= bit
		}
	}
}

// drop drops the children, last first. Those that were left behind half way are
// leaked, as in children.drop.
func (b *branches) drop(kids []Future) {
	dropEach(len(kids), func(i int) {
		if (b.started&^b.done)>>i&1 == 0 {
			dropFuture(kids[i])
		}
	})
}

// Cancel implements [Canceler]: it asks the children to finish, at the next poll.
func (b *branches) Cancel() { b.stopped = true }
