package aio

import (
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/pinion-go/pinion/future"
)

// dialing is the job of connecting to the first of several addresses that answers. It is on the
// heap, for the kernel, and for an engine of another loop: from its work's begin until that is
// over it is the engine's.
type dialing struct {
	w        work
	home     *engine
	network  string
	deadline time.Time // zero for none
	addrs    []net.Addr

	// What is done on a pooled goroutine before the work begins, nil for nothing: one of the
	// other two.
	before future.Future
	names  *future.FromFuncFuture[[]net.Addr]
	net    *future.FromFuncFuture[dialed] // all of it

	sim  *Sim   // nil for the system's network
	name string // of the listener there

	i     int          // the address that is tried
	again int          // how often it was tried again
	fd    int32        // the socket, connected in the end
	limit future.Alarm // the time of an address, where the driver has no such thing

	untaken runtime.Cleanup // closes fd if nobody comes to take it

	// The first failure, if there is one.
	failed net.Addr
	call   string
	fault  ending

	sa [addressMax]byte // the address for the kernel
}

const (
	// addressMax is the size of the longest address, that of a Unix socket.
	addressMax = 2 + 108
	// tryAgain is how often an address is tried again for a reason that soon passes.
	tryAgain = 2
	// leastShare is the least time that an address gets while there is as much.
	leastShare = 2 * time.Second
)

func (d *dialing) memory() []byte { return nil }

// away implements job: the engine of another loop has the same job, and its own work.
func (d *dialing) away() (job, *work) { return d, new(work) }

func (d *dialing) begin(e *engine, w *work) {
	w.owned = false // d is not in the frame
	d.try(e, w)
}

// try begins to connect to the next address that there is a socket for, or ends the work.
func (d *dialing) try(e *engine, w *work) {
	for ; d.i < len(d.addrs); d.i, d.again = d.i+1, 0 {
		now, share := e.loop.Now(), time.Duration(0)
		if !d.deadline.IsZero() {
			left := e.loop.At(d.deadline) - now
			if left <= 0 {
				d.fail("", endDeadline)
				break
			}
			share = min(left, max(leastShare, left/time.Duration(len(d.addrs)-d.i)))
		}
		addr, call, errno := d.open()
		if errno != 0 {
			d.fail(call, failed(errno))
			continue
		}
		books.descriptors.Add(1)
		if limited := e.k.(connector).connects(); share > 0 && !limited {
			d.limit.Set(e.loop, now+share, func() { e.cancel(w.op) }) // which is cancelled when its time is over
			share = 0
		}
		w.start(e, opConnect, d.fd, addr, int64(share))
		return
	}
	w.finish(e, d.fault)
}

// open makes a socket for the address whose turn it is, and returns that as the kernel wants it,
// or which call has failed.
func (d *dialing) open() (addr []byte, call string, errno syscall.Errno) {
	if d.sim != nil {
		d.fd, errno = d.sim.socket(d.name, d.addrs[d.i])
		return nil, "socket", errno
	}
	n, family, errno := encodeAddr(&d.sa, d.network, d.addrs[d.i])
	if errno != 0 {
		return nil, "connect", errno
	}
	d.fd, errno = openStream(family)
	return d.sa[:n], "socket", errno
}

func (d *dialing) step(e *engine, w *work, r completion) {
	d.limit.Stop()
	errno := r.errno()
	if errno == 0 && !e.closed && (d.sim != nil || settleStream(d.fd, d.addrs[d.i], d.again < tryAgain)) {
		d.untaken = runtime.AddCleanup(d, closeUntaken, d.fd)
		w.finish(e, endOK)
		return
	}
	closeUntaken(d.fd)
	switch {
	case e.closed:
		w.finish(e, endStopped)
		return
	case w.quits:
		w.finish(e, endCanceled)
		return
	case errno == 0, errno == syscall.EADDRNOTAVAIL && d.again < tryAgain:
		d.again++
	case errno == syscall.EINTR:
	default:
		end := failed(errno)
		if errno == syscall.ECANCELED {
			end = endDeadline // nobody else has ended it
		}
		d.fail("connect", end)
		d.i, d.again = d.i+1, 0
	}
	d.try(e, w)
}

// closeUntaken closes a socket that is nobody's: also one that was connected for a poll that has
// panicked meanwhile, which is known when the collector finds that nobody knows of it any more.
func closeUntaken(fd int32) {
	closeDescriptor(int(fd))
	books.descriptors.Add(-1)
}

// take returns the connection.
func (d *dialing) take() *Conn {
	d.untaken.Stop()
	c := &Conn{fd: d.fd}
	runtime.KeepAlive(d)
	return c
}

func (d *dialing) quit(e *engine, w *work) {}

// fail notes the first failure.
func (d *dialing) fail(call string, end ending) {
	if d.failed == nil {
		d.failed, d.call, d.fault = d.addrs[d.i], call, end
	}
}

// error returns the error of a dial that has come to nothing.
func (d *dialing) error() error {
	if d.w.end == endCanceled {
		return future.ErrCanceled
	}
	addr, err := d.failed, d.w.end.plain()
	if d.w.end > 0 {
		err = os.NewSyscallError(d.call, err)
	}
	if addr == nil {
		addr = d.addrs[min(d.i, len(d.addrs)-1)]
	}
	return dialError(d.network, addr, err)
}
