package aio

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

// ring is an io_uring: a queue of submissions and one of completions in memory that the
// kernel shares. This file is the only one of the package that computes with addresses.
// A ring belongs to one goroutine at a time, and one that is bound to one thread.
type ring struct {
	fd    int // that enter uses: the ring's, or its index if it is registered
	file  int // the ring's
	flags uint32
	setup uint32
	on    bool // enabled, by the thread that submits

	mem  []byte // both rings
	smem []byte // the submission entries
	sqes []sqe
	cqes []cqe

	sqHead, sqTail, sqFlags *uint32
	cqHead, cqTail          *uint32
	sqMask, cqMask          uint32

	tail   uint32 // of the submission queue, as far as filled
	sent   uint32 // and as far as the kernel has taken it
	enters uint64 // system calls, for tests and tables

	// What enter's argument points at: here, since a stack moves.
	arg waitArg
	ts  unix.Timespec
}

// newRing makes a ring with room for entries submissions.
func newRing(entries uint32, bound bool) (*ring, error) {
	p := uringParams{flags: setupClamp | setupSubmitAll}
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
	r := &ring{fd: int(fd), file: int(fd), setup: p.flags}
	syscall.CloseOnExec(r.file)
	if missing := featSingleMmap | featNoDrop | featExtArg; p.features&uint32(missing) != uint32(missing) {
		r.close()
		return nil, fmt.Errorf("io_uring: the kernel's features %#x lack some of %#x", p.features, missing)
	}
	if err := r.mapQueues(&p); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *ring) mapQueues(p *uringParams) (err error) {
	const prot, how = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	size := max(p.sqArray+p.sqEntries*4, p.cqes+p.cqEntries*uint32(unsafe.Sizeof(cqe{})))
	if r.mem, err = unix.Mmap(r.file, offSQRing, int(size), prot, how); err != nil {
		return fmt.Errorf("mmap of an io_uring's queues: %w", err)
	}
	if r.smem, err = unix.Mmap(r.file, offSQEs, int(p.sqEntries)*int(unsafe.Sizeof(sqe{})), prot, how); err != nil {
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
	r.sqes = unsafe.Slice((*sqe)(unsafe.Pointer(&r.smem[0])), p.sqEntries)
	r.cqes = unsafe.Slice((*cqe)(unsafe.Pointer(&r.mem[p.cqes])), p.cqEntries)
	index := unsafe.Slice(word(p.sqArray), p.sqEntries)
	for i := range index {
		index[i] = uint32(i) // entry i is always in place i
	}
	r.tail = atomic.LoadUint32(r.sqTail)
	r.sent = r.tail
	return nil
}

// enable makes a bound ring belong to the calling thread.
func (r *ring) enable() error {
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
	up := struct {
		off, resv uint32
		data      uint64
	}{off: ^uint32(0), data: uint64(r.file)}
	if _, err := r.register(registerRingFD, unsafe.Pointer(&up), 1); err == nil {
		r.fd, r.flags = int(up.off), enterRegRing
	}
	return nil
}

// register is io_uring_register(2).
func (r *ring) register(what uintptr, arg unsafe.Pointer, n uintptr) (uintptr, error) {
	// SAFETY: the callers pass the struct that what asks for; the kernel does not keep it.
	res, _, errno := syscall.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.file), what, uintptr(arg), n, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return res, nil
}

// next returns a cleared submission entry to be filled in, nil if the queue is full.
func (r *ring) next() *sqe {
	if r.tail-atomic.LoadUint32(r.sqHead) > r.sqMask {
		return nil
	}
	s := &r.sqes[r.tail&r.sqMask]
	*s = sqe{}
	r.tail++
	return s
}

// queued returns how many submissions the kernel was not told of.
func (r *ring) queued() uint32 { return r.tail - r.sent }

