package aio

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/uring"
	"github.com/pinion-go/pinion/pin"
)

// probed is whether a ring of each kind has received here. What has failed is tried again by the next
// engine: there may have been too little of something.
var probed struct {
	sync.Mutex
	loose, bound bool
}

// probeUring reports why io_uring does not do here what an engine cannot be without, though the kernel
// makes rings: a filter may forbid to enter them, and kernels before 6.0 receive into one
// buffer at a time.
func probeUring(bound bool) error {
	probed.Lock()
	defer probed.Unlock()
	ok := &probed.loose
	if bound {
		ok = &probed.bound
	}
	if *ok {
		return nil
	}
	err := tryReceive(uring.RecvMultishot, bound)
	*ok = err == nil
	return err
}

// tryReceive receives two bytes by one op, each into a buffer of a ring of buffers, and then the end of
// the stream. how is for the op, as in uring.SQE.Ioprio.
func tryReceive(how uint16, bound bool) (err error) {
	const size, n = 64, 4 // the end of the stream wants a buffer too
	r, err := uring.New(4, bound)
	if err != nil {
		return refused(err)
	}
	if bound {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	defer func() {
		err = errors.Join(err, r.Close())
		if bound && r.Enabled() {
			runtime.UnlockOSThread() // for Enable
		}
	}()
	bufs, err := uring.NewBufRing(r, n)
	if err != nil {
		return refused(err)
	}
	defer func() { err = errors.Join(err, bufs.Close(r)) }()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socketpair: %w", err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	mem, err := pin.NewBlock[byte](n * size)
	if err != nil {
		return err
	}
	p := uringProbe{r: r, end: time.Now().Add(closeGrace)}
	defer func() {
		if !p.under {
			mem.Close()
		} // else it is the kernel's, as it may be
	}()
	for i := range n {
		bufs.Put(uint16(i), mem.Slice(i*size, (i+1)*size))
	}
	if err := r.Enable(); err != nil {
		return refused(err)
	}
	s := r.Next()
	s.Opcode, s.Ioprio, s.Flags, s.BufIndex = uring.OpcodeRecv, how, uring.SQEBufferSelect, uring.BufGroup
	s.FD, s.UserData = int32(pair[0]), 1
	for range 2 {
		if _, err := unix.Write(pair[1], []byte("x")); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		c, err := p.next()
		if err != nil {
			return err
		}
		if want := uint32(uring.CQEMore | uring.CQEBuffer); c.Res != 1 || c.Flags&want != want {
			return notMultishot(c)
		}
	}
	if err := unix.Shutdown(pair[1], unix.SHUT_WR); err != nil {
		return fmt.Errorf("shutdown: %w", err)
	}
	c, err := p.next()
	if err == nil && (c.Res != 0 || c.Flags&uring.CQEMore != 0) {
		err = notMultishot(c)
	}
	return err
}

func notMultishot(c uring.CQE) error {
	if c.Res < 0 {
		return fmt.Errorf("io_uring: a receive into several buffers, which there is from Linux 6.0 on: %w", unix.Errno(-c.Res))
	}
	return fmt.Errorf("io_uring: a receive into several buffers gave %d with flags %#x", c.Res, c.Flags)
}

// uringProbe is a ring with one op.
type uringProbe struct {
	r     *uring.Ring
	under bool // the kernel has the op
	end   time.Time
}

// next returns the next completion of the op.
func (p *uringProbe) next() (c uring.CQE, err error) {
	for !p.r.Ready() {
		left := time.Until(p.end)
		if left <= 0 {
			return c, fmt.Errorf("io_uring: a receive did not end within %v", closeGrace)
		}
		if err := p.r.Enter(1, left); err != nil {
			return c, refused(err)
		}
		p.under = p.under || p.r.Queued() == 0
	}
	p.r.Reap(func(got uring.CQE) { c = got })
	p.under = c.Flags&uring.CQEMore != 0
	return c, nil
}
