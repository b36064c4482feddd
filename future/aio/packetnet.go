package aio

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// netPacket is a packetSocket by package net, for systems whose descriptors that has for itself. One goroutine
// at a time receives, and one for each datagram that is sent.
type netPacket struct {
	*net.UDPConn
	fd int32

	// The goroutine that receives until it is over, and then the loop.
	buf  []byte
	n    int // bytes in buf, -1 for no datagram
	from netip.AddrPort
}

// packetConnOf returns a PacketConn of a handle for nc.
func packetConnOf(nc *net.UDPConn) *PacketConn {
	s := &netPacket{UDPConn: nc, n: -1}
	s.fd = newHandle(s)
	books.descriptors.Add(1)
	return &PacketConn{fd: s.fd, sock: s, addr: nc.LocalAddr()}
}

func (s *netPacket) receive(*engine) ([]byte, netip.AddrPort, syscall.Errno) {
	if s.n < 0 {
		return nil, netip.AddrPort{}, syscall.EAGAIN
	}
	n := s.n
	s.n = -1
	return s.buf[:n], s.from, 0
}

func (s *netPacket) send(_ *engine, p []byte, to netip.AddrPort) syscall.Errno {
	if !to.IsValid() {
		return syscall.EINVAL
	}
	return syscall.EAGAIN // it may wait, and a goroutine does
}

func (s *netPacket) sends() opKind { return opWrite }

// wait implements handle.
func (s *netPacket) wait(kind opKind, x *opIO) (waited, error) {
	if kind == opPollIn {
		return packetReceive{s}, s.SetReadDeadline(time.Time{})
	}
	j := x.who.(*work).job.(*packetWrite)
	return &packetSend{s: s, to: j.to}, nil
}

// packetReceive is the op that receives one datagram before it is asked for.
type packetReceive struct{ s *netPacket }

func (r packetReceive) do(opKind, []byte) int32 {
	s := r.s
	if s.buf == nil {
		s.buf = make([]byte, maxDatagram)
	}
	n, from, err := s.ReadFromUDPAddrPort(s.buf)
	if err != nil {
		return errnoOf(err)
	}
	s.n, s.from = n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	return 1
}

func (r packetReceive) end() { r.s.SetReadDeadline(past) }

// packetSend is the op that sends one datagram. Several are under way at once, with one deadline for all:
// so each waits for a step, and looks then whether it is to end.
type packetSend struct {
	s     *netPacket
	to    netip.AddrPort
	quits atomic.Bool
}

// packetStep is after how long at most a datagram that cannot be sent looks whether it was cancelled.
const packetStep = 10 * time.Millisecond

func (w *packetSend) do(_ opKind, p []byte) int32 {
	for !w.quits.Load() {
		w.s.SetWriteDeadline(time.Now().Add(packetStep))
		n, err := w.s.WriteToUDPAddrPort(p, w.to)
		var ae *net.AddrError
		switch {
		case err == nil:
			return int32(n)
		case errors.As(err, &ae):
			return -int32(syscall.EAFNOSUPPORT) // an address of the other version
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return errnoOf(err)
		}
	}
	return -int32(syscall.ECANCELED)
}

func (w *packetSend) end() { w.quits.Store(true) }
