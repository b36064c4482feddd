package future

import (
	"io"
	"iter"

	"github.com/pinion-go/pinion/pin"
)

// Stream is a series of values each of which has to be waited for.
//
// PollNext is like [Future.Poll], again and again: when it returns Ready it also
// returns the next value, or an error. io.EOF says that there are no more values;
// another error, but one, that the stream has failed; after either it must not be
// polled again. The exception is ErrCanceled: the poll was part of a cancelled
// subtree, and there was no value. The stream is none the worse for it.
//
// Once PollNext has returned Pending it must be called until it returns Ready, and
// the stream must not move: those of this package are pointers. A stream has one
// reader at a time.
type Stream[T any] interface {
	PollNext(cx *Context) (p Poll, v T, err error)
}

// Next returns a future of the stream's next value. Cancelled, it leaves the stream
// as it is and returns ErrCanceled, or the value if there was one. It panics if s is nil.
func Next[T any](s Stream[T]) NextFuture[T] {
	needStream(s, "Next(nil)")
	return NextFuture[T]{s: s}
}

func needStream[T any](s Stream[T], call string) {
	if s == nil {
		misused(call, "there is no stream to read", "pass one, or an empty one: FromSeq(func(func(T) bool) {})")
	}
}

// NextFuture is the future of [Next].
type NextFuture[T any] struct {
	anchor   pin.Anchor
	s        Stream[T]
	canceled bool
	over     bool
	v        T
	err      error
}

// Poll implements [Future].
func (f *NextFuture[T]) Poll(cx *Context) (p Poll) {
	if f.over {
		return Ready
	}
	f.anchor.Check()
	p, f.v, f.err = pollNext(cx, f.s, f.canceled)
	f.over = p == Ready
	return p
}

// pollNext polls s, as cancelled if it is.
func pollNext[T any](cx *Context, s Stream[T], canceled bool) (p Poll, v T, err error) {
	if canceled && !cx.canceled {
		defer cx.restore(false) // also for whoever recovers a panic of s
		cx.canceled = true
	}
	return s.PollNext(cx)
}

// Cancel implements [Canceler].
func (f *NextFuture[T]) Cancel() { f.canceled = true }

// Result returns the value, or io.EOF at the end of the stream, or another error.
func (f *NextFuture[T]) Result() (T, error) { return f.v, f.err }

// FromSeq returns a stream of the values of seq. They are always ready: seq runs
// within the poll, and must not block. A stream that is not read to its end must be
// closed. FromSeq panics if seq is nil.
func FromSeq[T any](seq iter.Seq[T]) *SeqStream[T] {
	if seq == nil {
		misused("FromSeq(nil)", "there is no sequence", "pass an empty one: func(func(T) bool) {}")
	}
	return &SeqStream[T]{seq: seq}
}

// SeqStream is the stream of [FromSeq].
type SeqStream[T any] struct {
	seq  iter.Seq[T]
	next func() (T, bool) // nil before the first value
	stop func()
}

// PollNext implements [Stream].
func (s *SeqStream[T]) PollNext(cx *Context) (p Poll, v T, err error) {
	if !cx.Spend() {
		return Pending, v, nil
	}
	if cx.canceled {
		cx.abort()
		return Ready, v, ErrCanceled
	}
	if s.next == nil {
		s.next, s.stop = iter.Pull(s.seq)
	}
	v, ok := s.next()
	if !ok {
		return Ready, v, io.EOF
	}
	return Ready, v, nil
}

// Close ends seq where it stands, so that its deferred calls run. The stream is at
// its end. Close may be called more than once, but not during a PollNext.
func (s *SeqStream[T]) Close() {
	s.seq = func(func(T) bool) {}
	if s.stop != nil {
		s.stop()
	}
}

// StreamFromChan returns a stream of what is received from a Go channel, which ends
// when the channel is closed. See [FromChan] for how it waits.
func StreamFromChan[T any](ch <-chan T) *ChanStream[T] { return &ChanStream[T]{ch: ch} }

// ChanStream is the stream of [StreamFromChan].
type ChanStream[T any] struct {
	ch    <-chan T
	recv  FromChanFuture[T]
	waits bool // recv was polled and is not Ready
}

// PollNext implements [Stream].
func (s *ChanStream[T]) PollNext(cx *Context) (p Poll, v T, err error) {
	if !s.waits {
		s.waits = true
		s.recv = FromChan(s.ch)
	}
	if s.recv.Poll(cx) == Pending {
		return Pending, v, nil
	}
	s.waits = false
	v, err = s.recv.Result()
	s.recv = FromChanFuture[T]{}
	if err == ErrClosed {
		err = io.EOF
	}
	return Ready, v, err
}
