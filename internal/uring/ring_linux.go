package uring

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Ring is an io_uring: a queue of submissions and one of completions in memory that the
// kernel shares. This file is the only one of the package that computes with addresses.
// A ring belongs to one goroutine at a time, and one that is bound to one thread.
type Ring struct {
	fd     int // that enter uses: the ring's, or its index if it is registered
	file   int // the ring's
	thread int // that has registered the ring
	flags  uint32
	setup  uint32
	on     bool // enabled, by the thread that submits
	soon   bool // the kernel can wait for several completions for a while, and then for one

	mem  []byte // both rings
	smem []byte // the submission entries
	sqes []SQE
	cqes []CQE

	sqHead, sqTail, sqFlags *uint32
	cqHead, cqTail          *uint32
	sqMask, cqMask          uint32

	tail   uint32 // of the submission queue, as far as filled
	sent   uint32 // and as far as the kernel has taken it
	enters uint64 // system calls, for tests and tables

	// What enter's argument points at: here, since a stack moves.
	arg waitArg
	ts  timespec
	iov unix.Iovec

	limits []timespec // of linked timeouts, by the place of their entry; nil until there is one
}

// batchWait is how long several completions are waited for.
const batchWait = 50 * time.Microsecond

// New makes a ring with room for entries submissions.
func New(entries uint32, bound bool) (*Ring, error) {
	p := params{flags: setupClamp | setupSubmitAll}
	if bound {
		p.flags |= setupSingleIssuer | setupDeferTaskrun | setupDisabled
	} else {
		p.flags |= setupCoopTaskrun
	}
	p.flags |= setupTaskrunFlag
	// SAFETY: p is a struct io_uring_params, which the call fills in and does not keep.
	fd, _, errno := syscall.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, fmt.Errorf("io_uring_setup: %w", errno)
	}
	r := &Ring{fd: int(fd), file: int(fd), setup: p.flags, soon: p.features&featMinTimeout != 0}
	syscall.CloseOnExec(r.file)
	if missing := featSingleMmap | featNoDrop | featExtArg; p.features&uint32(missing) != uint32(missing) {
		r.Close()
		return nil, fmt.Errorf("io_uring: the kernel's features %#x lack some of %#x", p.features, missing)
	}
	if err := r.mapQueues(&p); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Ring) mapQueues(p *params) (err error) {
	const prot, how = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	size := max(p.sqArray+p.sqEntries*4, p.cqes+p.cqEntries*uint32(unsafe.Sizeof(CQE{})))
	if r.mem, err = unix.Mmap(r.file, offSQRing, int(size), prot, how); err != nil {
		return fmt.Errorf("mmap of an io_uring's queues: %w", err)
	}
	if r.smem, err = unix.Mmap(r.file, offSQEs, int(p.sqEntries)*int(unsafe.Sizeof(SQE{})), prot, how); err != nil {
		return fmt.Errorf("mmap of an io_uring's submissions: %w", err)
	}
	word := func(off uint32) *uint32 {
		// SAFETY: the kernel's offsets lie within the mapping and are 4-byte aligned.
		return (*uint32)(unsafe.Pointer(&r.mem[off]))
	}
	r.sqHead, r.sqTail, r.sqFlags = word(p.sqHead), word(p.sqTail), word(p.sqFlags)
	r.cqHead, r.cqTail = word(p.cqHead), word(p.cqTail)
	r.sqMask, r.cqMask = *word(p.sqMask), *word(p.cqMask)
	// SAFETY: the mappings hold that many entries, page-aligned, and outlive the slices:
	// both go with close.
	r.sqes = unsafe.Slice((*SQE)(unsafe.Pointer(&r.smem[0])), p.sqEntries)
	r.cqes = unsafe.Slice((*CQE)(unsafe.Pointer(&r.mem[p.cqes])), p.cqEntries)
	index := unsafe.Slice(word(p.sqArray), p.sqEntries)
	for i := range index {
		index[i] = uint32(i) // entry i is always in place i
	}
	r.tail = atomic.LoadUint32(r.sqTail)
	r.sent = r.tail
	return nil
}

// Enable makes a bound ring belong to the calling thread.
func (r *Ring) Enable() error {
	if r.on {
		return nil
	}
	r.on = true
	if r.setup&setupDisabled == 0 {
		return nil
	}
	runtime.LockOSThread()
	if _, err := r.register(registerEnable, nil, 0); err != nil {
		return fmt.Errorf("io_uring: enabling the ring: %w", err)
	}
	// A registered ring saves the kernel a look-up at each call.
	up := ringUpdate{off: ^uint32(0), data: uint64(r.file)}
	// SAFETY: up is a struct io_uring_rsrc_update, which the call fills in and does not keep.
	if _, err := r.register(registerRingFD, unsafe.Pointer(&up), 1); err == nil {
		r.fd, r.flags, r.thread = int(up.off), enterRegRing, unix.Gettid()
	}
	return nil
}

