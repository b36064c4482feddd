package aio

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/uring"
)

const (
	// burst is how many connections or buffers one op takes up before others have their turn.
	burst = 8
	// notDrained are events after which a receive that does not fill its buffer may have
	// left something: the end of the stream, an error, or what comes after urgent data.
	notDrained = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR | unix.EPOLLPRI
)

// try does what can be done of an op now. events is what epoll says, 0 at the first time.
func (p *epollKernel) try(k key, o *op, events uint32) {
	if o.flags&opAway != 0 {
		return
	}
	if o.flags&opCanceled != 0 {
		p.quit(k, o)
		return
	}
	var wait uint32 // the event to be waited for, 0 if it has ended or is done elsewhere
	switch o.kind {
	case opAccept:
		wait = p.accept(k, o)
	case opReceive:
		wait = p.receive(k, o, events)
	case opSend:
		wait = p.send(k, o)
	case opConnect:
		wait = p.connect(k, o)
	case opPollIn:
		wait = p.poll(k, o, unix.EPOLLIN)
	case opPollOut:
		wait = p.poll(k, o, unix.EPOLLOUT)
	case opRead, opWrite:
		wait = p.file(k, o)
	case opFsync:
		p.sendAway(k, o)
	}
	if wait == 0 || o.flags&opListed != 0 {
		return
	}
	switch err := p.list(k, o, wait); {
	case err == nil:
	case err == unix.EPERM && (o.kind == opRead || o.kind == opWrite):
		p.sendAway(k, o) // epoll knows no regular files
	default:
		p.finish(k, o, -int32(err.(syscall.Errno)))
	}
}

func (p *epollKernel) accept(k key, o *op) uint32 {
	listens := uintptr(p.e.ops.fd(o))
	if o.flags&opListed == 0 {
		// accept4 has no flag for this call alone. The listener is this engine's for good.
		if err := unix.SetNonblock(int(listens), true); err != nil {
			p.finish(k, o, -int32(err.(syscall.Errno)))
			return 0
		}
	}
	for range burst {
		p.e.count.Calls++
		fd, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, listens, 0, 0, unix.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
			p.more(k, completion{res: int32(fd), more: true})
			if o.flags&opCanceled != 0 {
				p.quit(k, o)
				return 0
			}
		case unix.EINTR, unix.ECONNABORTED:
		case unix.EAGAIN:
			return unix.EPOLLIN
		default:
			p.finish(k, o, -int32(errno))
			return 0
		}
	}
	p.queue = append(p.queue, k)
	return unix.EPOLLIN
}

func (p *epollKernel) receive(k key, o *op, events uint32) uint32 {
	from := p.e.ops.fd(o)
	for range burst {
		n := len(p.free)
		if n == 0 {
			if !p.is(from, unix.POLLIN) {
				return unix.EPOLLIN
			}
			p.finish(k, o, -int32(unix.ENOBUFS))
			return 0
		}
		bid := p.free[n-1]
		got, errno := p.transfer(unix.SYS_RECVFROM, from, p.e.pool.mem(bid), unix.MSG_DONTWAIT)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			// At urgent data it may also mean that a signal is pending, and be followed by no event.
			if (events == 0 && o.flags&opListed != 0 || events&unix.EPOLLPRI != 0) && p.is(from, unix.POLLIN) {
				continue
			}
			return unix.EPOLLIN
		case errno != 0 || got == 0:
			p.finish(k, o, -int32(errno))
			return 0
		}
		p.free = p.free[:n-1]
		p.more(k, completion{res: int32(got), more: true, buffer: true, bid: bid})
		if o.flags&opCanceled != 0 {
			p.quit(k, o)
			return 0
		}
		if got < poolBuffer && events != 0 && events&notDrained == 0 {
			return unix.EPOLLIN // it was all; what comes now is an event of its own
		}
	}
	p.queue = append(p.queue, k)
	return unix.EPOLLIN
}

func (p *epollKernel) send(k key, o *op) uint32 {
	x := p.e.ops.io(o)
	buf := x.buf[:min(len(x.buf), sendMax)]
	for int(x.off) < len(buf) {
		n, errno := p.transfer(unix.SYS_SENDTO, x.fd, buf[x.off:], unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		switch {
		case errno == 0:
			x.off += int64(n)
		case errno == unix.EINTR:
		case errno == unix.EAGAIN:
			return unix.EPOLLOUT
		case x.off > 0:
			p.finish(k, o, int32(x.off)) // the next send has the error
			return 0
		default:
			p.finish(k, o, -int32(errno))
			return 0
		}
	}
	p.finish(k, o, int32(x.off))
	return 0
}

// transfer is recvfrom or sendto without an address. buf lies in the pool, or is pinned for its op.
func (p *epollKernel) transfer(call uintptr, fd int32, buf []byte, flags uintptr) (n int, errno syscall.Errno) {
	p.e.count.Calls++
	r, _, errno := unix.RawSyscall6(call, uintptr(fd), uintptr(uring.Addr(buf)), uintptr(len(buf)), flags, 0, 0)
	return int(r), errno
}

// connects implements connector.
func (p *epollKernel) connects() (limited bool) { return false }

func (p *epollKernel) connect(k key, o *op) uint32 {
	errno, x := syscall.Errno(0), p.e.ops.io(o)
	if o.flags&opListed == 0 {
		if err := unix.SetNonblock(int(x.fd), true); err != nil {
			p.finish(k, o, -int32(err.(syscall.Errno)))
			return 0
		}
		_, _, errno = unix.RawSyscall(unix.SYS_CONNECT, uintptr(x.fd), uintptr(uring.Addr(x.buf)), uintptr(len(x.buf)))
		if errno == unix.EINPROGRESS || errno == unix.EINTR {
			return unix.EPOLLOUT
		}
	} else {
		if !p.is(x.fd, unix.POLLOUT) {
			return unix.EPOLLOUT
		}
		v, err := unix.GetsockoptInt(int(x.fd), unix.SOL_SOCKET, unix.SO_ERROR)
		if errno = syscall.Errno(v); err != nil {
			errno = err.(syscall.Errno)
		}
	}
	unix.SetNonblock(int(x.fd), false)
	p.finish(k, o, -int32(errno))
	return 0
}

func (p *epollKernel) poll(k key, o *op, event uint32) uint32 {
	// The bits of poll are epoll's.
	if !p.is(p.e.ops.fd(o), int16(event)) {
		return event
	}
	p.finish(k, o, int32(event))
	return 0
}

// is is happens, as one of the engine's calls.
func (p *epollKernel) is(fd int32, event int16) bool {
	p.e.count.Calls++
	return happens(fd, event)
}

// more is a completion after which others follow.
func (p *epollKernel) more(k key, c completion) {
	p.done++
	p.e.complete(k, c)
}
