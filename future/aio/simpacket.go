package aio

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// simDatagram is one that was sent, and waits to be received.
type simDatagram struct {
	p    []byte
	from netip.AddrPort
}

// simLargest is how many bytes a datagram can have, as over IPv4.
const simLargest = 65_507

// ListenPacket opens a UDP socket in the simulation's network, as [net.ListenPacket] does in the system's: of
// addresses the port alone counts. No datagram is lost or overtaken: if the receiver has no room, which is
// [SimConfig].Buffer, a WriteTo waits. What is sent to nobody is gone, as anywhere. Where SimConfig.Resets
// asks for it, steps fail with ENOBUFS, and nothing is sent or received by them.
func (s *Sim) ListenPacket(network, address string) (*PacketConn, error) {
	if err := datagrams(network); err != nil {
		return nil, err
	}
	n := &simNode{datagrams: true}
	fd, err := s.bind(n, network, address)
	if err != nil {
		return nil, err
	}
	return &PacketConn{fd: fd, sock: &simPacket{s: s, fd: fd, v4: network == "udp4"}, addr: n.local}, nil
}

// simPacket is a packetSocket of a simulation.
type simPacket struct {
	s  *Sim
	fd int32
	v4 bool // it has no IPv6
}

func (c *simPacket) receive(e *engine) (p []byte, from netip.AddrPort, errno syscall.Errno) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	n, k := s.node(c.fd), kernelOf(e)
	switch {
	case n == nil || k == nil:
		return nil, from, syscall.EBADF
	case len(n.mail) == 0, k.rarely(8):
		return nil, from, syscall.EAGAIN
	case k.oneIn(s.cfg.Resets):
		return nil, from, syscall.ENOBUFS
	}
	d := n.mail[0]
	n.mail = n.mail[1:]
	n.mailed -= d.size()
	s.changed() // for there is room
	return d.p, d.from, 0
}

func (c *simPacket) send(e *engine, p []byte, to netip.AddrPort) syscall.Errno {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	n, k := s.node(c.fd), kernelOf(e)
	switch {
	case n == nil || k == nil:
		return syscall.EBADF
	case !to.IsValid():
		return syscall.EINVAL
	case c.v4 && !to.Addr().Unmap().Is4():
		return syscall.EAFNOSUPPORT
	case len(p) > simLargest:
		return syscall.EMSGSIZE
	case k.rarely(8) || !s.hasRoom(to.Port()):
		return syscall.EAGAIN
	case k.oneIn(s.cfg.Resets):
		return syscall.ENOBUFS
	}
	if m := s.mailbox(to.Port()); m != nil {
		m.mail = append(m.mail, simDatagram{append([]byte(nil), p...), n.sender(to)})
		m.mailed += m.mail[len(m.mail)-1].size()
		s.changed()
	}
	return 0
}

func (c *simPacket) sends() opKind { return opPollOut }

// kernelOf returns the kernel of a simulation's engine, nil for the system's.
func kernelOf(e *engine) *simKernel {
	k, _ := e.k.(*simKernel)
	return k
}

// mailbox returns the socket for datagrams that has the port, nil for none.
func (s *Sim) mailbox(port uint16) *simNode { return s.names[nameOf("udp", int(port))] }

// hasRoom reports whether one more datagram can be sent to a port. What is sent to nobody needs no room.
func (s *Sim) hasRoom(port uint16) bool {
	m := s.mailbox(port)
	return m == nil || m.mailed < s.cfg.Buffer
}

// size is how much room a datagram takes: also an empty one takes some.
func (d simDatagram) size() int { return len(d.p) + 1 }

// sender is the address that whoever has the address to sees n's datagrams come from.
func (n *simNode) sender(to netip.AddrPort) netip.AddrPort {
	from := n.local.(*net.UDPAddr).AddrPort()
	if from.Addr().IsUnspecified() {
		return netip.AddrPortFrom(to.Addr().Unmap(), from.Port())
	}
	return netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
}

// nameOf is the name of a port under which a socket is found.
func nameOf(protocol string, port int) string { return protocol + " " + strconv.Itoa(port) }
