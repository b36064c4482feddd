package future

import (
	"fmt"
	"io"
)

// ForEach returns a future that calls body with each value of a stream and runs the
// futures it returns, up to limit at once. It takes a value from the stream only
// when there is room for its future. A limit of 1 runs one after the other; one of
// math.MaxInt is none: memory grows with the futures that run.
//
// The first error of a body, or of the stream, cancels the bodies that run, and is
// the result when all are done; every value that was taken from the stream was
// given to a body. A body's future is dropped when it is Ready. body runs within a
// poll and must not block. The stream is not closed.
//
// Each body has a waker of its own, as in [All]; that is also what becomes of
// panics. ForEach panics if limit is less than 1, or if s or body is nil.
func ForEach[T, F any, P tryFuture[F]](s Stream[T], limit int, body func(T) F) ForEachFuture[T, F, P] {
	if limit < 1 {
		panic(fmt.Sprintf("future: ForEach with a limit of %d: at least one future must be allowed to run", limit))
	}
	needStream(s, "ForEach(nil, limit, body)")
	if body == nil {
		misused("ForEach(s, limit, nil)", "there is no body to make a future of each value", "pass a func(T) F")
	}
	return ForEachFuture[T, F, P]{s: s, limit: limit, body: body}
}

// ForEachFuture is the future of [ForEach].
type ForEachFuture[T, F any, P tryFuture[F]] struct {
	children[F, P]
	s     Stream[T]
	body  func(T) F
	limit int
	free  []int // numbers of children that are not in use
	waits bool  // the stream was polled and is not Ready
	asked asked // whether it was polled in this poll
	ended bool  // it is not polled any more
	err   error
}

type asked uint8

const (
	askedNot asked = iota
	askedGo
	askedCanceled // and knows that it is cancelled
)

// Poll implements [Future].
func (f *ForEachFuture[T, F, P]) Poll(cx *Context) Poll {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	if f.block == nil {
		f.open(cx, min(f.limit, firstBodies))
		f.vacate(0)
	}
	f.asked = askedNot
	return f.poll(cx, f, "ForEach")
}

// firstBodies is how many futures there is room for at first. A limit may be a million, or none.
const firstBodies = 16

// vacate notes that the children from first on are not in use.
func (f *ForEachFuture[T, F, P]) vacate(first int) {
	for i := min(f.size(), f.limit) - 1; i >= first; i-- {
		f.free = append(f.free, i)
	}
}

// room reports whether another future may run, and makes room for it.
func (f *ForEachFuture[T, F, P]) room() bool {
	if n := f.size(); len(f.free) == 0 && n < f.limit {
		f.grow()
		f.vacate(n)
	}
	return len(f.free) > 0
}

// next takes a value from the stream and has a child made for it.
func (f *ForEachFuture[T, F, P]) next(cx *Context) (pos int, ok bool) {
	if f.stopped && !f.waits && !f.ended {
		f.ended = true
		f.fail(ErrCanceled)
	}
	ask := askedGo
	if cx.canceled {
		ask = askedCanceled
	}
	if f.ended || f.asked >= ask || !f.room() {
		return 0, false
	}
	f.asked, f.ended, f.waits = ask, true, false // should it panic
	p, v, err := f.s.PollNext(cx)
	f.waits, f.ended = p == Pending, err != nil
	if f.waits {
		return 0, false
	}
	if err != nil {
		if err != io.EOF {
			f.fail(err)
		}
		return 0, false
	}
	f.asked = askedNot
	fut := f.body(v)
	last := len(f.free) - 1
	pos, f.free = f.free[last], f.free[:last]
	*f.at(pos) = fut
	return pos, true
}

func (f *ForEachFuture[T, F, P]) settled(_ *Context, pos int) {
	kid := P(f.at(pos))
	if err := kid.Result(); err != nil {
		f.fail(err)
	}
	f.free = append(f.free, pos)
	defer func() {
		var none F
		*f.at(pos) = none
	}()
	dropFuture(kid)
}

func (f *ForEachFuture[T, F, P]) fail(err error) {
	if f.err == nil {
		f.err = err
	}
	f.stopped = true
}

func (f *ForEachFuture[T, F, P]) exhausted() bool { return f.ended }

func (f *ForEachFuture[T, F, P]) abort(cx *Context) bool {
	if f.waits {
		p, err := cx.abortChild(&NextFuture[T]{s: f.s})
		f.waits = p == Pending && err == nil
	}
	f.ended = !f.waits
	return f.ended
}

// Drop implements [pin.Dropper]: it drops children that have panicked. Those that
// were Ready have been dropped.
func (f *ForEachFuture[T, F, P]) Drop() {
	if f.block == nil {
		return
	}
	unused := make([]bool, f.size())
	for _, i := range f.free {
		unused[i] = true
	}
	f.drop(func(i int) bool { return i < f.limit && !unused[i] })
}

// Result returns nil, or the error that came first.
func (f *ForEachFuture[T, F, P]) Result() error { return f.err }
