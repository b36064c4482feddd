package streams

import (
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// op is a read that a stream's future has asked its feeder for. It lies in the
// future and is linked into the feeder's queue there, and the feeder writes
// straight into the future's buffer, from another goroutine: all of it rests on
// the future's staying where it is, as it would with io_uring.
//
// The future owns the op while it is idle or done, the feeder while it is queued.
type op struct {
	next  *op    // in the queue
	into  []byte // where the data goes
	s     *stream
	waker future.Waker // of the future

	n   int   // bytes that were written
	err error // io.EOF at the end, with n bytes or none

	state atomic.Uint32
}

const (
	opIdle = iota
	opQueued
	opDone
)

// submit hands the op to the stream's feeder. Afterwards it is the feeder's,
// which gives it back by setting opDone and waking cx's task.
func (o *op) submit(cx *future.Context, s *stream, into []byte) {
	o.s, o.into, o.waker = s, into, cx.Waker()
	o.n, o.err = 0, nil
	o.state.Store(opQueued)
	s.feeder.push(o)
}

// complete gives the op back. It is the feeder's last access to it: once it is
// done, the future may end and its memory be used for another.
func (o *op) complete(n int, err error, wake bool) {
	s, w := o.s, o.waker
	o.n, o.err = n, err
	o.state.Store(opDone)
	if wake {
		w.Wake()
	}
	s.fed.Add(1)
}

// take returns the result of an op that is done, and makes it idle.
func (o *op) take() (n int, err error) {
	n, err = o.n, o.err
	o.s.taken.Add(1)
	o.state.Store(opIdle)
	return n, err
}
