package streams

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// read reads the stream's next chunk into p and returns its size, and io.EOF with
// the last one or after it, as an [io.Reader] does. In an async function it is a
// suspension point, by readAsync.
func (s *stream) read(p []byte) (n int, err error) {
	f := s.readAsync(p)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// readAsync is read as a future, which keeps nothing of s and p once it is ready: p
// may lie in the frame of who calls it.
//
//pinion:noescape
func (s *stream) readAsync(p []byte) chunkFuture { return chunkFuture{s: s, into: p} }

// chunkFuture is the one thing here that an async function needs to be told how to
// wait for: an op of which the feeder knows the address while it is under way.
type chunkFuture struct {
	anchor pin.Anchor
	op     op
	s      *stream
	into   []byte
	n      int
	err    error
}

// Poll implements [future.Future].
func (f *chunkFuture) Poll(cx *future.Context) future.Poll {
	f.anchor.Check()
	if f.op.state.Load() == opIdle {
		if cx.Canceled() {
			f.err = future.ErrCanceled
			return future.Ready
		}
		f.op.submit(cx, f.s, f.into)
	}
	if f.op.state.Load() == opQueued { // a cancel too waits until the op has come back
		return future.Pending
	}
	if f.n, f.err = f.op.take(); f.n > 0 {
		f.s.run.chunks.Add(1)
	}
	return future.Ready
}

// Result returns what read returns. It is valid once Poll has been Ready.
func (f *chunkFuture) Result() (n int, err error) { return f.n, f.err }

// Suspended implements [future.Suspender].
func (f *chunkFuture) Suspended() string { return "the next chunk" }