// Enabled reports whether Enable was called.
func (r *Ring) Enabled() bool { return r.on }

// Enters returns how many system calls Enter has made.
func (r *Ring) Enters() uint64 { return r.enters }

// register is io_uring_register(2).
func (r *Ring) register(what uintptr, arg unsafe.Pointer, n uintptr) (uintptr, error) {
	// SAFETY: the callers pass the struct that what asks for; the kernel does not keep it.
	res, _, errno := syscall.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.file), what, uintptr(arg), n, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return res, nil
}

// Next returns a cleared submission entry to be filled in, nil if the queue is full.
func (r *Ring) Next() *SQE {
	if r.tail-atomic.LoadUint32(r.sqHead) > r.sqMask {
		return nil
	}
	s := &r.sqes[r.tail&r.sqMask]
	*s = SQE{}
	r.tail++
	return s
}

// Room returns how many entries Next has before the queue is full.
func (r *Ring) Room() uint32 { return r.sqMask + 1 - (r.tail - atomic.LoadUint32(r.sqHead)) }

// LimitNext has the operation of the last entry of Next end with ECANCELED when d has passed: an
// entry of its own, which completes too. There must be room for it, since an entry that is linked to
// the next must be handed over together with it.
func (r *Ring) LimitNext(d time.Duration, userData uint64) {
	if r.limits == nil {
		r.limits = make([]timespec, len(r.sqes))
	}
	r.sqes[(r.tail-1)&r.sqMask].Flags |= SQELink
	s := r.Next()
	ts := &r.limits[(r.tail-1)&r.sqMask]
	*ts = timespec{sec: int64(d / time.Second), nsec: int64(d % time.Second)}
	s.Opcode, s.FD, s.Len, s.UserData = OpcodeLinkTimeout, -1, 1, userData
	// SAFETY: the kernel reads it when it takes the entry, and until then nobody uses the
	// place again. It is on the heap, where addresses stay, and as old as the ring.
	s.Addr = uint64(uintptr(unsafe.Pointer(ts)))
}

// Queued returns how many submissions the kernel was not told of.
func (r *Ring) Queued() uint32 { return r.tail - r.sent }

// Enter tells the kernel of the submissions, has it do what it has put off, and waits for
// a completion or until d has passed; for ever if d is negative. With want 0 it does not wait.
// It waits for more than one, want, no longer than batchWait: those that end with
// the submission itself would end the wait before anything new has come.
func (r *Ring) Enter(want uint32, d time.Duration) error {
	atomic.StoreUint32(r.sqTail, r.tail)
	r.arg.ts, r.arg.minWait = 0, 0
	switch {
	case want <= 1:
	case !r.soon || d >= 0 && d < batchWait:
		want = 1
	default:
		r.arg.minWait = uint32(batchWait / time.Microsecond)
		if d < 0 {
			d = time.Hour // without a time it would end after batchWait
		}
	}
	if want > 0 && d >= 0 {
		r.ts = timespec{sec: int64(d / time.Second), nsec: int64(d % time.Second)}
		// SAFETY: r is on the heap, where addresses stay, and alive until the call is over.
		r.arg.ts = uint64(uintptr(unsafe.Pointer(&r.ts)))
	}
	r.enters++
	// SAFETY: arg is a struct io_uring_getevents_arg, which the kernel reads within the call.
	_, _, errno := syscall.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(r.Queued()), uintptr(want),
		uintptr(r.flags|enterGetEvents|enterExtArg), uintptr(unsafe.Pointer(&r.arg)), unsafe.Sizeof(r.arg))
	r.sent = atomic.LoadUint32(r.sqHead)
	switch errno {
	case 0, unix.EINTR, unix.ETIME, unix.EAGAIN, unix.EBUSY:
		return nil // a signal, the time, no memory or too many completions for the moment
	}
	return fmt.Errorf("io_uring_enter: %w", errno)
}

// Behind reports whether the kernel has something for us that only enter brings.
func (r *Ring) Behind() bool { return atomic.LoadUint32(r.sqFlags)&(sqTaskrun|sqCQOverflow) != 0 }

// Available returns how many completions there are.
func (r *Ring) Available() uint32 { return atomic.LoadUint32(r.cqTail) - *r.cqHead }

// Ready reports whether there are completions.
func (r *Ring) Ready() bool { return atomic.LoadUint32(r.cqTail) != *r.cqHead }

// Reap takes up the completions that are there.
func (r *Ring) Reap(each func(CQE)) {
	head := *r.cqHead
	for tail := atomic.LoadUint32(r.cqTail); head != tail; {
		c := r.cqes[head&r.cqMask]
		head++
		atomic.StoreUint32(r.cqHead, head) // before each: that may enter again
		each(c)
		if head == tail {
			tail = atomic.LoadUint32(r.cqTail)
		}
	}
}

