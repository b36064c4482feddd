package aio

import (
	"sync/atomic"
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
	return ConnWriteFuture{c: c, w: writer{p: p}}
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
	f.w.p, f.w.n, f.w.end, f.w.state = p, 0, endOK, waiterIdle
	f.w.quits, f.w.copies = false, false
}

// A writer is one Write in the queue of its connection. It lies in the frame of the future,
// which is held meanwhile, or in a remoteWrite; it is the engine's until it is over.
type writer struct {
	more   *writerMore // nil for the plain case
	p      []byte      // what is left to be sent, unless more has a vector
	n      int         // what was sent
	waker  future.Waker
	end    ending
	state  waiterState
	pinned bool // p is pinned anyway
	quits  bool // it was cancelled
	held   bool // p was sent from where it is, and the kernel may still read it
	copies bool // it cannot be sent from where it is
}

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

func (w *writer) extend() *writerMore {
	if w.more == nil {
		w.more = new(writerMore)
	}
	return w.more
}

// remoteWrite is a Write for a future of another loop, or under Block.
type remoteWrite struct {
	w     writer // the engine's loop alone, until done
	waker future.Waker
	asked bool
	done  atomic.Bool
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
			w.pinned = cx.Owns(w.p) || e.pool.owns(w.p)
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
	switch {
	case r == nil && cx.Canceled():
		f.w.end, f.w.state = endCanceled, waiterOver
		cx.Exit()
		return future.Ready
	case r == nil:
		r = &remoteWrite{waker: cx.Waker()}
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
	if !r.done.Load() {
		return future.Pending
	}
	f.w.n, f.w.end, f.w.state = r.w.n, r.w.end, waiterOver
	if f.w.end == endCanceled {
		cx.Exit()
	}
	return future.Ready
}

// Result returns what [Conn.Write] would have.
func (f *ConnWriteFuture) Result() (n int, err error) {
	return f.w.n, f.c.err(f.w.end, "write", "send")
}

// queue puts a writer into the queue, or ends it at once.
func (c *Conn) queue(e *engine, w *writer) {
	switch {
	case c.closed.Load():
		w.finish(e, endClosed)
		return
	case c.limits != nil && c.limits.write.over:
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
		if e.zeroCopy > 0 && len(w.p) >= e.zeroCopy && !w.copies {
			flags = opZeroCopy
		}
		c.send = e.startWith(opSend, flags, c.fd, w.p[:min(len(w.p), sendMax)], w.pinned, -1, c).index()
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
	if w.held {
		r = w.letGo()
	}
	vec := w.vec()
	if vec != nil {
		r = vec.sent(r)
	}
	if r.res > 0 {
		w.n += int(r.res)
		if vec == nil {
			w.p = w.p[r.res:]
		}
		e.count.Sent += int64(r.res)
	}
	end := endOK
	switch {
	case w.empty():
	case c.closed.Load():
		end = endClosed
	case w.quits:
		end = endCanceled
	case c.limits != nil && c.limits.write.over:
		end = endDeadline
	case e.closed:
		end = endStopped
	case r.res > 0 || r.errno() == syscall.EINTR || r.errno() == syscall.EAGAIN || r.errno() == syscall.ECANCELED:
		c.sendNext(e) // a short one
		return
	case !w.copies && w.mayCopy(e, r):
		w.copies = true
		c.sendNext(e)
		return
	case r.res == 0:
		end = ending(syscall.EIO) // it would send nothing for ever
	default:
		end = ending(-r.res)
	}
	c.writers = w.next()
	w.finish(e, end)
	switch {
	case c.closed.Load():
		c.refuse(e, endClosed)
	case e.closed:
		c.refuse(e, endStopped)
	case c.limits != nil && c.limits.write.over:
		c.refuse(e, endDeadline)
	default:
		c.sendNext(e)
	}
}

func (w *writer) empty() bool {
	if v := w.vec(); v != nil {
		return v.empty()
	}
	return len(w.p) == 0
}

// finish ends a writer that is in no queue.
func (w *writer) finish(e *engine, end ending) {
	listed := w.state == waiterListed
	w.setNext(nil)
	w.end, w.state = end, waiterOver
	if r := w.remote(); r != nil {
		waker := r.waker
		r.done.Store(true)
		waker.Wake()
	} else if listed && !w.waker.IsZero() { // it may end in the poll that begins it
		e.loop.Wake(w.waker)
	}
}

// quit cancels a writer that is in the queue.
func (c *Conn) quit(e *engine, w *writer) {
	if c.writers == w {
		w.quits = true
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
