package aio

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/internal/uring"
)

// uringKernel is the kernel's side of an engine on io_uring.
type uringKernel struct {
	e    *engine
	r    *uring.Ring
	bufs *uring.BufRing

	event  wakeFD
	gather gather
	fixed  fixed

	sends uint32 // begun since the last enter: they nearly always end with it

	bound bool
	late  bool // submissions were left for the next flush
	polls bool // the eventfd is polled
}

const (
	// What completions are of that are no ops'.
	eventsOfWakeups = 1 // the poll of the eventfd
	eventsOfCancels = 2 // requests to cancel, whose own results say nothing
	eventsOfLimits  = 3 // linked timeouts: what they have ended says so itself

	ringEntries = 512
	// submitAt is how many submissions are worth a system call within a turn. Fewer wait for the
	// end of the next turn at most: if the loop has nothing to do until then, the call in which
	// it sleeps does for them.
	submitAt = ringEntries / 2
)

// newBufRing is what tests have fail.
var newBufRing = uring.NewBufRing

// newUring makes an engine on io_uring. A bound one belongs to the thread that first uses it.
func newUring(bound bool) (*engine, error) {
	if err := probeUring(bound); err != nil {
		return nil, err
	}
	e, err := newUringOf(ringEntries, bound)
	if errors.Is(err, unix.ENOMEM) {
		why := err
		if e, err = newUringOf(smallRing, bound); err == nil {
			e.lacks(fmt.Sprintf("with a ring of %d instead of %d: %v", smallRing, ringEntries, why))
		}
	}
	if err != nil {
		return nil, refused(err)
	}
	openBooks(e)
	return e, nil
}

// newUringOf makes an engine whose ring has so many entries.
func newUringOf(entries uint32, bound bool) (*engine, error) {
	r, err := uring.New(entries, bound)
	if err != nil {
		return nil, err
	}
	u := &uringKernel{r: r, bound: bound, event: wakeFD{fd: -1}}
	u.e = &engine{k: u}
	if err := u.prepare(); err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u.e, nil
}

func (u *uringKernel) prepare() (err error) {
	n := poolMax
	for u.bufs, err = newBufRing(u.r, n); errors.Is(err, unix.ENOMEM) && n > poolStep; {
		n /= 2
		u.bufs, err = newBufRing(u.r, n)
	}
	if err != nil {
		return err
	}
	if n < poolMax {
		u.e.pool.limit = n
		u.e.lacks(fmt.Sprintf("with %d buffers to receive into at most instead of %d: the kernel has no memory, or none that may be locked (ulimit -l), for a ring of more", n, poolMax))
	}
	if err := u.event.open(); err != nil {
		return err
	}
	return u.more()
}

// more adds buffers to the pool and gives them to the kernel.
func (u *uringKernel) more() error {
	first, n, err := u.e.pool.grow()
	for i := range n {
		u.provide(uint16(first + i))
	}
	return err
}

func (u *uringKernel) Bound() bool { return u.bound }

func (u *uringKernel) provide(bid uint16) { u.bufs.Put(bid, u.e.pool.mem(bid)) }

func (u *uringKernel) begin(k key, o *op) bool {
	x := u.e.ops.io(o)
	if o.kind == opConnect && x.off > 0 && !u.room(2) {
		return false
	}
	s := u.next()
	if s == nil {
		return false
	}
	s.FD, s.UserData = u.e.ops.fd(o), uint64(k)
	switch o.kind {
	case opAccept:
		s.Opcode, s.Ioprio, s.OpFlags = uring.OpcodeAccept, uring.AcceptMultishot, uring.AcceptCloexec
	case opReceive:
		s.Opcode, s.Ioprio, s.Flags, s.BufIndex = uring.OpcodeRecv, uring.RecvMultishot, uring.SQEBufferSelect, uring.BufGroup
	case opSend:
		s.Opcode, s.OpFlags = uring.OpcodeSend, uring.MsgWaitall|uring.MsgNosignal
		s.Addr, s.Len = uring.Addr(x.buf), uint32(len(x.buf))
		if o.flags&opZeroCopy != 0 {
			s.Opcode = uring.OpcodeSendZC
			if i, ok := u.fixed.place(u.r, x.buf); ok {
				s.Ioprio, s.BufIndex = uring.SendFixed, i
			}
		}
		u.sends++
	case opConnect:
		s.Opcode, s.Addr, s.Off = uring.OpcodeConnect, uring.Addr(x.buf), uint64(len(x.buf))
		if x.off > 0 {
			u.r.LimitNext(time.Duration(x.off), eventsOfLimits)
		}
	case opPollIn:
		s.Opcode, s.OpFlags = uring.OpcodePollAdd, uring.PollIn
	case opPollOut:
		s.Opcode, s.OpFlags = uring.OpcodePollAdd, uring.PollOut
	case opRead, opWrite:
		s.Opcode = uring.OpcodeRead
		i, fixed := uint16(0), false
		if x.off >= 0 { // what has no position may not take fixed buffers
			i, fixed = u.fixed.place(u.r, x.buf)
		}
		switch {
		case fixed && o.kind == opWrite:
			s.Opcode, s.BufIndex = uring.OpcodeWriteFixed, i
		case fixed:
			s.Opcode, s.BufIndex = uring.OpcodeReadFixed, i
		case o.kind == opWrite:
			s.Opcode = uring.OpcodeWrite
		}
		s.Addr, s.Len, s.Off = uring.Addr(x.buf), uint32(len(x.buf)), uint64(x.off)
	case opFsync:
		s.Opcode = uring.OpcodeFsync
	}
	return true
}

