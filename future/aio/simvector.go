package aio

import (
	"slices"
	"syscall"
)

// simulate is send for a connection of a simulation.
func (v *vector) simulate(e *engine, c *Conn) {
	p, ok := e.k.(*simKernel)
	if !ok {
		c.sent(e, completion{res: -int32(syscall.EBADF)})
		return
	}
	res, wait := p.sendVector(v, c.fd)
	if wait {
		v.polls = true
		c.ops++
		c.send = e.start(opPollOut, c.fd, nil, true, c).index()
		return
	}
	c.sent(e, completion{res: res})
}

// sendVector sends some of v. It reports whether there is no room.
func (p *simKernel) sendVector(v *vector, fd int32) (res int32, wait bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	n := p.s.node(fd)
	if n == nil || n.out == nil {
		return -int32(syscall.EBADF), false
	}
	var rest []byte
	var file *simNode
	if v.file == nil {
		rest = slices.Concat(v.bufs[:min(len(v.bufs), 1024)]...)
	} else {
		if file = p.s.node(v.file.fd); file == nil || file.file == nil {
			return -int32(syscall.EBADF), false
		}
		rest = file.file.from(file.pos)
		rest = slices.Clone(rest[:min(int64(len(rest)), v.left)])
	}
	switch errno := n.out.refuses(); {
	case errno != 0:
		return -int32(errno), false
	case len(rest) == 0:
		return 0, false
	case n.out.n == n.out.room:
		return 0, true
	}
	m := p.amount(min(len(rest), n.out.room-n.out.n))
	p.s.send(n.out, rest[:m], nil)
	if file != nil {
		file.pos += int64(m)
	}
	return int32(m), false
}
