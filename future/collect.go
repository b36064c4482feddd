package future

import (
	"io"

	"github.com/pinion-go/pinion/pin"
)

// Collect returns a future of all the values of a stream. It panics if s is nil.
func Collect[T any](s Stream[T]) CollectFuture[T] {
	needStream(s, "Collect(nil)")
	return CollectFuture[T]{s: s}
}

// CollectFuture is the future of [Collect].
type CollectFuture[T any] struct {
	anchor   pin.Anchor
	s        Stream[T]
	values   []T
	canceled bool
	over     bool
	err      error
}

// Poll implements [Future].
func (f *CollectFuture[T]) Poll(cx *Context) Poll {
	f.anchor.Check()
	for !f.over {
		p, v, err := pollNext(cx, f.s, f.canceled)
		switch {
		case p == Pending:
			return Pending
		case err == nil:
			f.values = append(f.values, v)
		default:
			f.over = true
			if err != io.EOF {
				f.err = err
			}
		}
	}
	return Ready
}

// Cancel implements [Canceler].
func (f *CollectFuture[T]) Cancel() { f.canceled = true }

// Result returns the values, and nil when the stream has come to its end. With an
// error, which may be ErrCanceled, it returns the values until then.
func (f *CollectFuture[T]) Result() ([]T, error) { return f.values, f.err }
