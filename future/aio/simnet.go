package aio

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// Listen listens in the simulation's network as [net.Listen] does in the system's: on an address of
// TCP, of which the port alone counts, or on a Unix socket's name, which is in no file system. Names
// of hosts are not looked up.
func (s *Sim) Listen(network, address string) (*Listener, error) {
	if err := streams("listen", network); err != nil {
		return nil, err
	}
	n := &simNode{listens: true}
	fd, err := s.bind(n, network, address)
	if err != nil {
		return nil, err
	}
	return &Listener{fd: fd, addr: n.local}, nil
}

// bind opens a descriptor for n, under the name that the address has.
func (s *Sim) bind(n *simNode, network, address string) (fd int32, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, addr, err := s.resolve(network, address, true)
	if err == nil && s.names[name] != nil {
		err = os.NewSyscallError("bind", syscall.EADDRINUSE)
	}
	if err == nil && s.open >= s.cfg.Descriptors {
		err = os.NewSyscallError("socket", syscall.EMFILE)
	}
	if err != nil {
		return 0, &net.OpError{Op: "listen", Net: network, Addr: addr, Err: err}
	}
	n.name, n.local = name, addr
	s.names[name] = n
	books.descriptors.Add(1)
	return s.enter(n), nil
}

// Dial connects to a listener of the simulation's network. It waits for nothing, not even for
// an Accept, and may be called in a poll. A [Dialer] with this Sim waits, and may fail, as chance
// will have it.
func (s *Sim) Dial(network, address string) (*Conn, error) {
	name, addr, err := s.lookUp(network, address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.names[name]
	switch {
	case l == nil:
		err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case s.open >= s.cfg.Descriptors:
		err = os.NewSyscallError("socket", syscall.EMFILE)
	}
	if err != nil {
		return nil, dialError(network, addr, err)
	}
	n := &simNode{remote: addr}
	s.join(n, l)
	return newConn(int(s.enter(n))), nil
}

// lookUp returns the name of the listener that is meant, and its address.
func (s *Sim) lookUp(network, address string) (name string, addr net.Addr, err error) {
	if err := streams("dial", network); err != nil {
		return "", nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, addr, err = s.resolve(network, address, false); err != nil {
		return "", nil, dialError(network, nil, err)
	}
	return name, addr, nil
}

// Pair returns both ends of a connection.
func (s *Sim) Pair() (a, b *Conn, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open+2 > s.cfg.Descriptors {
		return nil, nil, os.NewSyscallError("socketpair", syscall.EMFILE)
	}
	addr := &net.UnixAddr{Net: "unix"}
	x, y := s.connect(addr, addr)
	return newConn(int(s.enter(x))), newConn(int(s.enter(y))), nil
}

// Reset resets a connection of the simulation, as happens when the peer's system is gone: what is on
// the way is lost in both directions, and both ends have ECONNRESET.
func (s *Sim) Reset(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.node(c.fd); n != nil {
		s.reset(n)
	}
}

// connect returns the ends of a new connection.
func (s *Sim) connect(a, b net.Addr) (*simNode, *simNode) {
	x := &simNode{local: a, remote: b, in: s.newStream(s.someRoom()), out: s.newStream(s.someRoom())}
	return x, &simNode{local: b, remote: a, in: x.out, out: x.in}
}

// someRoom is from a sixteenth to all of the configured one.
func (s *Sim) someRoom() int {
	return max(1, s.cfg.Buffer*(1+s.choose(s.rng, future.ChooseCompletion, 16))/16)
}

// resolve returns the name under which a listener is found.
func (s *Sim) resolve(network, address string, listens bool) (name string, addr net.Addr, err error) {
	protocol := "tcp"
	switch network {
	case "unix":
		return "unix " + address, &net.UnixAddr{Name: address, Net: network}, nil
	case "tcp", "tcp4", "tcp6":
	case "udp", "udp4", "udp6":
		protocol = "udp"
	default:
		return "", nil, net.UnknownNetworkError(network)
	}
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", nil, err
	}
	ip := net.ParseIP(host)
	switch {
	case ip != nil:
	case host == "" && listens:
		ip = net.IPv6unspecified
	case host == "" || host == "localhost":
		ip = net.IPv4(127, 0, 0, 1)
	default:
		return "", nil, &net.DNSError{Err: "a simulation has no names", Name: host, IsNotFound: true}
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return "", nil, &net.AddrError{Err: "a simulation has no names of ports", Addr: address}
	}
	for port == 0 && listens {
		if p := s.nextPort(); s.names[nameOf(protocol, p)] == nil {
			port = uint64(p)
		}
	}
	addr = &net.TCPAddr{IP: ip, Port: int(port)}
	if protocol == "udp" {
		addr = &net.UDPAddr{IP: ip, Port: int(port)}
	}
	return nameOf(protocol, int(port)), addr, nil
}

func (s *Sim) nextPort() int {
	if s.port++; s.port > 65535 {
		s.port = 1025
	}
	return s.port
}

// somewhere is the address of one who dials addr.
func (s *Sim) somewhere(addr net.Addr) net.Addr {
	if a, ok := addr.(*net.TCPAddr); ok {
		return &net.TCPAddr{IP: a.IP, Port: s.nextPort()}
	}
	return &net.UnixAddr{Net: "unix"}
}

// address returns one of the addresses of a connection.
func (s *Sim) address(c *Conn, of func(*simNode) net.Addr) net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.node(c.fd); n != nil && !c.closed.Load() {
		return of(n)
	}
	return nil
}

const (
	simShutRead = iota // as shutdown(2) has them
	simShutWrite
)

// shutdown ends one direction of a connection.
func (s *Sim) shutdown(fd int32, how int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.node(fd)
	if n == nil || n.in == nil || n.out == nil {
		return os.NewSyscallError("shutdown", syscall.ENOTCONN)
	}
	if how == simShutRead {
		n.in.ended = true
	} else {
		n.out.ended = true
	}
	s.changed()
	return nil
}

// linger says whether closing a connection is a reset.
func (s *Sim) linger(fd int32, reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.node(fd); n != nil {
		n.linger0 = reset
	}
}

// listen is Listen for [ListenConfig].
func (s *Sim) listen(network, address string, reusePort bool) (*Listener, error) {
	if reusePort {
		return nil, &net.OpError{Op: "listen", Net: network, Err: fmt.Errorf("ReusePort in a simulation: %w", errors.ErrUnsupported)}
	}
	return s.Listen(network, address)
}
