package future

// Join returns a future that is Ready when a and b are. Both lie inside it and are
// polled in turns, with its waker, until each is Ready. If one panics, the other
// is cancelled, and when it is done the panic goes on.
//
// For many futures of one type see [All], for tasks [Scope].
func Join[A, B any, PA Ptr[A], PB Ptr[B]](a A, b B) JoinFuture[A, B, PA, PB] {
	return JoinFuture[A, B, PA, PB]{a: a, b: b}
}

// JoinFuture is the future of [Join]. The results are in its children.
type JoinFuture[A, B any, PA Ptr[A], PB Ptr[B]] struct {
	branches
	a A
	b B
}

// Poll implements [Future].
func (f *JoinFuture[A, B, PA, PB]) Poll(cx *Context) Poll {
	return f.poll(cx, "Join", joinAll, []Future{PA(&f.a), PB(&f.b)})
}

// A returns the first child. It may be used for its result once the join is Ready.
func (f *JoinFuture[A, B, PA, PB]) A() *A { return &f.a }

// B returns the second child.
func (f *JoinFuture[A, B, PA, PB]) B() *B { return &f.b }

// Drop implements [pin.Dropper]: it drops the children, last first.
func (f *JoinFuture[A, B, PA, PB]) Drop() { f.drop([]Future{PA(&f.a), PB(&f.b)}) }

// Join3 is [Join] of three futures.
func Join3[A, B, C any, PA Ptr[A], PB Ptr[B], PC Ptr[C]](a A, b B, c C) Join3Future[A, B, C, PA, PB, PC] {
	return Join3Future[A, B, C, PA, PB, PC]{a: a, b: b, c: c}
}

// Join3Future is the future of [Join3]. The results are in its children.
type Join3Future[A, B, C any, PA Ptr[A], PB Ptr[B], PC Ptr[C]] struct {
	branches
	a A
	b B
	c C
}

// Poll implements [Future].
func (f *Join3Future[A, B, C, PA, PB, PC]) Poll(cx *Context) Poll {
	return f.poll(cx, "Join3", joinAll, []Future{PA(&f.a), PB(&f.b), PC(&f.c)})
}

// A returns the first child. It may be used for its result once the join is Ready.
func (f *Join3Future[A, B, C, PA, PB, PC]) A() *A { return &f.a }

// B returns the second child.
func (f *Join3Future[A, B, C, PA, PB, PC]) B() *B { return &f.b }

// C returns the third child.
func (f *Join3Future[A, B, C, PA, PB, PC]) C() *C { return &f.c }

// Drop implements [pin.Dropper]: it drops the children, last first.
func (f *Join3Future[A, B, C, PA, PB, PC]) Drop() {
	f.drop([]Future{PA(&f.a), PB(&f.b), PC(&f.c)})
}
