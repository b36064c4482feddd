package aio

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// SilentAddr returns the address of a listener whose queue is full: it answers no connect.
func SilentAddr(t testing.TB) *net.TCPAddr {
	t.Helper()
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(l) })
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(l, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(l)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(c) })
		unix.Connect(c, sa)
		time.Sleep(2 * time.Millisecond)
	}
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: sa.(*unix.SockaddrInet4).Port}
}

// TestALimitIsHandedOverWithItsConnect, however little room the queue has: a link does not reach
// from one call to the next, and a connect without its limit would wait for minutes.
func TestALimitIsHandedOverWithItsConnect(t *testing.T) {
	eachKernel(t, func(t *testing.T, e *engine, r *recorder) {
		addr := SilentAddr(t)
		idle := func() int32 {
			a, b := socketPair(t)
			t.Cleanup(func() { unix.Close(a); unix.Close(b) })
			return int32(a)
		}()
		var polls, connects []key
		var fds []int32
		for _, before := range []int{0, 1, ringEntries - 3, ringEntries - 2, ringEntries - 1, ringEntries} {
			turns(t, e)
			for range before {
				polls = append(polls, e.start(opPollIn, idle, nil, true, r))
			}
			for range 2 {
				var sa [addressMax]byte
				n, family, errno := encodeAddr(&sa, "tcp", addr)
				if errno != 0 {
					t.Fatal(errno)
				}
				fd, errno := openStream(family)
				if errno != 0 {
					t.Fatal(errno)
				}
				fds = append(fds, fd)
				connects = append(connects, e.startAt(opConnect, fd, sa[:n], false, int64(20*time.Millisecond), r))
			}
		}
		for _, k := range connects {
			if n := r.result(t, e, k); n != -int32(unix.ECANCELED) {
				t.Errorf("%d", n)
			}
		}
		for _, k := range polls {
			e.cancel(k)
		}
		for _, k := range polls {
			r.result(t, e, k)
		}
		for _, fd := range fds {
			unix.Close(int(fd))
		}
	}, "uring")
}

// TestASocketThatIsConnectedToItselfIsFound: where nobody listens on a port that the kernel
// gives out, it may give it to the very socket that is to connect to it.
func TestASocketThatIsConnectedToItselfIsFound(t *testing.T) {
	for _, a := range []unix.Sockaddr{
		&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}},
		&unix.SockaddrInet6{Addr: [16]byte{15: 1}},
	} {
		family := unix.AF_INET
		addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
		if _, six := a.(*unix.SockaddrInet6); six {
			family, addr.IP = unix.AF_INET6, net.IPv6loopback
		}
		fd, errno := openStream(family)
		if errno != 0 {
			t.Skip(errno)
		}
		defer unix.Close(int(fd))
		if err := unix.Bind(int(fd), a); err != nil {
			t.Skip(err)
		}
		self, err := unix.Getsockname(int(fd))
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Connect(int(fd), self); err != nil {
			t.Fatal(err)
		}
		switch s := self.(type) {
		case *unix.SockaddrInet4:
			addr.Port = s.Port
		case *unix.SockaddrInet6:
			addr.Port = s.Port
		}
		if settleStream(fd, addr, true) {
			t.Errorf("%v is not found to be connected to itself", addr)
		}
		if !settleStream(fd, addr, false) {
			t.Errorf("%v is refused in the end", addr)
		}
		addr.Port++
		if !settleStream(fd, addr, true) {
			t.Errorf("%v is taken for another", addr)
		}
	}
}
