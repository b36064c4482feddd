package aio

import (
	"runtime"
	"syscall"
)

// An op is one operation that is under way, or a free slot for one. Ops lie in chunks that
// never move, and belong to their engine's loop.
//
// One of these is there for every idle connection, the one that receives: what only the others
// need is apart.
type op struct {
	conn  *Conn  // for which it receives, nil for all others
	gen   uint32 // odd while it is under way
	next  uint32 // the next free op
	io    uint32 // index into opSlab.ios, 0 for an op that receives for a connection
	kind  opKind
	flags opFlags
}

// opIO is what all ops have besides but those that receive for a connection.
type opIO struct {
	who  completer // who is told
	buf  []byte    // what the kernel reads or writes; kept alive until the final completion
	pins *runtime.Pinner
	off  int64 // in a file; of a connect, the nanoseconds that it may take, 0 or less for ever
	fd   int32
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
	// A chunk is 48 KiB: more than the allocator has size classes for, so that nothing of it is
	// lost to one.
	opChunkShift = 11
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
	ios    []*opIO  // by op.io; the first is nobody's
	spare  []uint32 // those of them that no op has
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

// equip gives o what all ops have but those that receive.
func (s *opSlab) equip(o *op) *opIO {
	if n := len(s.spare); n > 0 {
		o.io, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		if s.ios == nil {
			s.ios = append(s.ios, nil)
		}
		o.io = uint32(len(s.ios))
		s.ios = append(s.ios, new(opIO))
	}
	return s.ios[o.io]
}

// io returns what o has besides, nil if it receives for a connection.
func (s *opSlab) io(o *op) *opIO {
	if o.conn != nil {
		return nil
	}
	return s.ios[o.io]
}

// fd returns the descriptor that o is on.
func (s *opSlab) fd(o *op) int32 {
	if o.conn != nil {
		return o.conn.fd
	}
	return s.ios[o.io].fd
}

// put frees an op. One whose generation would wrap is never used again.
func (s *opSlab) put(i uint32) {
	o := s.at(i)
	o.conn = nil
	if o.io != 0 {
		x := s.ios[o.io]
		x.who, x.buf = nil, nil
		s.spare, o.io = append(s.spare, o.io), 0
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
