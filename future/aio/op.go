package aio

import (
	"runtime"
	"syscall"
)

// An op is one operation that is under way, or a free slot for one. Ops lie in chunks that
// never move, and belong to their engine's loop.
//
// One of these is there for every idle connection: what only some kinds of ops need is apart.
type op struct {
	who   completer // who is told
	*opIO           // nil for ops that have no buffer of their own: accept, receive and polls
	gen   uint32    // odd while it is under way
	next  uint32    // the next free op
	fd    int32
	kind  opKind
	flags opFlags
}

// opIO is what an op with a buffer has besides.
type opIO struct {
	buf  []byte // what the kernel reads or writes; kept alive until the final completion
	pins *runtime.Pinner
	off  int64 // in a file
}

type opKind uint8

const (
	opAccept  opKind = iota // multishot: a completion for each connection, res is its descriptor
	opReceive               // multishot: a completion for each buffer of the pool that was filled
	opSend                  // all of buf, or as much as was sent when it failed or was cancelled
	opConnect               // buf is the address
	opPollIn                // readable, once
	opRead                  // at off; -1 is the descriptor's own position
	opWrite
	opFsync
	opPollOut // writable, once

	opKinds = iota // how many there are
)

type opFlags uint8

const (
	opBegun    opFlags = 1 << iota // the kernel has it
	opCanceled                     // a cancel was asked for
	opPinned                       // buf is pinned for it
	opZeroCopy                     // buf may be sent from where it is: then its first completion has more, and the final one says that nobody reads buf any longer
)

// completion is what the kernel says of an op.
type completion struct {
	res    int32 // what the system call returns, or a negative errno
	more   bool  // others follow: the op stays under way
	buffer bool  // the bytes are in buffer bid of the pool
	bid    uint16
}

func (c completion) errno() syscall.Errno {
	if c.res >= 0 {
		return 0
	}
	return syscall.Errno(-c.res)
}

// A completer is told of the completions of an op, on the engine's loop, not in a poll. At
// the final one the op's slot is free already.
type completer interface {
	completed(e *engine, k key, c completion)
}

// A key names an op for the kernel: its index, and its generation.
type key uint64

func keyOf(index, gen uint32) key { return key(gen)<<32 | key(index) }
func (k key) index() uint32       { return uint32(k) }
func (k key) gen() uint32         { return uint32(k >> 32) }

const (
	opChunkShift = 8
	opChunkLen   = 1 << opChunkShift

	// Index 0 is no op's: a key below 2^32 is one of the kernel's own business.
	noOp = 0
)

// opSlab holds an engine's ops.
type opSlab struct {
	chunks []*[opChunkLen]op
	free   uint32 // first free op, or noOp
	bump   uint32 // ops from here on were never used
	live   int
	ios    []*opIO // that ended ops had
}

func (s *opSlab) at(i uint32) *op { return &s.chunks[i>>opChunkShift][i&(opChunkLen-1)] }

// take returns a free op, whose generation is odd now.
func (s *opSlab) take() (key, *op) {
	i := s.free
	if i == noOp {
		if s.bump == uint32(len(s.chunks))<<opChunkShift {
			s.chunks = append(s.chunks, new([opChunkLen]op))
			s.bump = max(s.bump, 1)
		}
		i = s.bump
		s.bump++
	} else {
		s.free = s.at(i).next
	}
	o := s.at(i)
	o.gen++
	o.flags = 0
	s.live++
	return keyOf(i, o.gen), o
}

// io gives o what an op with a buffer has.
func (s *opSlab) io(o *op, buf []byte, off int64) {
	if n := len(s.ios); n > 0 {
		o.opIO, s.ios = s.ios[n-1], s.ios[:n-1]
	} else {
		o.opIO = new(opIO)
	}
	o.buf, o.off = buf, off
}

// put frees an op. One whose generation would wrap is never used again.
func (s *opSlab) put(i uint32) {
	o := s.at(i)
	o.who = nil
	if o.opIO != nil {
		o.buf = nil
		s.ios, o.opIO = append(s.ios, o.opIO), nil
	}
	o.gen++
	s.live--
	if o.gen != 0 {
		o.next, s.free = s.free, i
	}
}

// find returns the op that k names, or nil if that has ended.
func (s *opSlab) find(k key) *op {
	i := k.index()
	if i == noOp || i >= s.bump || s.at(i).gen != k.gen() || k.gen()&1 == 0 {
		return nil
	}
	return s.at(i)
}

// each yields the ops under way. The loop may end the one it is given.
func (s *opSlab) each(yield func(key, *op) bool) {
	for i := uint32(1); i < s.bump; i++ {
		if o := s.at(i); o.gen&1 == 1 && !yield(keyOf(i, o.gen), o) {
			return
		}
	}
}
