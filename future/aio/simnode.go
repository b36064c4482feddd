package aio

import (
	"net"
	"syscall"
)

// simNode is what a descriptor of a simulation stands for. The simulation's lock protects it.
type simNode struct {
	s             *Sim
	in, out       *simStream // of a connection; a pipe's end has one of them
	listens       bool
	dials         bool       // it is to be connected
	name          string     // under which it listens or receives datagrams, or that it dials
	backlog       []*simNode // connections that were not accepted yet
	datagrams     bool
	mail          []simDatagram // that were not received yet
	mailed        int           // bytes of these
	file          *simFile
	pos           int64 // in the file
	append        bool
	local, remote net.Addr
	ops           int  // under way on it
	linger0       bool // closing it is a reset
}

// simStream is the bytes on the way in one direction.
type simStream struct {
	pieces []simPiece // oldest first
	n      int        // bytes in them
	room   int        // how many there can be
	ended  bool       // no more are sent
	gone   bool       // nobody receives them
	reset  bool
}

// simPiece is bytes that were sent at once. Those of a send without a copy lie in the
// sender's buffer, and are read from there when they are received.
type simPiece struct {
	p  []byte
	op *simOp // that send, or nil
}

func (s *Sim) newStream(room int) *simStream { return &simStream{room: room} }

func (st *simStream) readable() bool { return st.n > 0 || st.ended || st.reset }
func (st *simStream) writable() bool { return st.n < st.room || st.refuses() != 0 }

// end returns what a receive ends with when there are no bytes: 0 at the end of the stream.
func (st *simStream) end() syscall.Errno {
	if st.reset {
		return syscall.ECONNRESET
	}
	return 0
}

// refuses returns why nothing can be sent.
func (st *simStream) refuses() syscall.Errno {
	switch {
	case st.reset:
		return syscall.ECONNRESET
	case st.ended || st.gone:
		return syscall.EPIPE
	}
	return 0
}

// send puts p on the way, for which there is room, and which is the stream's own unless op is
// not nil.
func (s *Sim) send(st *simStream, p []byte, op *simOp) {
	st.pieces = append(st.pieces, simPiece{p, op})
	st.n += len(p)
	s.changed()
}

// receive takes up to len(p) bytes.
func (s *Sim) receive(st *simStream, p []byte) (n int) {
	for n < len(p) && len(st.pieces) > 0 {
		first := &st.pieces[0]
		m := copy(p[n:], first.p)
		n += m
		first.take(m)
		if len(first.p) == 0 {
			st.pieces = st.pieces[1:]
		}
	}
	st.n -= n
	s.changed()
	return n
}

func (piece *simPiece) take(n int) {
	piece.p = piece.p[n:]
	if piece.op != nil {
		piece.op.borrowed -= n
	}
}

// discard drops what is on the way.
func (st *simStream) discard() {
	for i := range st.pieces {
		st.pieces[i].take(len(st.pieces[i].p))
	}
	st.pieces, st.n = nil, 0
}

// reset resets a connection: what is on the way is lost in both directions.
func (s *Sim) reset(n *simNode) {
	for _, st := range []*simStream{n.in, n.out} {
		if st != nil {
			st.discard()
			st.reset = true
		}
	}
	s.changed()
}

// node returns what a descriptor stands for, nil if it is none of this simulation's.
func (s *Sim) node(fd int32) *simNode {
	i := fd - firstSimulated - s.index*simShare
	if s.open == 0 || !simulated(fd) || i < 0 || int(i) >= len(s.nodes) {
		return nil
	}
	return s.nodes[i]
}

// enter returns a descriptor for n.
func (s *Sim) enter(n *simNode) int32 {
	n.s = s
	if s.open++; s.open == 1 {
		s.index = enroll(s)
	}
	var i int32
	if last := len(s.free) - 1; last >= 0 {
		i, s.free = s.free[last], s.free[:last]
		s.nodes[i] = n
	} else {
		i = int32(len(s.nodes))
		s.nodes = append(s.nodes, n)
	}
	return firstSimulated + s.index*simShare + i
}

// closeNode closes a descriptor.
func (s *Sim) closeNode(fd int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.node(fd)
	if n == nil {
		s.blame("descriptor %d was closed twice", fd%simShare)
		return
	}
	if n.ops > 0 {
		s.blame("descriptor %d was closed with %d operations under way on it", fd%simShare, n.ops)
	}
	i := fd % simShare
	s.nodes[i] = nil
	s.free = append(s.free, i)
	if s.open--; s.open == 0 {
		strike(s.index)
	}
	if n.datagrams || n.listens {
		delete(s.names, n.name)
	}
	if n.listens {
		for _, c := range n.backlog {
			s.reset(c)
		}
	}
	if n.linger0 || n.out != nil && n.in != nil && n.in.n > 0 {
		s.reset(n) // by what it has not read, as TCP does
	}
	if n.out != nil {
		n.out.ended = true
	}
	if n.in != nil {
		n.in.discard()
		n.in.gone = true
	}
	s.changed()
}
