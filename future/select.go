package future

// Select2 returns a future that waits until a or b is Ready, cancels the other,
// and waits for that too: Winner tells which was first, and the other's result is
// what it obtained nevertheless, often [ErrCanceled]. Nothing that either obtained
// is lost. Both lie inside it; which is polled first changes from poll to poll.
//
// It differs from Rust's select!, which drops the losers and with them what they
// had: see "completion stored and dropped before the next poll" (tokio 7979).
//
// For many futures of one type see [Race].
func Select2[A, B any, PA Ptr[A], PB Ptr[B]](a A, b B) Select2Future[A, B, PA, PB] {
	return Select2Future[A, B, PA, PB]{a: a, b: b}
}

// Select2Future is the future of [Select2].
type Select2Future[A, B any, PA Ptr[A], PB Ptr[B]] struct {
	branches
	a A
	b B
}

// Poll implements [Future].
func (f *Select2Future[A, B, PA, PB]) Poll(cx *Context) Poll {
	return f.poll(cx, "Select2", raceAny, []Future{PA(&f.a), PB(&f.b)})
}

// A returns the first child, child 0. It may be used for its result once the
// select is Ready, whether it has won or not.
func (f *Select2Future[A, B, PA, PB]) A() *A { return &f.a }

// B returns the second child, child 1.
func (f *Select2Future[A, B, PA, PB]) B() *B { return &f.b }

// Winner returns the number of the child that was Ready first, or -1 before.
func (f *Select2Future[A, B, PA, PB]) Winner() int { return int(f.winner) - 1 }

// Drop implements [pin.Dropper]: it drops the children, last first.
func (f *Select2Future[A, B, PA, PB]) Drop() { f.drop([]Future{PA(&f.a), PB(&f.b)}) }

// Select3 is [Select2] of three futures.
func Select3[A, B, C any, PA Ptr[A], PB Ptr[B], PC Ptr[C]](a A, b B, c C) Select3Future[A, B, C, PA, PB, PC] {
	return Select3Future[A, B, C, PA, PB, PC]{a: a, b: b, c: c}
}

// Select3Future is the future of [Select3].
type Select3Future[A, B, C any, PA Ptr[A], PB Ptr[B], PC Ptr[C]] struct {
	branches
	a A
	b B
	c C
}

// Poll implements [Future].
func (f *Select3Future[A, B, C, PA, PB, PC]) Poll(cx *Context) Poll {
	return f.poll(cx, "Select3", raceAny, []Future{PA(&f.a), PB(&f.b), PC(&f.c)})
}

// A returns the first child, child 0. It may be used for its result once the
// select is Ready, whether it has won or not.
func (f *Select3Future[A, B, C, PA, PB, PC]) A() *A { return &f.a }

// B returns the second child, child 1.
func (f *Select3Future[A, B, C, PA, PB, PC]) B() *B { return &f.b }

// C returns the third child, child 2.
func (f *Select3Future[A, B, C, PA, PB, PC]) C() *C { return &f.c }

// Winner returns the number of the child that was Ready first, or -1 before.
func (f *Select3Future[A, B, C, PA, PB, PC]) Winner() int { return int(f.winner) - 1 }

// Drop implements [pin.Dropper]: it drops the children, last first.
func (f *Select3Future[A, B, C, PA, PB, PC]) Drop() {
	f.drop([]Future{PA(&f.a), PB(&f.b), PC(&f.c)})
}