// enter tells the kernel of the submissions, has it do what it has put off, and waits for
// want completions or until d has passed; for ever if d is negative.
func (r *ring) enter(want uint32, d time.Duration) error {
	atomic.StoreUint32(r.sqTail, r.tail)
	r.arg.ts = 0
	if want > 0 && d >= 0 {
		r.ts = unix.NsecToTimespec(int64(d))
		// SAFETY: r is on the heap, where addresses stay, and alive until the call is over.
		r.arg.ts = uint64(uintptr(unsafe.Pointer(&r.ts)))
	}
	r.enters++
	// SAFETY: arg is a struct io_uring_getevents_arg, which the kernel reads within the call.
	_, _, errno := syscall.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(r.queued()), uintptr(want),
		uintptr(r.flags|enterGetEvents|enterExtArg), uintptr(unsafe.Pointer(&r.arg)), unsafe.Sizeof(r.arg))
	r.sent = atomic.LoadUint32(r.sqHead)
	switch errno {
	case 0, unix.EINTR, unix.ETIME, unix.EAGAIN, unix.EBUSY:
		return nil // a signal, the time, no memory or too many completions for the moment
	}
	return fmt.Errorf("io_uring_enter: %w", errno)
}

// behind reports whether the kernel has something for us that only enter brings.
func (r *ring) behind() bool { return atomic.LoadUint32(r.sqFlags)&(sqTaskrun|sqCQOverflow) != 0 }

// ready reports whether there are completions.
func (r *ring) ready() bool { return atomic.LoadUint32(r.cqTail) != *r.cqHead }

// reap takes up the completions that are there.
func (r *ring) reap(each func(cqe)) {
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

func (r *ring) close() error {
	var errs []error
	if r.smem != nil {
		errs = append(errs, unix.Munmap(r.smem))
	}
	if r.mem != nil {
		errs = append(errs, unix.Munmap(r.mem))
	}
	r.mem, r.smem, r.sqes, r.cqes = nil, nil, nil, nil
	return errors.Join(append(errs, unix.Close(r.file))...)
}

// bufRing is the ring in which a pool's buffers are given to the kernel.
type bufRing struct {
	mem     []byte
	entries []bufEntry
	tail    uint16
	mask    uint16
}

const bufGroup = 1

// newBufRing registers a buffer ring with room for entries, a power of two.
func newBufRing(r *ring, entries int) (*bufRing, error) {
	mem, err := unix.Mmap(-1, 0, entries*int(unsafe.Sizeof(bufEntry{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("mmap of a buffer ring: %w", err)
	}
	b := &bufRing{mem: mem, mask: uint16(entries - 1)}
	// SAFETY: mem holds that many entries and is page-aligned.
	b.entries = unsafe.Slice((*bufEntry)(unsafe.Pointer(&mem[0])), entries)
	reg := bufReg{addr: uint64(uintptr(unsafe.Pointer(&mem[0]))), entries: uint32(entries), bgid: bufGroup}
	if _, err := r.register(registerPbuf, unsafe.Pointer(&reg), 1); err != nil {
		unix.Munmap(mem)
		return nil, fmt.Errorf("io_uring: registering a buffer ring: %w", err)
	}
	return b, nil
}

// put gives buffer bid, which is mem, to the kernel. mem is pinned.
func (b *bufRing) put(bid uint16, mem []byte) {
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

func (b *bufRing) close(r *ring) error {
	reg := bufReg{bgid: bufGroup}
	_, err := r.register(unregisterPbuf, unsafe.Pointer(&reg), 1)
	return errors.Join(err, unix.Munmap(b.mem))
}

// pinnedAddr returns the address of a buffer that the kernel is to use. It stays valid since
// the buffer is pinned for its op, or lies in pinned memory, until the final completion.
func pinnedAddr(buf []byte) uint64 {
	if len(buf) == 0 {
		return 0
	}
	// SAFETY: see above; engine.start has seen to it.
	return uint64(uintptr(unsafe.Pointer(&buf[0])))
}
