package aio

import (
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/packet"
)

// fdPacket is a packetSocket by system calls, for all drivers of Linux: they wait for it.
type fdPacket struct {
	fd  int
	v6  bool
	buf []byte
}

// packetCut says in flags that a datagram was cut off.
const packetCut = syscall.MSG_TRUNC

// newPacketConn returns a PacketConn that goes on with the socket of nc, which is closed.
func newPacketConn(nc *net.UDPConn) (*PacketConn, error) {
	defer nc.Close()
	fd, err := duplicate(nc)
	if err != nil {
		return nil, err
	}
	s := &fdPacket{fd: fd}
	if domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err == nil {
		s.v6 = domain == unix.AF_INET6
	}
	books.descriptors.Add(1)
	return &PacketConn{fd: int32(fd), sock: s, addr: nc.LocalAddr()}, nil
}

func (s *fdPacket) receive(*engine) ([]byte, netip.AddrPort, syscall.Errno) {
	if s.buf == nil {
		s.buf = make([]byte, maxDatagram)
	}
	n, from, scope, errno := packet.RecvFrom(s.fd, s.buf)
	if scope != 0 {
		from = netip.AddrPortFrom(from.Addr().WithZone(zoneOf(scope)), from.Port())
	}
	return s.buf[:n], from, errno
}

func (s *fdPacket) send(_ *engine, p []byte, to netip.AddrPort) syscall.Errno {
	_, errno := packet.SendTo(s.fd, s.v6, p, to, scopeOf(to.Addr()))
	return errno
}

func (s *fdPacket) sends() opKind { return opPollOut }
