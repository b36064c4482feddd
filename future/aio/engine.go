package aio

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pinion-go/pinion/future"
)

// An engine is the driver of one loop: the operations that are under way on it, the buffers
// into which it receives, and the kernel's side, which differs from driver to driver.
// Everything is the loop's alone; what comes from elsewhere comes by [future.Loop.Do].
type engine struct {
	loop *future.Loop
	k    kernel
	ops  opSlab
	pool pool

	backlog []key // begun as soon as the kernel has room
	cancels []key // and these it is to be told

	remotes  map[*waiter]*remote // operations for other loops that are in a list
	starving []*Conn             // that wait for buffers of the pool, first come first served
	limits   map[*Conn]*limits   // of those that have deadlines
	holders  atomic.Int32        // connections with received bytes that nobody has read

	// shared protects the queues of those connections whose received buffers other loops take, see
	// Conn.lock, and closed where they read it.
	shared sync.Mutex

	abroad abroad // goroutines that use a descriptor for an operation that is no op

	count  Ledger // what is shown others at the end of each turn
	last   Ledger // what they were shown
	shown  account
	closed bool

	zeroCopy int  // Options.ZeroCopy
	sim      *Sim // whose engine it is, nil for the system's

	name, why string // of the driver, and why it was chosen
	less      string // what it has to do without, if anything
}

// kernel is what does an engine's operations. It calls engine.complete within flush and wait.
type kernel interface {
	// begin has the kernel begin an op at the next flush. It reports false when there is no
	// room for another one before that.
	begin(k key, o *op) bool
	// cancel is begin for a request to end an op.
	cancel(k key) bool
	// provide gives back a buffer of the pool.
	provide(bid uint16)
	// flush begins what is queued, if it is worth it, and takes up completions.
	flush() error
	// wait is flush that waits for a completion, for wake, or until d has passed; for
	// ever if d is negative.
	wait(d time.Duration) error
	wake()
	close() error
}

// A connector is a kernel that has connects. The others leave them to package net.
type connector interface {
	// connects reports whether a connect ends by itself when its time is over.
	connects() (limited bool)
}

// Attach implements [future.Attacher].
func (e *engine) Attach(l *future.Loop) {
	books.mu.Lock() // see engineLoops
	defer books.mu.Unlock()
	e.loop = l
}

// Bound implements [future.Bound].
func (e *engine) Bound() bool {
	b, ok := e.k.(future.Bound)
	return ok && b.Bound()
}

// Submit implements [future.Driver].
func (e *engine) Submit() error {
	e.push()
	err := e.k.flush()
	e.show()
	return err
}

// Wait implements [future.Driver].
func (e *engine) Wait(d time.Duration) error {
	if !e.push() {
		d = 0
	}
	e.show() // what other goroutines have asked for since Submit, before what may be a long sleep
	err := e.k.wait(d)
	e.show()
	return err
}

// Wake implements [future.Driver].
func (e *engine) Wake() { e.k.wake() }

func (e *engine) show() {
	if e.count != e.last {
		e.last = e.count
		e.shown.store(e.count)
	}
}

// start begins an op on fd. buf must lie in pinned memory if pinned says so; it is
// pinned until the final completion otherwise, unless it is of a pool.
func (e *engine) start(kind opKind, fd int32, buf []byte, pinned bool, who completer) key {
	return e.startWith(kind, 0, fd, buf, pinned, -1, who)
}

// startAt is start for an op that reads or writes at off.
func (e *engine) startAt(kind opKind, fd int32, buf []byte, pinned bool, off int64, who completer) key {
	return e.startWith(kind, 0, fd, buf, pinned, off, who)
}

func (e *engine) startWith(kind opKind, flags opFlags, fd int32, buf []byte, pinned bool, off int64, who completer) key {
	k, o := e.ops.take()
	o.kind, o.flags = kind, flags
	x := e.ops.equip(o)
	x.who, x.buf, x.off, x.fd = who, buf, off, fd
	if !pinned && len(buf) > 0 && !lent(buf) {
		if x.pins == nil {
			x.pins = new(runtime.Pinner)
		}
		x.pins.Pin(&buf[0])
		o.flags |= opPinned
		e.count.Pins++
	}
	return e.started(k, o)
}

