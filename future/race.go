package future

import "iter"

// Race returns a future that waits until one of fs is Ready, cancels the others,
// and waits for those too: Result tells which was first, and the losers' results
// are what they obtained nevertheless, often [ErrCanceled]. Nothing that any of
// them obtained is lost.
//
// It polls its children as [All] does; which is polled first is random. A race of
// none is Ready at once.
func Race[F any, P Ptr[F]](fs ...F) RaceFuture[F, P] {
	return RaceFuture[F, P]{family: family[F, P]{fresh: fs}, winner: -1}
}

// RaceFuture is the future of [Race].
type RaceFuture[F any, P Ptr[F]] struct {
	family[F, P]
	winner int
}

// Poll implements [Future].
func (f *RaceFuture[F, P]) Poll(cx *Context) Poll { return f.pollFamily(cx, f, "Race") }

func (f *RaceFuture[F, P]) settled(_ *Context, pos int) {
	if f.winner < 0 {
		f.winner = pos
		f.stopped, f.asked, f.withdrew = true, false, false
	}
}

// Result returns the number of the child that was Ready first, or -1 if there was
// none.
func (f *RaceFuture[F, P]) Result() int { return f.winner }

// Losers returns the children other than the winner, in order.
func (f *RaceFuture[F, P]) Losers() iter.Seq2[int, *F] {
	return func(yield func(int, *F) bool) {
		for i, kid := range f.Each() {
			if i != f.winner && !yield(i, kid) {
				return
			}
		}
	}
}
