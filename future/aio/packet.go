package aio

import (
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// PacketConn is a UDP socket. It is a [net.PacketConn]. All methods may be called from
// every goroutine and in every poll.
//
// A datagram is taken from the kernel by the ReadFrom that returns it and by nobody else: one
// that is cancelled leaves all of them. One that is longer than the buffer is cut off, as by package
// net on Linux: ReadMsgAddrPort says so.
// On the loop that was first to use it nothing is allocated on Linux, except for a net.Addr. On other
// systems package net does the work, and one datagram is taken from it before anybody asks: it is the next
// ReadFrom's. There a WriteTo that was cancelled may have sent its datagram all the same, and says so.
type PacketConn struct {
	home   home
	fd     int32
	sock   packetSocket
	addr   net.Addr
	closed atomic.Bool

	// The home engine's loop alone.
	gone    bool
	poll    key    // of the op that waits for a datagram, 0 for none
	fault   ending // why it could not wait, for who asks next
	got     []byte // what ready has received, for take
	from    netip.AddrPort
	readers waitList
	writing *work // that wait for room
	limits  *limits
}

// A packetSocket sends and receives datagrams, on the loop of its connection. Neither waits: with errno
// EAGAIN an op on the descriptor does, an opPollIn, or the one that sends is.
type packetSocket interface {
	// receive returns the next datagram, which is valid until the next call.
	receive(e *engine) (p []byte, from netip.AddrPort, errno syscall.Errno)
	// send sends p as one datagram.
	send(e *engine, p []byte, to netip.AddrPort) syscall.Errno
	// sends is the kind of op to begin after EAGAIN: opPollOut, after which send is tried again, or
	// opWrite, which does it.
	sends() opKind
}

// maxDatagram is as many bytes as no datagram has.
const maxDatagram = 64 << 10

// ListenPacket opens a UDP socket as [net.ListenPacket] does; network is udp, udp4 or udp6.
func ListenPacket(network, address string) (*PacketConn, error) {
	if s := simOfProcess(); s != nil {
		return s.ListenPacket(network, address)
	}
	if err := datagrams(network); err != nil {
		return nil, err
	}
	if err := pollerError("listen", network); err != nil {
		return nil, err
	}
	nc, err := net.ListenPacket(network, address)
	if err != nil {
		return nil, err
	}
	return newPacketConn(nc.(*net.UDPConn))
}

// datagrams returns the error of a network that has none, as far as a PacketConn goes.
func datagrams(network string) error {
	switch network {
	case "udp", "udp4", "udp6":
		return nil
	}
	return &net.OpError{Op: "listen", Net: network, Err: net.UnknownNetworkError(network)}
}

// LocalAddr returns the address on which it listens.
func (c *PacketConn) LocalAddr() net.Addr { return c.addr }

func (c *PacketConn) on(e *engine) *engine { return c.home.of(e, c.fd) }

// ready implements source. If it reports a datagram, it has been received, and whoever
// asked takes it at once.
func (c *PacketConn) ready(e *engine) (ending, bool) {
	switch {
	case c.closed.Load():
		return endClosed, true
	case c.limits != nil && c.limits.read.over:
		return endDeadline, true
	case e.closed:
		return endStopped, true
	}
	if c.poll != 0 {
		return endOK, false
	}
	if end := c.fault; end != endOK {
		c.fault = endOK
		return end, true
	}
	got, from, errno := c.sock.receive(e)
	switch errno {
	case 0:
		c.got, c.from = got, from
		return endOK, true
	case syscall.EAGAIN:
		c.poll = e.start(opPollIn, c.fd, nil, true, c)
		return endOK, false
	}
	return failed(errno), true
}

func (c *PacketConn) waiters() *waitList { return &c.readers }

// share implements source. Other loops take nothing by themselves.
func (c *PacketConn) share() {}

// take copies the datagram that ready has received.
func (c *PacketConn) take(e *engine, p []byte) (n int, m message) {
	n = copy(p, c.got)
	e.count.Received += int64(n)
	return n, message{from: c.from, cut: n < len(c.got)}
}

// message is what there is to say of a datagram.
type message struct {
	from netip.AddrPort
	cut  bool // it was longer than the buffer
}

// completed implements completer, for the op that waits for a datagram.
func (c *PacketConn) completed(e *engine, _ key, r completion) {
	if r.more {
		return
	}
	c.poll = 0
	c.fault = faultOf(r)
	if c.closed.Load() {
		c.settle(e)
	}
	c.readers.wake(e)
}

// faultOf returns why a poll of a descriptor has failed, endOK if it has not or was cancelled.
func faultOf(r completion) ending {
	switch r.errno() {
	case 0, syscall.ECANCELED, syscall.EINTR, syscall.EAGAIN:
		return endOK
	}
	return failed(r.errno())
}

// Close closes the socket. Operations that wait end with [net.ErrClosed], and the
// descriptor is closed soon after. The error is net.ErrClosed if it was closed before.
func (c *PacketConn) Close() error { return c.close(nil) }

// CloseCx is [PacketConn.Close] within a poll.
//
//pinion:noescape
func (c *PacketConn) CloseCx(cx *future.Context) error { return c.close(engineOf(cx)) }

func (c *PacketConn) close(here *engine) error {
	if c.closed.Swap(true) {
		return endClosed.err("close", "", c.addr, nil)
	}
	switch home := c.home.close(); {
	case home == nil:
		c.drop()
	case home == here:
		c.settle(home)
	default:
		home.loop.Do(func(l *future.Loop) {
			if l == nil {
				c.drop()
				return
			}
			c.settle(home)
		})
	}
	return nil
}

func (c *PacketConn) settle(e *engine) {
	if c.gone {
		return
	}
	e.cancel(c.poll)
	c.limits.stop()
	c.hurry(e)
	if c.poll == 0 && c.writing == nil {
		c.drop()
	}
	c.readers.wake(e)
}

// hurry has all that wait for room look again.
func (c *PacketConn) hurry(e *engine) {
	for w := c.writing; w != nil; w = w.next {
		e.cancel(w.op)
	}
}

func (c *PacketConn) drop() {
	if !c.gone {
		c.gone = true
		closeDescriptor(int(c.fd))
		books.descriptors.Add(-1)
	}
}