// receive begins to receive for c.
func (e *engine) receive(c *Conn) key {
	k, o := e.ops.take()
	o.kind, o.conn = opReceive, c
	return e.started(k, o)
}

func (e *engine) started(k key, o *op) key {
	e.count.Operations++
	if len(e.backlog) > 0 || !e.k.begin(k, o) {
		e.backlog = append(e.backlog, k)
	} else {
		o.flags |= opBegun
	}
	return k
}

// cancelAt is cancel for an op that is known to be under way, by its index; 0 is none.
func (e *engine) cancelAt(index uint32) {
	if index != noOp && index < e.ops.bump {
		e.cancel(keyOf(index, e.ops.at(index).gen))
	}
}

// cancel asks that an op end soon. Its final completion comes all the same, and may say that
// it was done. A key of an op that has ended is recognised.
func (e *engine) cancel(k key) {
	o := e.ops.find(k)
	if o == nil || o.flags&opCanceled != 0 {
		return
	}
	o.flags |= opCanceled
	if o.flags&opBegun != 0 && len(e.cancels) == 0 && e.k.cancel(k) {
		return
	}
	e.cancels = append(e.cancels, k)
}

// push begins what found no room, oldest first, and then tells the kernel of cancels. An
// op that is cancelled before it has begun ends without the kernel. It reports whether
// the loop may sleep: nothing is left, and nobody was told of an end.
func (e *engine) push() (sleep bool) {
	sleep = len(e.starving) == 0 || e.feed()
	if len(e.backlog)+len(e.cancels) > 0 {
		sleep = e.pushQueued() && sleep
	}
	return sleep
}

func (e *engine) pushQueued() bool {
	n, told := 0, false
	for _, k := range e.backlog {
		o := e.ops.find(k)
		if o == nil || o.flags&opCanceled != 0 {
			n++ // the list of cancels has it
			continue
		}
		if !e.k.begin(k, o) {
			break
		}
		o.flags |= opBegun
		n++
	}
	e.backlog = append(e.backlog[:0], e.backlog[n:]...)
	cancels := e.cancels
	e.cancels = nil
	for i, k := range cancels {
		o := e.ops.find(k)
		switch {
		case o == nil:
		case o.flags&opBegun == 0:
			e.complete(k, completion{res: -int32(syscall.ECANCELED)})
			told = true
		case !e.k.cancel(k):
			e.cancels = append(e.cancels, cancels[i:]...)
			return false
		}
	}
	return !told && len(e.backlog)+len(e.cancels) == 0
}

// complete is called by the kernel's side for each completion.
func (e *engine) complete(k key, c completion) {
	o := e.ops.find(k)
	if o == nil {
		return // a kernel that completes twice; there is none that we know of
	}
	conn, x := o.conn, e.ops.io(o)
	var who completer
	if x != nil {
		who = x.who
	}
	if !c.more {
		e.count.Operations--
		if o.flags&opPinned != 0 {
			x.pins.Unpin()
			e.count.Pins--
		}
		e.ops.put(k.index())
	}
	if conn != nil {
		conn.completed(e, k, c)
	} else {
		who.completed(e, k, c)
	}
}

// do has f run on e's loop, or at once and with nil if there is none any more.
func (e *engine) do(f func(l *future.Loop)) {
	if e == nowhere {
		f(nil)
		return
	}
	e.loop.Do(f)
}

// without is how operations end when do has no loop for them.
func (e *engine) without() ending {
	if e == nowhere {
		return endClosed
	}
	return endStopped
}

// engineOf returns the engine of the loop that polls, or nil.
func engineOf(cx *future.Context) *engine {
	e, _ := cx.Loop().Driver().(*engine)
	return e
}

// errStopped is for operations whose engine's loop has ended.
var errStopped = errors.New("aio: the runtime of this connection was shut down")
