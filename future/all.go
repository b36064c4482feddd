package future

// All returns a future that is Ready when all of fs are. It moves the fresh
// futures into a pinned block of its own at its first poll. Each has a waker of
// its own: a poll of the set polls only the children that were woken, so that a
// set of n children costs O(n) altogether, and at most a budget's worth of them
// at a time, so that a child that is always ready starves nobody.
//
// A child that panics does not leave the others behind: they are cancelled, and
// when all are done the set panics with the first child's *PanicError.
//
// The idea is FuturesUnordered of futures-rs.
func All[F any, P Ptr[F]](fs ...F) AllFuture[F, P] {
	return AllFuture[F, P]{family[F, P]{fresh: fs}}
}

// AllFuture is the future of [All]. The results are in its children.
type AllFuture[F any, P Ptr[F]] struct{ family[F, P] }

// Poll implements [Future].
func (f *AllFuture[F, P]) Poll(cx *Context) Poll { return f.pollFamily(cx, f, "All") }
