package aio

import (
	"net"
	"net/netip"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// WriteToAddrPort sends p as one datagram. It waits while the socket's buffer is full. Errors
// are those of [PacketConn.ReadFromAddrPort].
func (c *PacketConn) WriteToAddrPort(p []byte, to netip.AddrPort) (n int, err error) {
	f := c.WriteToAddrPortAsync(p, to)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// WriteToAddrPortAsync is [PacketConn.WriteToAddrPort] as a future. If it is cancelled before the datagram
// was sent, the error is [future.ErrCanceled].
//
//pinion:noescape
func (c *PacketConn) WriteToAddrPortAsync(p []byte, to netip.AddrPort) PacketConnWriteFuture {
	return PacketConnWriteFuture{j: packetWrite{c: c, p: p, to: to}}
}

// WriteTo is [PacketConn.WriteToAddrPort] for a *net.UDPAddr. It implements [net.PacketConn].
func (c *PacketConn) WriteTo(p []byte, to net.Addr) (n int, err error) {
	f := c.WriteToAsync(p, to)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// WriteToAsync is [PacketConn.WriteTo] as a future, which is cancelled as that of
// [PacketConn.WriteToAddrPortAsync] is.
//
//pinion:noescape
func (c *PacketConn) WriteToAsync(p []byte, to net.Addr) PacketConnWriteFuture {
	var ap netip.AddrPort // of another kind of address: invalid
	if a, ok := to.(*net.UDPAddr); ok && a != nil {
		ap = a.AddrPort()
	}
	return c.WriteToAddrPortAsync(p, ap)
}

// PacketConnWriteFuture is the future of [PacketConn.WriteToAsync] and WriteToAddrPortAsync.
type PacketConnWriteFuture struct{ j packetWrite }

// Poll implements [future.Future].
func (f *PacketConnWriteFuture) Poll(cx *future.Context) future.Poll {
	return f.j.w.poll(cx, f.j.c.on(engineOf(cx)), &f.j)
}

// Result returns what the method would have.
func (f *PacketConnWriteFuture) Result() (n int, err error) {
	j := &f.j
	var to net.Addr
	if j.w.end != endOK && j.to.IsValid() {
		to = net.UDPAddrFromAddrPort(j.to)
	}
	return j.w.n, j.w.end.err("write", "sendto", j.c.addr, to)
}

// packetWrite is the job of sending a datagram.
type packetWrite struct {
	w  work
	c  *PacketConn
	p  []byte
	to netip.AddrPort
}

func (j *packetWrite) memory() []byte { return j.p }

func (j *packetWrite) away() (job, *work) {
	far := &packetWrite{c: j.c, p: j.p, to: j.to}
	return far, &far.w
}

func (j *packetWrite) begin(e *engine, w *work) {
	c := j.c
	switch {
	case c.closed.Load():
		w.finish(e, endClosed)
		return
	case c.limits != nil && c.limits.write.over:
		w.finish(e, endDeadline)
		return
	}
	switch errno := c.sock.send(e, j.p, j.to); errno {
	case 0:
		j.sent(e, w)
	case syscall.EAGAIN:
		w.next, c.writing = c.writing, w
		if c.sock.sends() == opWrite {
			w.start(e, opWrite, c.fd, j.p, own)
		} else {
			w.start(e, opPollOut, c.fd, nil, int64(j.to.Port())) // which a simulation wants to know
		}
	default:
		w.finish(e, failed(errno))
	}
}

func (j *packetWrite) sent(e *engine, w *work) {
	w.n = len(j.p)
	e.count.Sent += int64(w.n)
	w.finish(e, endOK)
}

func (j *packetWrite) step(e *engine, w *work, r completion) {
	c := j.c
	for p := &c.writing; *p != nil; p = &(*p).next {
		if *p == w {
			*p = w.next
			break
		}
	}
	switch {
	case r.res >= 0 && c.sock.sends() == opWrite:
		j.sent(e, w)
	case w.quits:
		w.finish(e, endCanceled)
	case e.closed:
		w.finish(e, endStopped)
	case faultOf(r) != endOK:
		w.finish(e, faultOf(r))
	default:
		j.begin(e, w) // or end it, if it is closed or the time is over
	}
	if c.closed.Load() {
		c.settle(e)
	}
}

func (j *packetWrite) quit(*engine, *work) {}
