package echo

import (
	"net"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/uring"
)

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
	var entered atomic.Int64
	sent := uint32(0)
	calls = entered.Load
	arm()
	ready(l.Addr().(*net.TCPAddr).Port)
	for {
		if err := r.Enter(1+sent, -1); err != nil {
			return err
		}
		sent = 0
		entered.Store(int64(r.Enters()))
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
					sent++
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
