package aio

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// uring is the kernel's side of an engine on io_uring.
type uring struct {
	e    *engine
	r    *ring
	bufs *bufRing

	mu    sync.Mutex // for wake, which may come after close
	event int        // an eventfd by which other threads end a wait; -1 when closed

	bound bool
	late  bool // submissions were left for the next flush
	polls bool // the eventfd is polled
}

const (
	ringEntries = 512
	// submitAt is how many submissions are worth a system call within a turn. Fewer wait
	// for the end of the next turn at most.
	submitAt = 32
)

// newUring makes an engine on io_uring. A bound one belongs to the thread that first uses it.
func newUring(bound bool) (*engine, error) {
	r, err := newRing(ringEntries, bound)
	if err != nil {
		return nil, err
	}
	u := &uring{r: r, bound: bound, event: -1}
	e := &engine{k: u}
	u.e = e
	if err := u.prepare(); err != nil {
		u.close()
		return nil, err
	}
	openBooks(e)
	return e, nil
}

func (u *uring) prepare() (err error) {
	if u.bufs, err = newBufRing(u.r, poolMax); err != nil {
		return err
	}
	if u.event, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		u.event = -1
		return fmt.Errorf("eventfd: %w", err)
	}
	return u.more()
}

// more adds buffers to the pool and gives them to the kernel.
func (u *uring) more() error {
	first, n, err := u.e.pool.grow()
	for i := range n {
		u.provide(uint16(first + i))
	}
	return err
}

func (u *uring) Bound() bool { return u.bound }

func (u *uring) provide(bid uint16) { u.bufs.put(bid, u.e.pool.mem(bid)) }

func (u *uring) begin(k key, o *op) bool {
	s := u.next()
	if s == nil {
		return false
	}
	s.fd, s.userData = o.fd, uint64(k)
	switch o.kind {
	case opAccept:
		s.opcode, s.ioprio, s.opFlags = opcodeAccept, acceptMultishot, acceptCloexec
	case opReceive:
		s.opcode, s.ioprio, s.flags, s.bufIndex = opcodeRecv, recvMultishot, sqeBufferSelect, bufGroup
	case opSend:
		s.opcode, s.opFlags = opcodeSend, msgWaitall|msgNosignal
		s.addr, s.len = pinnedAddr(o.buf), uint32(len(o.buf))
	case opConnect:
		s.opcode, s.addr, s.off = opcodeConnect, pinnedAddr(o.buf), uint64(len(o.buf))
	case opPollIn:
		s.opcode, s.opFlags = opcodePollAdd, pollIn
	case opRead, opWrite:
		s.opcode = opcodeRead
		if o.kind == opWrite {
			s.opcode = opcodeWrite
		}
		s.addr, s.len, s.off = pinnedAddr(o.buf), uint32(len(o.buf)), uint64(o.off)
	case opFsync:
		s.opcode = opcodeFsync
	}
	return true
}

func (u *uring) cancel(k key) bool {
	s := u.next()
	if s == nil {
		return false
	}
	s.opcode, s.addr, s.userData = opcodeCancel, uint64(k), eventsOfCancels
	return true
}

// next returns a submission entry. If the queue is full it is handed over first; nil if the
// kernel takes none.
func (u *uring) next() *sqe {
	s := u.r.next()
	if s == nil && u.r.on && u.r.enter(0, 0) == nil {
		s = u.r.next()
	}
	return s
}

// ready makes the ring the calling thread's, and has the eventfd polled.
func (u *uring) ready() error {
	if err := u.r.enable(); err != nil {
		return err
	}
	if !u.polls {
		if s := u.next(); s != nil {
			s.opcode, s.fd, s.opFlags, s.len, s.userData = opcodePollAdd, int32(u.event), pollIn, pollMultishot, eventsOfWakeups
			u.polls = true
		}
	}
	return nil
}

func (u *uring) flush() error {
	if !u.polls || !u.r.on {
		if err := u.ready(); err != nil {
			return err
		}
	}
	n := u.r.queued()
	if n >= submitAt || n > 0 && u.late || u.r.behind() {
		u.late = false
		if err := u.r.enter(0, 0); err != nil {
			return err
		}
	} else {
		u.late = n > 0
	}
	if u.r.ready() {
		u.r.reap(u.completed)
	}
	return nil
}

func (u *uring) wait(d time.Duration) error {
	if err := u.ready(); err != nil {
		return err
	}
	u.late = false
	want := uint32(1)
	if u.r.ready() {
		want = 0
	}
	if want > 0 || u.r.queued() > 0 || u.r.behind() {
		if err := u.r.enter(want, d); err != nil {
			return err
		}
	}
	u.r.reap(u.completed)
	return nil
}

func (u *uring) completed(c cqe) {
	switch c.userData {
	case eventsOfWakeups:
		if c.flags&cqeMore == 0 {
			u.polls = false // is polled again at the next flush
		}
	case eventsOfCancels:
	default:
		u.e.complete(key(c.userData), completion{
			res:    c.res,
			more:   c.flags&cqeMore != 0,
			buffer: c.flags&cqeBuffer != 0,
			bid:    uint16(c.flags >> cqeBufferShift),
		})
	}
}

// wake ends the wait that is under way, or the next one. Any goroutine.
func (u *uring) wake() {
	var one = [8]byte{1}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.event >= 0 {
		unix.Write(u.event, one[:]) // it fails only if nobody has waited for 2^64 wakes
	}
}

func (u *uring) close() error {
	var errs []error
	if u.bufs != nil {
		errs = append(errs, u.bufs.close(u.r))
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.event >= 0 {
		errs = append(errs, unix.Close(u.event))
		u.event = -1
	}
	return errors.Join(append(errs, u.r.close())...)
}
