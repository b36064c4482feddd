package aio_test

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// dialLoop dials n times, one after the other.
type dialLoop struct {
	address string
	left    int
	f       aio.DialFuture
	on      bool
	err     error
}

func (f *dialLoop) Poll(cx *future.Context) future.Poll {
	for f.left > 0 {
		if !f.on {
			f.f, f.on = aio.DialAsync("tcp", f.address), true
		}
		if f.f.Poll(cx) == future.Pending {
			return future.Pending
		}
		var c *aio.Conn
		f.on = false
		if c, f.err = f.f.Result(); f.err != nil {
			return future.Ready
		}
		c.CloseCx(cx)
		f.left--
	}
	return future.Ready
}

// pooledLoop is dialLoop with package net on a pooled goroutine.
type pooledLoop struct {
	address string
	left    int
	f       *future.FromFuncFuture[*aio.Conn]
	err     error
}

func (f *pooledLoop) Poll(cx *future.Context) future.Poll {
	for f.left > 0 {
		if f.f == nil {
			g := future.FromFuncContext(func(ctx context.Context) (*aio.Conn, error) {
				nc, err := new(net.Dialer).DialContext(ctx, "tcp", f.address)
				if err != nil {
					return nil, err
				}
				return aio.Wrap(nc)
			})
			f.f = &g
		}
		if f.f.Poll(cx) == future.Pending {
			return future.Pending
		}
		var c *aio.Conn
		if c, f.err = f.f.Result(); f.err != nil {
			return future.Ready
		}
		c.CloseCx(cx)
		f.f = nil
		f.left--
	}
	return future.Ready
}

// BenchmarkDial connects over the loopback interface, and closes.
func BenchmarkDial(b *testing.B) {
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(l)
	if err := unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		b.Fatal(err)
	}
	unix.SetsockoptLinger(l, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // no TIME_WAIT
	if err := unix.Listen(l, 4096); err != nil {
		b.Fatal(err)
	}
	sa, err := unix.Getsockname(l)
	if err != nil {
		b.Fatal(err)
	}
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: sa.(*unix.SockaddrInet4).Port}).String()
	drain := func() { // with a reset, so that ports are free again
		for {
			if !readable(l) {
				return
			}
			c, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
			if err != nil {
				return
			}
			unix.Close(c)
		}
	}
	const batch = 1000
	rounds := func(b *testing.B, dial func(n int) error) {
		b.ReportAllocs()
		for n := b.N; n > 0; n -= batch {
			if err := dial(min(n, batch)); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			drain()
			b.StartTimer()
		}
	}
	b.Run("net", func(b *testing.B) {
		rounds(b, func(n int) error {
			for range n {
				c, err := net.Dial("tcp", address)
				if err != nil {
					return err
				}
				c.Close()
			}
			return nil
		})
	})
	b.Run("from a goroutine", func(b *testing.B) {
		rounds(b, func(n int) error {
			for range n {
				c, err := aio.Dial("tcp", address)
				if err != nil {
					return err
				}
				c.Close()
			}
			return nil
		})
	})
	for _, driver := range []string{"uring", "epoll", "portable"} {
		rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: driver})
		if err != nil {
			continue
		}
		b.Run(driver, func(b *testing.B) {
			rounds(b, func(n int) error {
				return ended(future.Spawn(rt, dialLoop{address: address, left: n})).err
			})
		})
		if driver == "uring" {
			b.Run("pooled goroutine", func(b *testing.B) {
				rounds(b, func(n int) error {
					return ended(future.Spawn(rt, pooledLoop{address: address, left: n})).err
				})
			})
		}
		shutdown(b, rt)
	}
}

func readable(fd int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, _ := unix.Poll(fds, 0)
	return n > 0
}
