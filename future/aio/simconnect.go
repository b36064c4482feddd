package aio

import (
	"net"
	"syscall"
)

// join makes n one end of a connection, whose other end waits to be accepted by l.
func (s *Sim) join(n, l *simNode) {
	a, b := s.connect(s.somewhere(n.remote), n.remote)
	n.local, n.in, n.out = a.local, a.in, a.out
	l.backlog = append(l.backlog, b)
	s.changed()
}

// socket opens what is to be connected to the listener of that name.
func (s *Sim) socket(name string, addr net.Addr) (fd int32, errno syscall.Errno) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.cfg.Descriptors {
		return -1, syscall.EMFILE
	}
	return s.enter(&simNode{dials: true, name: name, remote: addr}), 0
}

func (p *simKernel) connect(op *simOp) {
	n, l := op.node, p.s.names[op.node.name]
	switch {
	case op.silent:
		p.finish(op, -int32(syscall.ECANCELED)) // its time is over
	case p.rarely(16):
		p.finish(op, -int32(syscall.EINTR))
	case l == nil, p.oneIn(p.s.cfg.Refusals):
		p.finish(op, -int32(syscall.ECONNREFUSED))
	default:
		n.dials = false
		p.s.join(n, l)
		p.finish(op, 0)
	}
}
