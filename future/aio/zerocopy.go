package aio

import "syscall"

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
