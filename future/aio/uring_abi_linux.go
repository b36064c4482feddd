package aio

// The kernel's interface, from include/uapi/linux/io_uring.h; golang.org/x/sys has the numbers
// of the system calls only.

// sqe is a submission queue entry.
type sqe struct {
	opcode   uint8
	flags    uint8
	ioprio   uint16
	fd       int32
	off      uint64
	addr     uint64
	len      uint32
	opFlags  uint32
	userData uint64
	bufIndex uint16 // or the buffer group
	_        uint16
	fileIdx  int32
	_        [2]uint64
}

// cqe is a completion queue entry.
type cqe struct {
	userData uint64
	res      int32
	flags    uint32
}

type uringParams struct {
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
	_         uint32
	ts        uint64
}

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

const (
	opcodePollAdd = 6
	opcodeFsync   = 3
	opcodeAccept  = 13
	opcodeCancel  = 14
	opcodeConnect = 16
	opcodeRead    = 22
	opcodeWrite   = 23
	opcodeSend    = 26
	opcodeRecv    = 27

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

	enterGetEvents = 1 << 0
	enterExtArg    = 1 << 3
	enterRegRing   = 1 << 4

	sqCQOverflow = 1 << 1
	sqTaskrun    = 1 << 2

	sqeBufferSelect = 1 << 5

	cqeBuffer      = 1 << 0
	cqeMore        = 1 << 1
	cqeBufferShift = 16

	recvMultishot   = 1 << 1 // ioprio of opcodeRecv
	acceptMultishot = 1 << 0 // ioprio of opcodeAccept
	pollMultishot   = 1 << 0 // len of opcodePollAdd

	registerEnable  = 12
	registerRingFD  = 20
	registerPbuf    = 22
	unregisterPbuf  = 23
	offSQRing       = 0
	offSQEs         = 0x10000000
	msgWaitall      = 0x100
	msgNosignal     = 0x4000
	acceptCloexec   = 0o2000000
	pollIn          = 0x1
	eventsOfWakeups = 1 // the user data of the poll of the eventfd
	eventsOfCancels = 2 // of cancels, whose own results say nothing
)
