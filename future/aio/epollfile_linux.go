package aio

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// file reads or writes if that does not wait: what is cached, what is in a pipe. Else, if
// epoll knows the file, it waits for an event, and another goroutine does it if not.
func (p *epollKernel) file(k key, o *op) uint32 {
	x := p.e.ops.io(o)
	if o.flags&opListed != 0 && !p.is(x.fd, int16(o.event())) {
		return o.event() // somebody else was faster
	}
	var n int
	var err error
	bufs := [1][]byte{x.buf[:min(len(x.buf), sendMax)]}
	if o.kind == opRead {
		n, err = unix.Preadv2(int(x.fd), bufs[:], x.off, unix.RWF_NOWAIT)
	} else {
		n, err = unix.Pwritev2(int(x.fd), bufs[:], x.off, unix.RWF_NOWAIT)
	}
	switch {
	case err == nil:
		p.finish(k, o, int32(n))
		return 0
	case err == unix.EINTR:
		p.queue = append(p.queue, k)
		return o.event()
	case err == unix.EAGAIN && x.off < 0:
		return o.event()
	case err == unix.EOPNOTSUPP && x.off < 0 && o.flags&opListed == 0:
		return o.event() // it cannot say that it would wait; but epoll can, perhaps
	case err == unix.EAGAIN || err == unix.EOPNOTSUPP || err == unix.ENOSYS:
		p.sendAway(k, o)
		return 0
	}
	p.finish(k, o, -int32(err.(syscall.Errno)))
	return 0
}

// event is what an op that reads or writes waits for.
func (o *op) event() uint32 {
	if o.kind == opRead {
		return unix.EPOLLIN
	}
	return unix.EPOLLOUT
}

// sendAway has another goroutine do an op. It cannot be cancelled after it has begun.
func (p *epollKernel) sendAway(k key, o *op) {
	if o.flags&opListed != 0 {
		p.unlist(k, o)
	}
	o.flags |= opAway
	p.away.run(k, fileCall(o.kind, p.e.ops.io(o)))
}