// Close ends the ring. The thread that it belongs to calls it: of another, the kernel would keep what
// that thread has registered, and all that is in it, until the thread ends, which the first of a process does not.
func (r *Ring) Close() error {
	var errs []error
	if r.flags&enterRegRing != 0 && r.thread == unix.Gettid() { // of another thread it would be another ring
		up := ringUpdate{off: uint32(r.fd)}
		// SAFETY: up is a struct io_uring_rsrc_update, which the call reads and does not keep.
		if _, err := r.register(unregisterRing, unsafe.Pointer(&up), 1); err != nil {
			errs = append(errs, fmt.Errorf("io_uring: giving up the registered ring: %w", err))
		}
		r.fd, r.flags = r.file, 0
	}
	if r.smem != nil {
		errs = append(errs, unix.Munmap(r.smem))
	}
	if r.mem != nil {
		errs = append(errs, unix.Munmap(r.mem))
	}
	r.mem, r.smem, r.sqes, r.cqes = nil, nil, nil, nil
	return errors.Join(append(errs, unix.Close(r.file))...)
}

// RegisterBuffers makes a table of n fixed buffers, all of them empty. Linux 5.19 is the first that can.
func (r *Ring) RegisterBuffers(n int) error {
	reg := rsrcRegister{nr: uint32(n), flags: registerSparse}
	// SAFETY: reg is a struct io_uring_rsrc_register, which the call reads and does not keep.
	_, err := r.register(registerBufs, unsafe.Pointer(&reg), unsafe.Sizeof(reg))
	return err
}

// UpdateBuffer makes mem the fixed buffer i, nil to empty its place. The kernel keeps the memory
// of what was there until the operations on that are over. mem must be pinned as long as it is there.
func (r *Ring) UpdateBuffer(i int, mem []byte) error {
	r.iov = unix.Iovec{}
	if len(mem) > 0 {
		r.iov.Base = &mem[0]
		r.iov.SetLen(len(mem))
	}
	// SAFETY: the call reads r.iov, which is on the heap as all of r, and keeps no address of it.
	up := rsrcUpdate{offset: uint32(i), nr: 1, data: uint64(uintptr(unsafe.Pointer(&r.iov)))}
	_, err := r.register(updateBufs, unsafe.Pointer(&up), unsafe.Sizeof(up))
	r.iov = unix.Iovec{} // which would keep mem alive
	return err
}

// A BufRing is the ring in which a pool's buffers are given to the kernel.
type BufRing struct {
	mem     []byte
	entries []bufEntry
	tail    uint16
	mask    uint16
}

const BufGroup = 1

// NewBufRing registers a buffer ring with room for entries, a power of two.
func NewBufRing(r *Ring, entries int) (*BufRing, error) {
	mem, err := unix.Mmap(-1, 0, entries*int(unsafe.Sizeof(bufEntry{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("mmap of a buffer ring: %w", err)
	}
	b := &BufRing{mem: mem, mask: uint16(entries - 1)}
	// SAFETY: mem holds that many entries and is page-aligned.
	b.entries = unsafe.Slice((*bufEntry)(unsafe.Pointer(&mem[0])), entries)
	reg := bufReg{addr: uint64(uintptr(unsafe.Pointer(&mem[0]))), entries: uint32(entries), bgid: BufGroup}
	if _, err := r.register(registerPbuf, unsafe.Pointer(&reg), 1); err != nil {
		unix.Munmap(mem)
		return nil, fmt.Errorf("io_uring: registering a buffer ring: %w", err)
	}
	return b, nil
}

// Put gives buffer bid, which is mem, to the kernel. mem is pinned.
func (b *BufRing) Put(bid uint16, mem []byte) {
	e := &b.entries[b.tail&b.mask]
	// SAFETY: mem is pinned until the ring is closed, so its address may leave Go.
	e.addr, e.len, e.bid = uint64(uintptr(unsafe.Pointer(&mem[0]))), uint32(len(mem)), bid
	b.tail++
	// The kernel reads the tail as 16 bits in the last two bytes of the first entry. They
	// share a word with its bid, which is ours alone to write.
	word := (*uint32)(unsafe.Pointer(&b.entries[0].bid))
	// SAFETY: bid and tail are the aligned last 4 bytes of an entry; on a little-endian
	// machine the tail is the upper half.
	atomic.StoreUint32(word, uint32(b.entries[0].bid)|uint32(b.tail)<<16)
}

func (b *BufRing) Close(r *Ring) error {
	reg := bufReg{bgid: BufGroup}
	_, err := r.register(unregisterPbuf, unsafe.Pointer(&reg), 1)
	return errors.Join(err, unix.Munmap(b.mem))
}

// Addr returns the address of a buffer that the kernel is to use. It stays valid since
// the buffer is pinned for its op, or lies in pinned memory, until the final completion.
func Addr(buf []byte) uint64 {
	if len(buf) == 0 {
		return 0
	}
	// SAFETY: see above; engine.start has seen to it.
	return uint64(uintptr(unsafe.Pointer(&buf[0])))
}
