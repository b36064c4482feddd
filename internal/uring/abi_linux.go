package uring

// The kernel's interface, from include/uapi/linux/io_uring.h; golang.org/x/sys has the numbers
// of the system calls only.

// SQE is a submission queue entry.
type SQE struct {
	Opcode   uint8
	Flags    uint8
	Ioprio   uint16
	FD       int32
	Off      uint64
	Addr     uint64
	Len      uint32
	OpFlags  uint32
	UserData uint64
	BufIndex uint16 // or the buffer group
	_        uint16
	_        int32
	_        [2]uint64
}

// CQE is a completion queue entry.
type CQE struct {
	UserData uint64
	Res      int32
	Flags    uint32
}

type params struct {
	sqEntries, cqEntries, flags    uint32
	sqThreadCPU, sqThreadIdle      uint32
	features, wqFD                 uint32
	_                              [3]uint32
	sqHead, sqTail, sqMask, sqSize uint32
	sqFlags, sqDropped, sqArray    uint32
	_                              uint32
	_                              uint64
	cqHead, cqTail, cqMask, cqSize uint32
	cqOverflow, cqes, cqFlags      uint32
	_                              uint32
	_                              uint64
}

// waitArg is struct io_uring_getevents_arg.
type waitArg struct {
	sigmask   uint64
	sigmaskSz uint32
	minWait   uint32 // in microseconds; 0 on kernels before 6.12
	ts        uint64
}

// timespec is struct __kernel_timespec, which has 64 bits for each on 32-bit machines too.
type timespec struct{ sec, nsec int64 }

// bufReg is struct io_uring_buf_reg.
type bufReg struct {
	addr    uint64
	entries uint32
	bgid    uint16
	flags   uint16
	_       [3]uint64
}

// bufEntry is struct io_uring_buf. The tail of the ring lies in the last two bytes of the
// first entry.
type bufEntry struct {
	addr uint64
	len  uint32
	bid  uint16
	tail uint16
}

// rsrcRegister is struct io_uring_rsrc_register, rsrcUpdate struct io_uring_rsrc_update2.
type rsrcRegister struct {
	nr, flags  uint32
	_          uint64
	data, tags uint64
}

type rsrcUpdate struct {
	offset, _  uint32
	data, tags uint64
	nr, _      uint32
}

// ringUpdate is struct io_uring_rsrc_update: a ring that a thread registers, or gives up.
type ringUpdate struct {
	off, _ uint32
	data   uint64
}

const (
	OpcodeFsync       = 3
	OpcodeReadFixed   = 4
	OpcodeWriteFixed  = 5
	OpcodePollAdd     = 6
	OpcodeAccept      = 13
	OpcodeCancel      = 14
	OpcodeLinkTimeout = 15
	OpcodeConnect     = 16
	OpcodeRead        = 22
	OpcodeWrite       = 23
	OpcodeSend        = 26
	OpcodeRecv        = 27
	OpcodeSendZC      = 47

	setupClamp        = 1 << 4
	setupDisabled     = 1 << 6
	setupSubmitAll    = 1 << 7
	setupCoopTaskrun  = 1 << 8
	setupTaskrunFlag  = 1 << 9
	setupSingleIssuer = 1 << 12
	setupDeferTaskrun = 1 << 13

	featSingleMmap = 1 << 0
	featNoDrop     = 1 << 1
	featExtArg     = 1 << 8
	featMinTimeout = 1 << 15

	enterGetEvents = 1 << 0
	enterExtArg    = 1 << 3
	enterRegRing   = 1 << 4

	sqCQOverflow = 1 << 1
	sqTaskrun    = 1 << 2

	SQELink         = 1 << 2
	SQEBufferSelect = 1 << 5

	CQEBuffer      = 1 << 0
	CQEMore        = 1 << 1
	CQEBufferShift = 16

	RecvMultishot   = 1 << 1 // ioprio of OpcodeRecv
	AcceptMultishot = 1 << 0 // ioprio of OpcodeAccept
	PollMultishot   = 1 << 0 // len of OpcodePollAdd
	SendFixed       = 1 << 2 // ioprio of OpcodeSendZC

	registerEnable = 12
	registerBufs   = 15
	updateBufs     = 16
	registerSparse = 1 << 0
	registerRingFD = 20
	unregisterRing = 21
	registerPbuf   = 22
	unregisterPbuf = 23
	offSQRing      = 0
	offSQEs        = 0x10000000
	MsgWaitall     = 0x100
	MsgNosignal    = 0x4000
	AcceptCloexec  = 0o2000000
	PollIn         = 0x1
	PollOut        = 0x4
)
