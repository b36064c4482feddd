package aio

import (
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// Write sends p, all of it unless there is an error; n is how much. The errors are those of
// [Conn.Read], except io.EOF. p must not be changed until Write returns.
func (c *Conn) Write(p []byte) (n int, err error) {
	f := c.WriteAsync(p)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// WriteAsync is [Conn.Write] as a future. If it is cancelled, n is how much was sent until
// then, and the error is [future.ErrCanceled] unless that was all.
//
//pinion:noescape
func (c *Conn) WriteAsync(p []byte) ConnWriteFuture {
	return ConnWriteFuture{c: c, w: writer{p: p[:0:len(p)]}}
}

// ConnWriteFuture is the future of [Conn.WriteAsync].
type ConnWriteFuture struct {
	c *Conn
	w writer
}

// Init makes f the future of c.Write(p), in place.
//
//pinion:noescape
func (f *ConnWriteFuture) Init(c *Conn, p []byte) {
	f.c, f.w.more = c, nil
	f.w.p, f.w.end, f.w.state, f.w.flags = p[:0:len(p)], endOK, waiterIdle, 0
}

// A writer is one Write in the queue of its connection. It lies in the frame of the future,
// which is held meanwhile, or in a remoteWrite; it is the engine's until it is over.
type writer struct {
	more  *writerMore // nil for the plain case
	p     []byte      // to its length what was sent, to its capacity what is to be; unless more has a vector
	waker future.Waker
	end   ending
	state waiterState
	flags writerFlags
}

type writerFlags uint8

const (
	writerPinned writerFlags = 1 << iota // p is pinned anyway
	writerQuits                          // it was cancelled
	writerHeld                           // p was sent from where it is, and the kernel may still read it
	writerCopies                         // it cannot be sent from where it is
)

// writerMore is what few writers have: they lie in the frames of connections that are idle.
type writerMore struct {
	next   *writer      // in the queue
	vec    *vector      // what is sent instead of p
	remote *remoteWrite // whose writer it is, or that does the future's Write elsewhere
}

func (w *writer) next() *writer {
	if w.more == nil {
		return nil
	}
	return w.more.next
}

func (w *writer) setNext(next *writer) {
	if next != w.next() {
		w.extend().next = next
	}
}

func (w *writer) vec() *vector {
	if w.more == nil {
		return nil
	}
	return w.more.vec
}

func (w *writer) remote() *remoteWrite {
	if w.more == nil {
		return nil
	}
	return w.more.remote
}

// rest returns what is left of p.
func (w *writer) rest() []byte { return w.p[len(w.p):cap(w.p)] }

// advance notes that n bytes were sent.
func (w *writer) advance(n int) {
	if v := w.vec(); v != nil {
		v.done += n
	} else {
		w.p = w.p[:len(w.p)+n]
	}
}

// done returns how many bytes were sent.
func (w *writer) done() int {
	if v := w.vec(); v != nil {
		return v.done
	}
	return len(w.p)
}

func (w *writer) extend() *writerMore {
	if w.more == nil {
		w.more = new(writerMore)
	}
	return w.more
}

// remoteWrite is a Write for a future of another loop, or under Block.
type remoteWrite struct {
	w      writer // the engine's loop alone, until done
	caller caller
	asked  bool
}

// Poll implements [future.Future].
func (f *ConnWriteFuture) Poll(cx *future.Context) future.Poll {
	w := &f.w
	if w.state == waiterOver && w.remote() == nil {
		return f.over(cx)
	}
	c, e := f.c, engineOf(cx)
	if home := c.on(e); home != e || w.remote() != nil {
		return f.pollRemote(cx, home)
	}
	if w.state == waiterListed {
		if cx.Canceled() {
			c.quit(e, w)
		} else if me := cx.Waker(); me != w.waker {
			cx.Unhold(w.waker)
			w.waker = cx.Hold()
		}
	} else {
		if !cx.Spend() {
			return future.Pending
		}
		if cx.Canceled() {
			w.end, w.state = endCanceled, waiterOver
		} else {
			if p := w.rest(); cx.Owns(p) || e.pool.owns(p) {
				w.flags |= writerPinned
			}
			if c.queue(e, w); w.state == waiterListed {
				w.waker = cx.Hold()
			}
		}
	}
	if w.state != waiterOver {
		return future.Pending
	}
	return f.over(cx)
}

// over ends the poll in which the operation is over.
func (f *ConnWriteFuture) over(cx *future.Context) future.Poll {
	if !f.w.waker.IsZero() {
		cx.Unhold(f.w.waker)
		f.w.waker = future.Waker{}
	}
	if f.w.end == endCanceled {
		cx.Exit()
	}
	return future.Ready
}

func (f *ConnWriteFuture) pollRemote(cx *future.Context, home *engine) future.Poll {
	if f.w.state == waiterOver {
		return future.Ready
	}
	c, r := f.c, f.w.remote()
	if r != nil {
		r.caller.polled(cx)
	}
	switch {
	case r == nil && cx.Canceled():
		f.w.end, f.w.state = endCanceled, waiterOver
		cx.Exit()
		return future.Ready
	case r == nil:
		r = new(remoteWrite)
		r.caller.polled(cx)
		r.w.p, r.w.more = f.w.p, &writerMore{vec: f.w.vec(), remote: r}
		f.w.extend().remote = r
		home.do(func(l *future.Loop) {
			if l == nil {
				r.w.finish(home, home.without())
			} else {
				c.queue(home, &r.w)
			}
		})
	case cx.Canceled() && !r.asked:
		r.asked = true
		home.do(func(l *future.Loop) {
			if l != nil && r.w.state == waiterListed {
				c.quit(home, &r.w)
			}
		})
	}
	if !r.caller.over(cx) {
		return future.Pending
	}
	f.w.p, f.w.end, f.w.state = r.w.p, r.w.end, waiterOver
	if f.w.end == endCanceled {
		cx.Exit()
	}
	return future.Ready
}

// Result returns what [Conn.Write] would have.
func (f *ConnWriteFuture) Result() (n int, err error) {
	return f.w.done(), f.c.err(f.w.end, "write", "send")
}

// queue puts a writer into the queue, or ends it at once.
func (c *Conn) queue(e *engine, w *writer) {
	switch {
	case c.closed.Load():
		w.finish(e, endClosed)
		return
	case c.flags&connWriteOver != 0:
		w.finish(e, endDeadline)
		return
	case e.closed:
		w.finish(e, endStopped)
		return
	case w.empty():
		w.finish(e, endOK)
		return
	}
	w.state = waiterListed
	last := c.writers
	if last == nil {
		c.writers = w
		c.sendNext(e)
		return
	}
	for last.next() != nil {
		last = last.next()
	}
	last.setNext(w)
}

// sendNext begins to send what the first writer has left.
func (c *Conn) sendNext(e *engine) {
	switch w := c.writers; {
	case w == nil:
	case w.vec() != nil:
		w.vec().send(e, c)
	default:
		c.ops++
		flags := opFlags(0)
		p := w.rest()
		if e.zeroCopy > 0 && len(p) >= e.zeroCopy && w.flags&writerCopies == 0 {
			flags = opZeroCopy
		}
		c.send = e.startWith(opSend, flags, c.fd, p[:min(len(p), sendMax)], w.flags&writerPinned != 0, -1, c).index()
	}
}

// sent is the completion of the op that sends.
func (c *Conn) sent(e *engine, r completion) {
	w := c.writers
	if r.more {
		w.hold(e, r)
		return
	}
	c.send = 0
	if w.flags&writerHeld != 0 {
		r = w.letGo()
	}
	if v := w.vec(); v != nil {
		r = v.sent(r)
	}
	if r.res > 0 {
		w.advance(int(r.res))
		e.count.Sent += int64(r.res)
	}
	end := endOK
	switch {
	case w.empty():
	case c.closed.Load():
		end = endClosed
	case w.flags&writerQuits != 0:
		end = endCanceled
	case c.flags&connWriteOver != 0:
		end = endDeadline
	case e.closed:
		end = endStopped
	case r.res > 0 || r.errno() == syscall.EINTR || r.errno() == syscall.EAGAIN || r.errno() == syscall.ECANCELED:
		c.sendNext(e) // a short one
		return
	case w.flags&writerCopies == 0 && w.mayCopy(e, r):
		w.flags |= writerCopies
		c.sendNext(e)
		return
	case r.res == 0:
		end = failed(syscall.EIO) // it would send nothing for ever
	default:
		end = failed(r.errno())
	}
	c.writers = w.next()
	w.finish(e, end)
	switch {
	case c.closed.Load():
		c.refuse(e, endClosed)
	case e.closed:
		c.refuse(e, endStopped)
	case c.flags&connWriteOver != 0:
		c.refuse(e, endDeadline)
	default:
		c.sendNext(e)
	}
}

func (w *writer) empty() bool {
	if v := w.vec(); v != nil {
		return v.empty()
	}
	return len(w.p) == cap(w.p)
}

// finish ends a writer that is in no queue.
func (w *writer) finish(e *engine, end ending) {
	listed := w.state == waiterListed
	w.setNext(nil)
	w.end, w.state = end, waiterOver
	if r := w.remote(); r != nil {
		r.caller.tell()
	} else if listed && !w.waker.IsZero() { // it may end in the poll that begins it
		e.loop.Wake(w.waker)
	}
}

// quit cancels a writer that is in the queue.
func (c *Conn) quit(e *engine, w *writer) {
	if c.writers == w {
		w.flags |= writerQuits
		e.cancelAt(c.send)
		return
	}
	c.unlink(w)
	w.finish(e, endCanceled)
}

// refuse ends all writers but one whose op is still under way.
func (c *Conn) refuse(e *engine, end ending) {
	for c.writers != nil && (c.send == 0 || c.writers.next() != nil) {
		w := c.writers
		if c.send != 0 {
			w = w.next()
		}
		c.unlink(w)
		w.finish(e, end)
	}
}

func (c *Conn) unlink(w *writer) {
	next := w.next()
	w.setNext(nil)
	if c.writers == w {
		c.writers = next
		return
	}
	for p := c.writers; p != nil; p = p.next() {
		if p.next() == w {
			p.setNext(next)
			return
		}
	}
}
