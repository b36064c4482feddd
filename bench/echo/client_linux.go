package echo

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// load has conns connections to addr, a port on 127.0.0.1, each send size bytes and wait
// for them to come back, over and over, for d. It is one epoll loop, the same for every
// server. It returns the round trips, and the latencies of some of them.
func load(port, conns, size int, d time.Duration) (trips int, seconds float64, latencies []time.Duration, err error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return 0, 0, nil, err
	}
	defer unix.Close(ep)
	type conn struct {
		fd, got int
		at      time.Time
	}
	all := make([]conn, conns)
	defer func() {
		for _, c := range all {
			if c.fd > 0 {
				unix.Close(c.fd)
			}
		}
	}()
	msg, buf := make([]byte, size), make([]byte, 64<<10)
	for i := range all {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return 0, 0, nil, err
		}
		all[i].fd = fd
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return 0, 0, nil, fmt.Errorf("connection %d: %w", i, err)
		}
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		unix.SetNonblock(fd, true)
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			return 0, 0, nil, err
		}
	}
	send := func(c *conn) error {
		c.at = time.Now()
		for sent := 0; sent < size; {
			n, err := unix.Write(c.fd, msg[sent:])
			if err == unix.EAGAIN {
				// The server has to read first; it does, since what it sends back fits.
				unix.Poll([]unix.PollFd{{Fd: int32(c.fd), Events: unix.POLLOUT}}, 1)
				continue
			}
			if err != nil {
				return err
			}
			sent += n
		}
		return nil
	}
	for i := range all {
		if err := send(&all[i]); err != nil {
			return 0, 0, nil, err
		}
	}
	events := make([]unix.EpollEvent, 256)
	start := time.Now()
	warm := start.Add(d / 5)
	var begun time.Time
	for {
		n, err := unix.EpollWait(ep, events, 1000)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, 0, nil, err
		}
		if n == 0 {
			return 0, 0, nil, fmt.Errorf("no answer for a second, after %d round trips", trips)
		}
		now := time.Now()
		if begun.IsZero() && now.After(warm) {
			begun, trips, latencies = now, 0, latencies[:0]
		}
		if now.Sub(start) > d {
			slices.Sort(latencies)
			return trips, now.Sub(begun).Seconds(), latencies, nil
		}
		for _, ev := range events[:n] {
			c := &all[ev.Fd]
			m, err := unix.Read(c.fd, buf)
			if err == unix.EAGAIN {
				continue
			}
			if err != nil || m == 0 {
				return 0, 0, nil, fmt.Errorf("read: %d bytes, %w", m, err)
			}
			if c.got += m; c.got < size {
				continue
			}
			c.got = 0
			trips++
			if len(latencies) < 1<<20 {
				latencies = append(latencies, time.Since(c.at))
			}
			if err := send(c); err != nil {
				return 0, 0, nil, err
			}
		}
	}
}
