package aio

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// CloseWrite ends the stream to the peer, who reads io.EOF. Writes fail with EPIPE from now
// on; one that is under way may, too.
func (c *Conn) CloseWrite() error {
	return c.control("close", func(fd int) error { return shutdownSocket(fd, unix.SHUT_WR) })
}

// CloseRead ends the stream from the peer: when what was received is read, the error is io.EOF.
func (c *Conn) CloseRead() error {
	return c.control("close", func(fd int) error { return shutdownSocket(fd, unix.SHUT_RD) })
}

// SetNoDelay says whether small writes are sent at once, as they are by default, or wait
// for the peer's acknowledgement of earlier ones. It is for TCP.
func (c *Conn) SetNoDelay(on bool) error {
	return c.setOption(unix.IPPROTO_TCP, unix.TCP_NODELAY, number(on))
}

// SetKeepAlive says whether the system probes an idle connection.
func (c *Conn) SetKeepAlive(on bool) error {
	return c.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, number(on))
}

// SetKeepAlivePeriod sets the time after which an idle connection is probed, and between
// probes, in whole seconds, rounded up. It is for TCP.
func (c *Conn) SetKeepAlivePeriod(d time.Duration) error {
	s := int((d + time.Second - 1) / time.Second)
	if err := c.setOption(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, s); err != nil {
		return err
	}
	return c.setOption(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, s)
}

// SetLinger says what Close does with bytes that were not sent: they are sent meanwhile if
// sec is negative, which is the default, dropped if it is 0 (and the peer is told by a
// reset), and sent for that many seconds at most otherwise, in which
// closing the descriptor may hold up the loop.
func (c *Conn) SetLinger(sec int) error {
	l := unix.Linger{Onoff: 1, Linger: int32(sec)}
	if sec < 0 {
		l = unix.Linger{}
	}
	return c.control("set", func(fd int) error {
		if s := simOf(c.fd); s != nil {
			s.linger(c.fd, sec == 0)
			return nil
		}
		return os.NewSyscallError("setsockopt", unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &l))
	})
}

// SetReadBuffer sets the size of the system's buffer for receiving, in bytes.
func (c *Conn) SetReadBuffer(bytes int) error {
	return c.setOption(unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
}

// SetWriteBuffer sets the size of the system's buffer for sending, in bytes.
func (c *Conn) SetWriteBuffer(bytes int) error {
	return c.setOption(unix.SOL_SOCKET, unix.SO_SNDBUF, bytes)
}

func (c *Conn) setOption(level, name, value int) error {
	return c.control("set", func(fd int) error {
		if simulated(c.fd) {
			return nil // it has no options
		}
		return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, level, name, value))
	})
}

func number(on bool) int {
	if on {
		return 1
	}
	return 0
}
