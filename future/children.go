package future

import (
	"fmt"
	"iter"
	"math/bits"

	"github.com/pinion-go/pinion/pin"
)

// children is what [All], [Race], [TryAll] and [ForEach] are made of: futures of
// one type in a pinned block, of which only those that were woken are polled.
//
// A poll of n woken children costs O(n), whatever the size of the set, and stops
// when the task's budget is used up. Children that were never polled come first,
// then those that were woken, in the order of their wakes; one that is woken
// during the poll has to wait for the next. So a child that is always ready holds
// up neither its siblings nor other tasks.
//
// A child's panic stops the set: the others are cancelled, and when all are done
// the set panics in its turn. A child's Goexit ends the whole task, and with it
// the others are aborted.
type children[F any, P Ptr[F]] struct {
	anchor   pin.Anchor
	block    *pin.Block[F]   // nil until the first poll
	more     []*pin.Block[F] // of a set that has grown: each is as large as all before it
	slots    []uint32        // of children that were polled and are not done; else 0
	set      uint32
	live     int  // children that were polled and are not done
	polling  int  // the child being polled, or -1, for a panic
	stopped  bool // the children are to be cancelled
	told     bool // those that wait were woken to see that they are cancelled
	asked    bool // Cancel was called
	withdrew bool // a cancelled child panicked with ErrCanceled
	over     bool
	panicked *PanicError
}

// feeder is the composite around a set of children.
type feeder interface {
	// next returns the number of a child that is there and was never polled.
	next(cx *Context) (pos int, ok bool)
	// settled is called when a child is Ready.
	settled(cx *Context, pos int)
	// exhausted reports that no further children will come.
	exhausted() bool
	// abort ends in an abort what next waits for, and reports whether it could.
	abort(cx *Context) bool
}

// open makes room for n children.
func (c *children[F, P]) open(cx *Context, n int) {
	block, err := pin.NewBlock[F](n)
	if err != nil {
		panic(err)
	}
	c.block, c.slots, c.set = block, make([]uint32, n), cx.openSet()
}

// size returns the number of children that there is room for.
func (c *children[F, P]) size() int { return c.block.Len() << len(c.more) }

// at returns child i.
func (c *children[F, P]) at(i int) *F {
	n := c.block.Len()
	if i < n {
		return c.block.At(i)
	}
	k := bits.Len(uint(i/n)) - 1
	return c.more[k].At(i - n<<k)
}

// grow doubles the size.
func (c *children[F, P]) grow() {
	n := c.size()
	block, err := pin.NewBlock[F](n)
	if err != nil {
		panic(err)
	}
	c.more, c.slots = append(c.more, block), append(c.slots, make([]uint32, n)...)
}

// unpin gives up the blocks.
func (c *children[F, P]) unpin() {
	c.block.Close()
	for _, b := range c.more {
		b.Close()
	}
}

// poll polls the set on behalf of from, of which kind is the name. The set must
// be open.
func (c *children[F, P]) poll(cx *Context, from feeder, kind string) Poll {
	if cx.aborting {
		if c.abortAll(cx, from); c.over {
			cx.abort()
		}
		return Pending // some have survived
	}
	entries := cx.enterSet(c.set)
	more := false // the budget was used up
	for ok := false; !ok; {
		more, ok = c.pollSome(cx, from, kind, &entries)
	}
	if c.live > 0 || !from.exhausted() {
		if more {
			cx.Wake(cx.Waker())
		}
		return Pending
	}
	c.close(cx)
	if c.panicked != nil {
		panic(c.panicked)
	}
	if c.withdrew {
		panic(ErrCanceled)
	}
	return Ready
}

// pollSome polls children until there is nothing to poll, or the budget is used
// up. ok is false when one of them panicked.
func (c *children[F, P]) pollSome(cx *Context, from feeder, kind string, entries *int) (more, ok bool) {
	parent := *cx
	defer func() {
		cx.slot, cx.gen, cx.canceled = parent.slot, parent.gen, parent.canceled
		if !ok {
			c.caught(cx, from, kind, recover())
		}
	}()
	c.polling = -1
	for cx.budget > 0 {
		if cx.canceled = parent.canceled || c.stopped; cx.canceled && !c.told {
			c.told = true
			c.wakeAll(cx)
		}
		pos, fresh := from.next(cx)
		switch {
		case fresh:
			c.slots[pos] = cx.adopt(c.set, uint32(pos))
			c.live++
		case c.stopped && !c.told:
			continue // next has failed
		case *entries == 0:
			return false, true
		default:
			*entries--
			_, n, woken := cx.nextChild(c.set)
			if !woken {
				continue
			}
			pos = int(n)
		}
		before := cx.budget
		c.polling = pos
		p := cx.pollChild(c.slots[pos], P(c.at(pos)))
		c.polling = -1
		if cx.budget == before {
			// What is inside has taken nothing. If sets took some at each level, there would
			// be nothing left for those that lie deep enough, in any poll.
			cx.budget--
		}
		if p {
			c.slots[pos] = 0
			c.live--
			from.settled(cx, pos)
		}
	}
	return true, true
}

