package future

import (
	"fmt"
	"iter"

	"github.com/pinion-go/pinion/pin"
)

// All returns a future that is Ready when all of fs are. It moves the fresh
// futures into a pinned block of its own at its first poll. Each has a waker of
// its own: a poll of the set polls only the children that were woken, so that a
// set of n children costs O(n) altogether, and at most a budget's worth of them
// at a time, so that a child that is always ready starves nobody.
//
// A child that panics does not leave the others behind: they are cancelled, and
// when all are done the set panics with the first child's *PanicError.
func All[F any, P Ptr[F]](fs ...F) AllFuture[F, P] { return AllFuture[F, P]{fresh: fs} }

// AllFuture is the future of [All].
type AllFuture[F any, P Ptr[F]] struct {
	fresh    []F // until the first poll
	block    *pin.Block[F]
	slots    []uint32 // of children that were polled and are not done; else 0
	set      uint32
	begun    int // children that have been polled
	done     int
	polling  int // the child being polled, for a panic
	canceled bool
	told     bool // the children were woken to see that they are cancelled
	over     bool
	panicked *PanicError
}

// Poll implements [Future].
func (f *AllFuture[F, P]) Poll(cx *Context) Poll {
	if f.over {
		return Ready
	}
	if f.block == nil {
		if len(f.fresh) == 0 {
			f.over = true
			return Ready
		}
		if err := f.begin(cx); err != nil {
			panic(err)
		}
	}
	if cx.aborting {
		f.abort(cx)
	}
	was := *cx
	for ok := false; !ok; { // false: a child panicked
		cx.slot, cx.gen = was.slot, was.gen
		cx.canceled = was.canceled || f.canceled
		if cx.canceled && !f.told {
			f.tellCanceled(cx)
		}
		ok = f.pollSome(cx)
	}
	cx.canceled = was.canceled
	if f.done < f.block.Len() {
		return Pending
	}
	cx.closeSet(f.set)
	f.block.Close()
	f.over, f.slots = true, nil
	if f.panicked != nil {
		panic(f.panicked)
	}
	return Ready
}

func (f *AllFuture[F, P]) begin(cx *Context) error {
	block, err := pin.NewBlock[F](len(f.fresh))
	if err != nil {
		return err
	}
	for i := range f.fresh {
		*block.At(i) = f.fresh[i]
	}
	f.slots = make([]uint32, len(f.fresh))
	f.fresh, f.block, f.set = nil, block, cx.openSet()
	return nil
}

// pollSome polls the children that were woken and some of those never polled, as
// far as the budget goes. It returns false if one of them panicked.
func (f *AllFuture[F, P]) pollSome(cx *Context) (ok bool) {
	defer func() {
		if !ok {
			f.caught(cx, recover())
		}
	}()
	for f.done < f.block.Len() {
		slot, pos, woken := cx.nextChild(f.set)
		if !woken && f.begun == f.block.Len() {
			break
		}
		if !woken {
			pos = uint32(f.begun)
			slot = cx.adopt(f.set, pos)
			f.slots[pos] = slot
			f.begun++
		}
		f.polling = int(pos)
		if cx.pollChild(slot, P(f.block.At(int(pos)))) {
			f.slots[pos] = 0
			f.done++
		}
		if cx.budget--; cx.budget <= 0 && f.done < f.block.Len() {
			cx.Wake(cx.Waker())
			break
		}
	}
	return true
}

// caught notes a child's panic and cancels the other children.
func (f *AllFuture[F, P]) caught(cx *Context, v any) {
	if v == nil {
		return // Goexit ends the whole task
	}
	if f.panicked == nil {
		f.panicked = newPanicError(fmt.Sprintf("child %d of All", f.polling), "a poll", v)
	}
	cx.endChild(f.slots[f.polling])
	f.slots[f.polling] = 0
	f.done++
	f.canceled = true
}

// tellCanceled has every child polled that is waiting, so that it sees that it
// is cancelled.
func (f *AllFuture[F, P]) tellCanceled(cx *Context) {
	f.told = true
	for _, slot := range f.slots {
		if slot != 0 {
			cx.wakeChild(slot)
		}
	}
}

// abort ends the children one by one, and then the poll.
func (f *AllFuture[F, P]) abort(cx *Context) {
	for i, slot := range f.slots {
		if slot != 0 {
			cx.abortChild(P(f.block.At(i)))
		}
	}
	cx.abort()
}

// Cancel implements [Canceler].
func (f *AllFuture[F, P]) Cancel() { f.canceled = true }

// Len returns the number of children.
func (f *AllFuture[F, P]) Len() int {
	if f.block == nil {
		return len(f.fresh)
	}
	return f.block.Len()
}

// At returns child i. It may be used for its result once the set is Ready.
func (f *AllFuture[F, P]) At(i int) *F {
	if f.block == nil {
		return &f.fresh[i]
	}
	return f.block.At(i)
}

// Each returns the children in order.
func (f *AllFuture[F, P]) Each() iter.Seq2[int, *F] {
	return func(yield func(int, *F) bool) {
		for i := range f.Len() {
			if !yield(i, f.At(i)) {
				return
			}
		}
	}
}

// Drop implements [pin.Dropper]: it drops the children, last first.
func (f *AllFuture[F, P]) Drop() {
	if f.block == nil {
		return
	}
	for i := f.block.Len() - 1; i >= 0; i-- {
		if d, ok := any(f.block.At(i)).(pin.Dropper); ok {
			d.Drop()
		}
	}
	f.block.Close()
}