func (u *uringKernel) cancel(k key) bool {
	s := u.next()
	if s == nil {
		return false
	}
	s.Opcode, s.Addr, s.UserData = uring.OpcodeCancel, uint64(k), eventsOfCancels
	return true
}

// next returns a submission entry. If the queue is full it is handed over first; nil if the
// kernel takes none.
func (u *uringKernel) next() *uring.SQE {
	s := u.r.Next()
	if s == nil && u.r.Enabled() && u.enter(0, 0) == nil {
		s = u.r.Next()
	}
	return s
}

// room sees to it that next has n entries. It reports false if the kernel takes none.
func (u *uringKernel) room(n uint32) bool {
	if u.r.Room() < n && u.r.Enabled() {
		u.enter(0, 0)
	}
	return u.r.Room() >= n
}

// connects implements connector.
func (u *uringKernel) connects() (limited bool) { return true }

// fewSends is for how many sends a call of their own costs less than the kernel's timer, without which
// there is no wait for what comes after them.
const fewSends = 4

func (u *uringKernel) enter(want uint32, d time.Duration) error {
	u.e.count.Calls++
	u.sends = 0
	return u.r.Enter(want, d)
}

// ready makes the ring the calling thread's, and has the eventfd polled.
func (u *uringKernel) ready() error {
	if err := u.r.Enable(); err != nil {
		return err
	}
	if !u.polls {
		if s := u.next(); s != nil {
			s.Opcode, s.FD, s.OpFlags, s.Len, s.UserData = uring.OpcodePollAdd, int32(u.event.fd), uring.PollIn, uring.PollMultishot, eventsOfWakeups
			u.polls = true
		}
	}
	return nil
}

func (u *uringKernel) flush() error {
	if !u.polls || !u.r.Enabled() {
		if err := u.ready(); err != nil {
			return err
		}
	}
	// What is late goes with the wait that follows, unless tasks keep the loop from it.
	n, behind := u.r.Queued(), u.r.Behind()
	if n >= submitAt || u.late && (n > 0 || behind) {
		u.late = false
		if err := u.enter(0, 0); err != nil {
			return err
		}
	} else {
		u.late = n > 0 || behind
	}
	if u.r.Ready() {
		u.r.Reap(u.completed)
	}
	return nil
}

func (u *uringKernel) wait(d time.Duration) error {
	if err := u.ready(); err != nil {
		return err
	}
	u.late = false
	if u.sends > 0 && u.sends <= fewSends && u.gather.extra == 0 && !u.r.Ready() {
		// They end with their submission, and the next wait is for one completion.
		if err := u.enter(0, 0); err != nil {
			return err
		}
		if u.r.Ready() {
			u.r.Reap(u.completed)
			return nil
		}
	}
	// Else the sends would end the wait.
	want := 1 + u.sends + u.gather.extra
	if u.r.Ready() {
		want = 0
	}
	if want > 0 || u.r.Queued() > 0 || u.r.Behind() {
		if err := u.enter(want, d); err != nil {
			return err
		}
		u.gather.waited(want, u.r.Available())
	}
	u.r.Reap(u.completed)
	return nil
}

func (u *uringKernel) completed(c uring.CQE) {
	switch c.UserData {
	case eventsOfWakeups:
		if c.Flags&uring.CQEMore == 0 {
			u.polls = false // is polled again at the next flush
		}
	case eventsOfCancels, eventsOfLimits:
	default:
		u.e.complete(key(c.UserData), completion{
			res:    c.Res,
			more:   c.Flags&uring.CQEMore != 0,
			buffer: c.Flags&uring.CQEBuffer != 0,
			bid:    uint16(c.Flags >> uring.CQEBufferShift),
		})
	}
}

func (u *uringKernel) wake() { u.event.wake() }

func (u *uringKernel) close() error {
	var errs []error
	if u.bufs != nil {
		errs = append(errs, u.bufs.Close(u.r))
	}
	u.fixed = fixed{} // who still knows a connection of this engine need not keep pools
	return errors.Join(append(errs, u.event.close(), u.r.Close())...)
}
