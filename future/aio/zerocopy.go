package aio

import (
	"syscall"
	"time"
)

// A send without a copy has two completions. The first says how much was sent, and then the
// socket is no longer used. The final one says that the kernel, which sends from the
// buffer, and may have to again, does not need it any more. What tells them apart is only that
// after the first there are more: one that fails may have nothing to wait for.

// freed reports whether r is the completion of a send after which c's descriptor may be closed.
func (c *Conn) freed(r completion) bool {
	if r.more {
		return true
	}
	return c.writers == nil || c.writers.flags&writerHeld == 0
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

// Abort implements [future.Aborter]: it resets connections, see reset, and waits until the kernel has
// let go.
func (e *engine) Abort() error {
	e.reset()
	for end := time.Now().Add(resetGrace); len(e.held()) > 0; {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		if !e.push() {
			left = 0
		}
		if err := e.k.wait(left); err != nil {
			return err
		}
	}
	return nil
}

// reset resets the connections whose peers do not take what they are sent from where it is: only
// then does the kernel let go of that. A connect to no address does so, and leaves the
// descriptor to its owner.
func (e *engine) reset() {
	for _, c := range e.held() {
		e.start(opConnect, c.fd, make([]byte, 16), false, ended{}) // family 0, AF_UNSPEC
	}
}

// held returns the connections that can be reset.
func (e *engine) held() (conns []*Conn) {
	if e.zeroCopy == 0 || e.sim != nil {
		return nil
	}
	for _, o := range e.ops.each {
		if o.flags&opZeroCopy == 0 {
			continue
		}
		if c := e.ops.io(o).who.(*Conn); c.flags&connGone == 0 {
			conns = append(conns, c)
		}
	}
	return conns
}

// ended is told of the end of an op that matters to nobody.
type ended struct{}

func (ended) completed(*engine, key, completion) {}
