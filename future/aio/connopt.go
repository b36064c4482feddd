package aio

import "time"

// CloseWrite ends the stream to the peer, who reads io.EOF. Writes fail with EPIPE from now
// on; one that is under way may, too.
func (c *Conn) CloseWrite() error { return c.shut(simShutWrite) }

// CloseRead ends the stream from the peer: when what was received is read, the error is io.EOF.
func (c *Conn) CloseRead() error { return c.shut(simShutRead) }

// SetNoDelay says whether small writes are sent at once, as they are by default, or wait
// for the peer's acknowledgement of earlier ones. It is for TCP.
func (c *Conn) SetNoDelay(on bool) error { return c.setOption(optNoDelay, number(on)) }

// SetKeepAlive says whether the system probes an idle connection.
func (c *Conn) SetKeepAlive(on bool) error { return c.setOption(optKeepAlive, number(on)) }

// SetKeepAlivePeriod sets the time after which an idle connection is probed, and between
// probes, in whole seconds, rounded up. It is for TCP.
func (c *Conn) SetKeepAlivePeriod(d time.Duration) error {
	return c.setOption(optKeepAlivePeriod, int((d+time.Second-1)/time.Second))
}

// SetLinger says what Close does with bytes that were not sent: they are sent meanwhile if
// sec is negative, which is the default, dropped if it is 0 (and the peer is told by a
// reset), and sent for that many seconds at most otherwise, in which
// closing the descriptor may hold up the loop.
func (c *Conn) SetLinger(sec int) error { return c.setOption(optLinger, sec) }

// SetReadBuffer sets the size of the system's buffer for receiving, in bytes.
func (c *Conn) SetReadBuffer(bytes int) error { return c.setOption(optReadBuffer, bytes) }

// SetWriteBuffer sets the size of the system's buffer for sending, in bytes.
func (c *Conn) SetWriteBuffer(bytes int) error { return c.setOption(optWriteBuffer, bytes) }

// connOption is an option of a socket.
type connOption int

const (
	optNoDelay         connOption = iota // 0 or 1
	optKeepAlive                         // 0 or 1
	optKeepAlivePeriod                   // in seconds
	optLinger                            // in seconds, or negative
	optReadBuffer                        // in bytes
	optWriteBuffer                       // in bytes
)

func (c *Conn) setOption(o connOption, value int) error {
	return c.control("set", func(fd int) error {
		s := simOf(c.fd)
		if s == nil {
			return setSocketOption(fd, o, value)
		}
		if o == optLinger { // it has no others
			s.linger(c.fd, value == 0)
		}
		return nil
	})
}

func (c *Conn) shut(how int) error {
	return c.control("close", func(fd int) error {
		if s := simOf(c.fd); s != nil {
			return s.shutdown(c.fd, how)
		}
		return shutdownSocket(fd, how)
	})
}

func number(on bool) int {
	if on {
		return 1
	}
	return 0
}
