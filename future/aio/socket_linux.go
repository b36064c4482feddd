package aio

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// ListenConfig has what Listen leaves to the defaults.
type ListenConfig struct {
	// ReusePort lets several listeners, of one or several processes, have the same TCP
	// address: the kernel spreads connections over them.
	ReusePort bool
}

// Listen is [Listen] with the configuration.
func (cfg ListenConfig) Listen(network, address string) (*Listener, error) {
	if s := simOfProcess(); s != nil {
		return s.listen(network, address, cfg.ReusePort)
	}
	if err := streams("listen", network); err != nil {
		return nil, err
	}
	if err := pollerError("listen", network); err != nil {
		return nil, err
	}
	nc := net.ListenConfig{}
	if cfg.ReusePort {
		nc.Control = func(_, _ string, c syscall.RawConn) (err error) {
			cerr := c.Control(func(fd uintptr) {
				err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
			})
			if cerr != nil {
				return cerr
			}
			return err
		}
	}
	nl, err := nc.Listen(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	defer nl.Close()
	l := &Listener{addr: nl.Addr()}
	if u, ok := nl.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
		if name := u.Addr().String(); name != "" && name[0] != '@' {
			l.unlink = name
		}
	}
	fd, err := duplicate(nl)
	if err != nil {
		return nil, err
	}
	if _, ok := nl.(*net.TCPListener); ok {
		if err := promptly(fd); err != nil {
			unix.Close(fd)
			return nil, err
		}
	}
	books.descriptors.Add(1)
	l.fd = int32(fd)
	return l, nil
}

// promptly sets on a listening socket what package net sets on each connection that it
// accepts, which then inherits it: without TCP_NODELAY an answer of more than one segment
// would wait for the peer's delayed acknowledgement, 40 ms.
func promptly(fd int) error {
	for _, o := range [...]struct{ level, name, value int }{
		{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 15},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 15},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 9},
	} {
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return nil
}

// Wrap makes a Conn of a connection of package net, a *net.TCPConn or a *net.UnixConn of
// network "unix", which is closed by it: its descriptor goes on in the Conn. If there is an
// error, nc is as it was: what has no such descriptor, or more to it (a *tls.Conn, net.Pipe,
// a type of one's own in which one of the two is embedded), cannot be wrapped.
func Wrap(nc net.Conn) (*Conn, error) {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil, fmt.Errorf("aio: a %T cannot be wrapped, only a *net.TCPConn or *net.UnixConn", nc)
	}
	fd, err := duplicate(nc)
	if err != nil {
		return nil, err
	}
	if kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || kind != unix.SOCK_STREAM {
		unix.Close(fd)
		return nil, fmt.Errorf("aio: a connection of network %q cannot be wrapped: it is no stream", nc.LocalAddr().Network())
	}
	nc.Close()
	return newConn(fd), nil
}

// duplicate returns a descriptor of the same socket, in blocking mode: io_uring waits by
// itself, and would fail with EAGAIN otherwise.
func duplicate(v any) (fd int, err error) {
	sc, ok := v.(syscall.Conn)
	if !ok {
		return 0, fmt.Errorf("aio: a %T has no descriptor of its own; it can be wrapped only if it is a socket of package net", v)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, err
	}
	cerr := raw.Control(func(p uintptr) {
		if fd, err = unix.FcntlInt(p, unix.F_DUPFD_CLOEXEC, 0); err != nil {
			err = os.NewSyscallError("fcntl", err)
			return
		}
		if err = unix.SetNonblock(fd, false); err != nil {
			unix.Close(fd)
			err = os.NewSyscallError("fcntl", err)
		}
	})
	if cerr != nil {
		return 0, cerr
	}
	return fd, err
}

func closeOfSystem(fd int) {
	if isHandle(int32(fd)) {
		closeHandle(int32(fd))
		return
	}
	unix.Close(fd)
}

func localAddr(c *Conn) net.Addr {
	return addrOf(c, unix.Getsockname)
}

func remoteAddr(c *Conn) net.Addr {
	return addrOf(c, unix.Getpeername)
}

func addrOf(c *Conn, get func(int) (unix.Sockaddr, error)) net.Addr {
	controls.RLock() // or the number may be another's by now
	defer controls.RUnlock()
	if c.closed.Load() {
		return nil
	}
	sa, err := get(int(c.fd))
	if err != nil {
		return nil
	}
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *unix.SockaddrInet6:
		zone := ""
		if a.ZoneId != 0 {
			zone = zoneOf(a.ZoneId)
		}
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port, Zone: zone}
	case *unix.SockaddrUnix:
		return &net.UnixAddr{Name: a.Name, Net: "unix"}
	}
	return nil
}
