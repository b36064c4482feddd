package echo

import (
	"context"
	"fmt"
	"net"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
	"github.com/pinion-go/pinion/internal/uring"
)

// servers are the ways in which an echo server is written here. Each listens on a port of
// 127.0.0.1, says which by calling ready, and serves for ever.
var servers = map[string]func(ready func(port int)) error{
	"aio":      serveAIO(""),
	"epoll":    serveAIO("epoll"),
	"portable": serveAIO("portable"),
	"net":      serveNet,
	"bare":     serveBare,
}

func serveNet(ready func(int)) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ready(l.Addr().(*net.TCPAddr).Port)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, bufSize)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// bufSize is the buffer of a connection of package net; it can be set for the idle case.
var bufSize = 16 << 10

// serveAIO serves with the driver of that name, "" for the best.
func serveAIO(driver string) func(ready func(int)) error {
	return func(ready func(int)) error {
		rt, err := aio.NewRuntime(aio.Options{Loops: runtime.GOMAXPROCS(0), Driver: driver})
		if err != nil {
			return err
		}
		l, err := aio.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		ready(l.Addr().(*net.TCPAddr).Port)
		t := future.Spawn(rt.Loop(0), acceptAsync(rt, l))
		if _, err := t.Wait(); err != nil {
			return err
		}
		return rt.Shutdown(context.Background())
	}
}

// accept and echo are the straight-line server; the compiler makes futures of them.
//
//pinion:async
func accept(rt *future.Runtime, l *aio.Listener) {
	for {
		c, err := l.AcceptConn()
		if err != nil {
			return
		}
		spawn(rt, c)
	}
}

func spawn(rt *future.Runtime, c *aio.Conn) { future.Go(rt, echoAsync(c)) }

//pinion:async
func echo(c *aio.Conn) {
	for {
		b, err := c.Next()
		if err != nil {
			break
		}
		_, err = c.Write(b.Bytes())
		b.Release()
		if err != nil {
			break
		}
	}
	c.Close()
}

// serveBare is a ring and nothing else: no futures, no pins, no checks. Received bytes are
// sent from the buffer of the ring in which they lie.
func serveBare(ready func(int)) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		return err
	}
	lfd := 0
	raw.Control(func(fd uintptr) {
		lfd, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		unix.SetNonblock(lfd, false)
	})
	if err != nil {
		return err
	}
	r, err := uring.New(512, true)
	if err != nil {
		return err
	}
	const buffers, size = 1024, 8 << 10
	bufs, err := uring.NewBufRing(r, buffers)
	if err != nil {
		return err
	}
	mem := make([]byte, buffers*size)
	for i := range buffers {
		bufs.Put(uint16(i), mem[i*size:(i+1)*size])
	}
	if err := r.Enable(); err != nil {
		return err
	}
	sqe := func() *uring.SQE {
		for {
			if s := r.Next(); s != nil {
				return s
			}
			r.Enter(0, 0)
		}
	}
	const accepts, receives, sends = 1, 2, 3 // the upper half of user data; the descriptor and the buffer are below
	arm := func() {
		s := sqe()
		s.Opcode, s.FD, s.Ioprio, s.UserData = uring.OpcodeAccept, int32(lfd), uring.AcceptMultishot, accepts<<56
	}
	receive := func(fd int32) {
		s := sqe()
		s.Opcode, s.FD, s.Ioprio, s.Flags, s.BufIndex = uring.OpcodeRecv, fd, uring.RecvMultishot, uring.SQEBufferSelect, uring.BufGroup
		s.UserData = receives<<56 | uint64(fd)
	}
	arm()
	ready(l.Addr().(*net.TCPAddr).Port)
	for {
		if err := r.Enter(1, -1); err != nil {
			return err
		}
		r.Reap(func(c uring.CQE) {
			fd, bid := int32(c.UserData&0xffffffff), uint16(c.UserData>>32)
			switch c.UserData >> 56 {
			case accepts:
				if c.Res >= 0 {
					receive(c.Res)
				}
				if c.Flags&uring.CQEMore == 0 {
					arm()
				}
			case receives:
				if c.Flags&uring.CQEBuffer != 0 && c.Res > 0 {
					bid := uint16(c.Flags >> uring.CQEBufferShift)
					s := sqe()
					s.Opcode, s.FD, s.OpFlags = uring.OpcodeSend, fd, uring.MsgWaitall|uring.MsgNosignal
					s.Addr, s.Len = uring.Addr(mem[int(bid)*size:]), uint32(c.Res)
					s.UserData = sends<<56 | uint64(bid)<<32 | uint64(fd)
				}
				switch {
				case c.Flags&uring.CQEMore != 0:
				case c.Res == 0 || c.Res < 0 && c.Res != -int32(unix.ENOBUFS):
					unix.Close(int(fd))
				default:
					receive(fd)
				}
			case sends:
				bufs.Put(bid, mem[int(bid)*size:int(bid+1)*size])
			}
		})
	}
}

var errUsage = fmt.Errorf("echo: there are servers aio, epoll, portable, net and bare")
