package aio

import (
	"net"
	"net/netip"

	"github.com/pinion-go/pinion/future"
)

// ReadFromAddrPort receives a datagram into p, and returns its length, or that of p if it is longer,
// and whom it is from. The zone of a link-local address is the name of its interface, as package
// net has it; names are asked for once a minute. The error is a *net.OpError
// with net.ErrClosed, os.ErrDeadlineExceeded or a *os.SyscallError. Inside a poll it is
// [future.ErrBlockedPoll]: use ReadFromAddrPortAsync there.
func (c *PacketConn) ReadFromAddrPort(p []byte) (n int, from netip.AddrPort, err error) {
	f := c.ReadFromAddrPortAsync(p)
	if err := future.Block(&f); err != nil {
		return 0, netip.AddrPort{}, err
	}
	return f.Result()
}

// ReadFromAddrPortAsync is [PacketConn.ReadFromAddrPort] as a future. If it is cancelled the
// error is [future.ErrCanceled], and the datagram is the next one's.
//
//pinion:noescape
func (c *PacketConn) ReadFromAddrPortAsync(p []byte) PacketConnReadFromAddrPortFuture {
	return PacketConnReadFromAddrPortFuture{c: c, p: p}
}

// PacketConnReadFromAddrPortFuture is the future of [PacketConn.ReadFromAddrPortAsync].
type PacketConnReadFromAddrPortFuture struct {
	c *PacketConn
	r *remotePacket // nil on the socket's own loop
	w waiter
	n int32
	p []byte
	m message
}

type remotePacket struct {
	remote
	m message
}

// Poll implements [future.Future].
func (f *PacketConnReadFromAddrPortFuture) Poll(cx *future.Context) future.Poll {
	if f.w.state == waiterOver {
		return future.Ready
	}
	c, e := f.c, engineOf(cx)
	if home := c.on(e); home != e || f.r != nil {
		return f.pollRemote(cx, home)
	}
	if !f.w.await(cx, e, c) {
		return future.Pending
	}
	if f.w.end == endOK {
		n, m := c.take(e, f.p)
		f.n, f.m = int32(n), m
	}
	return f.w.over(cx)
}

func (f *PacketConnReadFromAddrPortFuture) pollRemote(cx *future.Context, home *engine) future.Poll {
	if f.r == nil {
		c, p, r := f.c, f.p, new(remotePacket)
		r.home, r.s = home, c
		r.take = func(e *engine) bool {
			n, m := c.take(e, p)
			r.n, r.m = int32(n), m
			return true
		}
		f.r = r
	}
	p := f.w.follow(cx, &f.r.remote)
	if p == future.Ready {
		f.n, f.m = f.r.n, f.r.m
	}
	return p
}

// Result returns what [PacketConn.ReadFromAddrPort] would have.
func (f *PacketConnReadFromAddrPortFuture) Result() (n int, from netip.AddrPort, err error) {
	return int(f.n), f.m.from, f.w.end.err("read", "recvfrom", f.c.addr, nil)
}

// ReadFrom is [PacketConn.ReadFromAddrPort] with a *net.UDPAddr. It implements
// [net.PacketConn].
func (c *PacketConn) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	f := c.ReadFromAsync(p)
	if err := future.Block(&f); err != nil {
		return 0, nil, err
	}
	return f.Result()
}

// ReadFromAsync is [PacketConn.ReadFrom] as a future, which is cancelled as that of
// [PacketConn.ReadFromAddrPortAsync] is.
//
//pinion:noescape
func (c *PacketConn) ReadFromAsync(p []byte) PacketConnReadFromFuture {
	return PacketConnReadFromFuture{f: c.ReadFromAddrPortAsync(p)}
}

// PacketConnReadFromFuture is the future of [PacketConn.ReadFromAsync].
type PacketConnReadFromFuture struct {
	f PacketConnReadFromAddrPortFuture
}

// Poll implements [future.Future].
func (f *PacketConnReadFromFuture) Poll(cx *future.Context) future.Poll { return f.f.Poll(cx) }

// Result returns what [PacketConn.ReadFrom] would have.
func (f *PacketConnReadFromFuture) Result() (n int, from net.Addr, err error) {
	n, ap, err := f.f.Result()
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(ap), nil
}

// ReadMsgAddrPort is [PacketConn.ReadFromAddrPort] that says whether the datagram was longer than p:
// flags is 0x20 then, MSG_TRUNC of Linux, and 0 otherwise. What did not fit is lost.
func (c *PacketConn) ReadMsgAddrPort(p []byte) (n, flags int, from netip.AddrPort, err error) {
	f := c.ReadMsgAddrPortAsync(p)
	if err := future.Block(&f); err != nil {
		return 0, 0, netip.AddrPort{}, err
	}
	return f.Result()
}

// ReadMsgAddrPortAsync is [PacketConn.ReadMsgAddrPort] as a future, which is cancelled as that of
// [PacketConn.ReadFromAddrPortAsync] is.
//
//pinion:noescape
func (c *PacketConn) ReadMsgAddrPortAsync(p []byte) PacketConnReadMsgFuture {
	return PacketConnReadMsgFuture{f: c.ReadFromAddrPortAsync(p)}
}

// PacketConnReadMsgFuture is the future of [PacketConn.ReadMsgAddrPortAsync].
type PacketConnReadMsgFuture struct {
	f PacketConnReadFromAddrPortFuture
}

// Poll implements [future.Future].
func (f *PacketConnReadMsgFuture) Poll(cx *future.Context) future.Poll { return f.f.Poll(cx) }

// Result returns what [PacketConn.ReadMsgAddrPort] would have.
func (f *PacketConnReadMsgFuture) Result() (n, flags int, from netip.AddrPort, err error) {
	n, from, err = f.f.Result()
	if f.f.m.cut {
		flags = packetCut
	}
	return n, flags, from, err
}
