package echo

import (
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// farm is many clients, each of which sends a message and waits for it to come back, over and
// over. It is one epoll loop, the same for every server.
type farm struct {
	ep       int
	conns    []client
	msg, buf []byte
}

type client struct {
	fd, got int
	at      time.Time // of the message under way
}

// laps are what a farm has done.
type laps struct {
	trips     int
	took      time.Duration
	latencies []time.Duration // sorted, of some of the round trips
}

// dial connects clients to a port of 127.0.0.1.
func dial(port, conns, size int) (*farm, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := &farm{ep: ep, msg: make([]byte, size), buf: make([]byte, 64<<10)}
	for i := range f.msg {
		f.msg[i] = byte('a' + i%26)
	}
	for i := range conns {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			f.close()
			return nil, err
		}
		f.conns = append(f.conns, client{fd: fd})
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			f.close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		unix.SetNonblock(fd, true)
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			f.close()
			return nil, err
		}
	}
	return f, nil
}

func (f *farm) close() {
	unix.Close(f.ep)
	for _, c := range f.conns {
		unix.Close(c.fd)
	}
	f.conns = nil
}

// run has each client make round trips until d has passed, but at least one.
func (f *farm) run(d time.Duration) (l laps, err error) {
	events := make([]unix.EpollEvent, 256)
	start := time.Now()
	for i := range f.conns {
		if err := f.send(&f.conns[i]); err != nil {
			return laps{}, err
		}
	}
	for waiting := len(f.conns); waiting > 0; {
		n, err := unix.EpollWait(f.ep, events, 2000)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return laps{}, err
		}
		if n == 0 {
			return laps{}, fmt.Errorf("no answer for two seconds, after %d round trips", l.trips)
		}
		over := time.Since(start) >= d
		for _, ev := range events[:n] {
			c := &f.conns[ev.Fd]
			done, err := f.read(c)
			if err != nil {
				return laps{}, err
			}
			if !done {
				continue
			}
			l.trips++
			if len(l.latencies) < 1<<20 {
				l.latencies = append(l.latencies, time.Since(c.at))
			}
			if over {
				waiting--
			} else if err := f.send(c); err != nil {
				return laps{}, err
			}
		}
	}
	l.took = time.Since(start)
	slices.Sort(l.latencies)
	return l, nil
}

// once has each client make one round trip, one after the other.
func (f *farm) once() error {
	for i := range f.conns {
		c := &f.conns[i]
		if err := f.send(c); err != nil {
			return err
		}
		for done := false; !done; {
			if n, err := unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLIN}}, 2000); n == 0 && err == nil {
				return fmt.Errorf("no answer to connection %d for two seconds", i)
			}
			var err error
			if done, err = f.read(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *farm) send(c *client) error {
	c.at = time.Now()
	for p := f.msg; len(p) > 0; {
		n, err := unix.Write(c.fd, p)
		if err == unix.EAGAIN {
			// The server has to read first; it does, since what it sends back fits.
			unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLOUT}}, 1)
			continue
		}
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// read reports whether the whole of an echo has come.
func (f *farm) read(c *client) (bool, error) {
	n, err := unix.Read(c.fd, f.buf)
	switch {
	case err == unix.EAGAIN:
		return false, nil
	case err != nil:
		return false, err
	case n == 0:
		return false, io.ErrUnexpectedEOF
	}
	// Not only lengths: the last byte must be the one that was sent there.
	if c.got += n; c.got > len(f.msg) || f.buf[n-1] != f.msg[c.got-1] {
		return false, fmt.Errorf("%d bytes came back of %d, or others", c.got, len(f.msg))
	}
	if c.got < len(f.msg) {
		return false, nil
	}
	c.got = 0
	return true, nil
}
