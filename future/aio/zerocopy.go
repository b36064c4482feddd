package aio

import (
	"syscall"
	"time"
)

// A send without a copy has two completions. The first says how much was sent, and then the
// socket is no longer used. The final one says that the kernel, which sends from the
// buffer, and may have to again, does not need it any more. What tells them apart is only that
// after the first there are more: one that fails may have nothing to wait for.

// sends reports whether the kernel may still send from a writer's memory, though its send is over.
func (c *Conn) sends() bool { return c.writers != nil && c.writers.flags&writerHeld != 0 }

// freed reports whether r is the completion of a send after which it does not use c's descriptor.
func (c *Conn) freed(r completion) bool { return r.more || !c.sends() }

// part tells the peer of a closed connection that there is no more to come, or resets it if that is what its
// owner wants of Close. Its descriptor stays until the kernel has let go of what was sent: with it the
// connection can be reset later.
func (c *Conn) part(e *engine) {
	if c.flags&connParted == 0 {
		c.flags |= connParted
		if partFrom(c.fd) {
			c.reset(e)
		}
	}
}

// hold is the first completion.
func (w *writer) hold(e *engine, r completion) {
	w.flags |= writerHeld
	w.end = endOK
	if r.res < 0 {
		w.end = failed(r.errno())
		return
	}
	w.advance(int(r.res))
	e.count.Sent += int64(r.res)
}

// letGo is the final completion. It returns what is left to be dealt with of the first.
func (w *writer) letGo() completion {
	r := completion{res: -int32(w.end)} // it is Linux's alone, whose endings are its errnos
	if w.end == endOK {
		r.res = -int32(syscall.EAGAIN) // it was dealt with: what is left is sent next
	}
	w.flags &^= writerHeld
	w.end = endOK
	return r
}

// mayCopy reports whether a failed send may work with a copy: if the kernel is too old or it
// is a Unix socket, or locked memory is short.
func (w *writer) mayCopy(e *engine, r completion) bool {
	if e.zeroCopy == 0 || len(w.rest()) < e.zeroCopy {
		return false
	}
	switch r.errno() {
	case syscall.EINVAL, syscall.EOPNOTSUPP, syscall.ENOBUFS, syscall.ENOMEM:
		return true
	}
	return false
}

// Abort implements [future.Aborter]: it resets connections whose peers have not acknowledged in a while what
// they were sent, see reset, and waits until the kernel has let go.
func (e *engine) Abort() error {
	if err := e.waitWhile(e.sendsWithoutCopy, time.Now().Add(ackGrace), ackGrace); err != nil {
		return err
	}
	return e.waitWhile(e.reset, time.Now().Add(resetGrace), resetAgain)
}

// ackGrace is how much time peers that take what they are sent have to say so, before an abort resets them.
// A test has more.
var ackGrace = 200 * time.Millisecond

const (
	// resetGrace is how much time a reset has.
	resetGrace = time.Second
	// resetAgain is after how long it is tried again: some kernels refuse it while a thread waits
	// on the socket.
	resetAgain = 50 * time.Millisecond
)

// reset resets the connections whose peers do not take what they are sent from where it is, and reports
// whether there are any: only then does the kernel let go of that. A connect to no address does so, and leaves the
// descriptor to its owner.
func (e *engine) reset() (any bool) {
	for c := range e.sendingWithoutCopy {
		any = true
		c.reset(e)
	}
	return any
}

func (e *engine) sendsWithoutCopy() bool {
	for range e.sendingWithoutCopy {
		return true
	}
	return false
}

// sendingWithoutCopy goes through the connections from whose writers' memory the kernel may send.
func (e *engine) sendingWithoutCopy(yield func(*Conn) bool) {
	if e.zeroCopy == 0 || e.name != uringName {
		return // nobody else sends without a copy, but a simulation, whose peers are programs
	}
	for _, o := range e.ops.each {
		if o.flags&(opZeroCopy|opBegun) == opZeroCopy|opBegun && !yield(e.ops.io(o).who.(*Conn)) {
			return
		}
	}
}

func (c *Conn) reset(e *engine) {
	if c.flags&(connGone|connResets) == 0 {
		c.flags |= connResets
		c.ops++
		e.start(opConnect, c.fd, make([]byte, 16), false, resetting{c}) // family 0, AF_UNSPEC
	}
}

// resetting is told that a reset is over.
type resetting struct{ c *Conn }

func (r resetting) completed(e *engine, _ key, _ completion) {
	r.c.flags &^= connResets
	r.c.ops--
	if r.c.closed.Load() {
		r.c.settle(e)
	}
}