// caught deals with a panic, or with a Goexit if v is nil, of the child being
// polled or else of the composite.
func (c *children[F, P]) caught(cx *Context, from feeder, kind string, v any) {
	if c.polling >= 0 {
		cx.budget--
		cx.endChild(c.slots[c.polling])
		c.slots[c.polling] = 0
		c.live--
	}
	if v == nil {
		c.abortAll(cx, from)
		return
	}
	if v == ErrCanceled && (cx.canceled || c.stopped) {
		if !c.stopped || c.asked {
			c.withdrew = true
		} // else the set has made up its mind, and does without this child, or the stream
		return
	}
	if c.panicked == nil {
		who := kind
		if c.polling >= 0 {
			who = fmt.Sprintf("child %d of %s", c.polling, kind)
		}
		c.panicked = cx.newPanicError(who, "a poll", v)
	}
	c.stopped = true
}

// wakeAll has every child polled that is not done.
func (c *children[F, P]) wakeAll(cx *Context) {
	for _, slot := range c.slots {
		if slot != 0 {
			cx.wakeChild(slot)
		}
	}
}

// abortAll aborts the children, and closes the set unless some of them survive.
func (c *children[F, P]) abortAll(cx *Context, from feeder) {
	for pos, slot := range c.slots {
		if slot != 0 && cx.abortSetChild(slot, P(c.at(pos))) {
			c.slots[pos] = 0
			c.live--
		}
	}
	if from.abort(cx) && c.live == 0 {
		c.close(cx)
	}
}

func (c *children[F, P]) close(cx *Context) {
	if c.over {
		return
	}
	c.over = true
	cx.closeSet(c.set)
	c.unpin()
	c.slots = nil
}

// Cancel implements [Canceler]: it asks the children to finish, at the next poll.
func (c *children[F, P]) Cancel() {
	c.asked = c.asked || !c.stopped
	c.stopped = true
}

// drop drops the children for which has is true, last first. Children that were
// left behind half way, since the set was never polled again after a panic of the
// task around it, are leaked and not dropped: operations in them may be under way.
func (c *children[F, P]) drop(has func(i int) bool) {
	if c.live == 0 {
		c.unpin()
	}
	dropEach(c.size(), func(i int) {
		if has(i) && (c.slots == nil || c.slots[i] == 0) {
			dropFuture(P(c.at(i)))
		}
	})
}

// dropFuture calls f's Drop if it has one.
func dropFuture(f Future) {
	if d, ok := f.(pin.Dropper); ok {
		d.Drop()
	}
}

// dropEach calls drop for n-1 down to 0. A drop that panics or calls Goexit does
// not keep the others from being called.
func dropEach(n int, drop func(i int)) {
	defer func() {
		if n > 0 {
			dropEach(n, drop)
		}
	}()
	for n > 0 {
		n--
		drop(n)
	}
}

// family is a set of which all children are there from the start.
type family[F any, P Ptr[F]] struct {
	children[F, P]
	fresh []F // until the first poll
	first int // the child that was polled first
	begun int // children that were polled
}

// pollFamily polls the set on behalf of from, of which kind is the name.
func (f *family[F, P]) pollFamily(cx *Context, from feeder, kind string) Poll {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	if f.block == nil {
		if len(f.fresh) == 0 {
			f.over = true
			return Ready
		}
		f.open(cx, len(f.fresh))
		for i := range f.fresh {
			*f.block.At(i) = f.fresh[i]
		}
		f.first = cx.Choose(ChooseBranch, len(f.fresh))
		f.fresh = nil
	}
	return f.poll(cx, from, kind)
}

// Drop implements [pin.Dropper]: it drops the children, last first, also when one
// of them panics in its Drop.
func (f *family[F, P]) Drop() {
	if f.block != nil {
		f.drop(func(int) bool { return true })
		return
	}
	dropEach(len(f.fresh), func(i int) { dropFuture(P(&f.fresh[i])) })
}

func (f *family[F, P]) next(*Context) (pos int, ok bool) {
	n := f.block.Len()
	if f.begun == n {
		return 0, false
	}
	f.begun++
	return (f.first + f.begun - 1) % n, true
}

func (f *family[F, P]) exhausted() bool { return f.begun == f.block.Len() }

func (f *family[F, P]) abort(*Context) bool { return true }

func (f *family[F, P]) settled(*Context, int) {}

// Len returns the number of children.
func (f *family[F, P]) Len() int {
	if f.block == nil {
		return len(f.fresh)
	}
	return f.block.Len()
}

// At returns child i. It may be used for its result once the set is Ready.
func (f *family[F, P]) At(i int) *F {
	if f.block == nil {
		return &f.fresh[i]
	}
	return f.block.At(i)
}

// Each returns the children in order.
func (f *family[F, P]) Each() iter.Seq2[int, *F] {
	return func(yield func(int, *F) bool) {
		for i := range f.Len() {
			if !yield(i, f.At(i)) {
				return
			}
		}
	}
}
