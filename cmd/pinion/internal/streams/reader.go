package streams

import (
	"bytes"
	"io"
	"reflect"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// reader is the future that reads one stream. It refers to itself three times:
// by its Anchor, which knows its address; by the slice of its own buffer that is
// the line in progress, through which all the work is done; and by the op in it,
// which is linked into the feeder's queue while the reader waits.
//
//	+--------+------+----+-------+------------------------------------+
//	| anchor | line | op | count | buf   counted | in progress | room |
//	+--------+--|---+-|--+-------+---------------^-------------^------+
//	            |     '------------- into -------|-------------'
//	            '--------------------------------'
//
// It counts a line when its end has come, and a line that fills the buffer in
// pieces. It is suspended wherever a chunk ends: in the middle of a line, of a
// word, of a character.
type reader struct {
	anchor pin.Anchor
	line   pin.SelfSlice[byte]
	op     op
	s      *stream
	counter
	polls int
	buf   [bufferSize]byte
}

const bufferSize = 1 << 10

// init builds the reader in place, so that it may point to itself from the start.
func (r *reader) init(s *stream) error {
	r.s = s
	r.counter = newCounter()
	pin.BindSlice(r, &r.line, r.buf[:0])
	return nil
}

// Poll implements [future.Future].
func (r *reader) Poll(cx *future.Context) future.Poll {
	if r.polls++; r.polls%stackEvery == 0 {
		r.s.run.stackMoves.Add(growStack())
	}
	if r.op.state.Load() == opDone && r.op.n > 0 {
		r = r.sabotage()
	}
	if err := r.check(); err != nil {
		r.s.fail(err)
	}
	for {
		switch r.op.state.Load() {
		case opQueued: // polled for another reason, a cancel perhaps: the op must come back first
			return future.Pending
		case opDone:
			n, err := r.op.take()
			if r.s.err == nil && n > 0 {
				r.s.run.chunks.Add(1)
				r.extend(n)
			}
			if err != nil {
				return r.finish(err)
			}
		}
		if r.s.err == nil && cx.Canceled() {
			r.s.fail(future.ErrCanceled)
		}
		if r.s.err != nil {
			return r.finish(r.s.err)
		}
		r.op.submit(cx, r.s, r.room())
	}
}

// Suspended implements [future.Suspender].
func (r *reader) Suspended() string { return "the next chunk" }

// check reports a reader that is not where it was, or does not point to itself.
func (r *reader) check() error {
	if err := r.anchor.Err(); err != nil {
		return err
	}
	return r.line.Check(unsafeptr.RangeOf(r))
}

// extend adds n bytes that were delivered to the line in progress, and counts
// the lines that are whole.
func (r *reader) extend(n int) {
	line := r.line.Get()
	seen := len(line)
	line = line[:seen+n] // the delivery is there already: the op was told to write behind the line
	for {
		i := bytes.IndexByte(line[seen:], '\n')
		if i < 0 {
			break
		}
		end := seen + i + 1
		r.count(line[:end])
		line, seen = line[end:], 0
	}
	pin.BindSlice(r, &r.line, line)
}

// room returns the part of the buffer behind the line in progress, which it
// moves to the front if there is none.
func (r *reader) room() []byte {
	line := r.line.Get()
	if len(line) == cap(line) {
		if len(line) == len(r.buf) {
			whole := wholeRunes(line)
			r.count(line[:whole])
			line = line[whole:]
		}
		line = r.buf[:copy(r.buf[:], line)]
		pin.BindSlice(r, &r.line, line)
	}
	return line[len(line):cap(line)]
}

// finish ends the stream: at its end, or with an error.
func (r *reader) finish(err error) future.Poll {
	if err == io.EOF && r.s.err == nil {
		r.s.tally = r.end(r.line.Get())
		return future.Ready
	}
	r.s.fail(err)
	return future.Ready
}

// outcome returns what the stream was read to, once Poll has been Ready.
func (r *reader) outcome() (Tally, error) { return r.s.tally, r.s.err }

// sabotage commits the fault that is to be committed in this stream, if it is one
// of the future's. It returns the reader with which the poll is to go on.
func (r *reader) sabotage() *reader {
	s := r.s
	switch {
	case s.commit(fault.Moved):
		// Through reflect, since vet would find it otherwise.
		moved := new(reader)
		reflect.ValueOf(moved).Elem().Set(reflect.ValueOf(r).Elem())
		return moved
	case s.commit(fault.Stale):
		other := new(reader)
		pin.BindSlice(other, &other.line, other.buf[:len(r.line.Get())])
		r.line = other.line
	case s.commit(fault.Panicked):
		panic("a planted panic")
	}
	return r
}
