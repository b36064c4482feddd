package streams

import (
	"errors"
	"reflect"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/unsafeptr"
)

// compiled is the future that is generated of readStraight, with what is done to
// it on purpose: stacks are made to grow while it runs, and faults committed.
type compiled struct {
	readStraightFuture
	s     *stream
	polls int
}

// init builds the future in place.
func (c *compiled) init(s *stream) error {
	c.s = s
	c.Init(s)
	return nil
}

// Poll implements [future.Future].
func (c *compiled) Poll(cx *future.Context) future.Poll {
	if c.polls++; c.polls%stackEvery == 0 {
		c.s.run.stackMoves.Add(growStack())
	}
	f := &c.readStraightFuture
	if c.polls > 1 && !cx.Canceled() { // started, and its chunk has come
		switch {
		case c.s.commit(fault.Moved):
			f = new(readStraightFuture)
			reflect.ValueOf(f).Elem().Set(reflect.ValueOf(&c.readStraightFuture).Elem())
		case c.s.commit(fault.Panicked):
			panic("a planted panic")
		}
	}
	return f.Poll(cx)
}

// outcome returns what the stream was read to, once Poll has been Ready.
func (c *compiled) outcome() (Tally, error) { return c.Result() }

// errStaleLine ends a stream whose function found its line elsewhere than in its
// buffer.
var errStaleLine = errors.New("the line in progress does not lie in the buffer of its function")

// within reports whether line is a part of buf: a buffer that was copied from the
// place where it was leaves the line behind.
func within(buf, line []byte) bool {
	return len(line) == 0 || unsafeptr.ContainsSlice(unsafeptr.RangeOfSlice(buf), line)
}

// tampered returns line, or a copy of it if that fault is to be committed now.
func (s *stream) tampered(line []byte) []byte {
	if len(line) > 0 && s.commit(fault.Stale) {
		return append([]byte(nil), line...)
	}
	return line
}
