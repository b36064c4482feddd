package future

// Recv receives the oldest value, and waits for one if there is none. The error is
// [ErrClosed] once the channel is closed and its values have been received, or
// [ErrBlockedPoll] when it would have to wait inside a poll: use RecvAsync there.
func (c *Chan[T]) Recv() (T, error) {
	if v, err := c.recv(nil); err != ErrWouldBlock {
		return v, err
	}
	f := c.RecvAsync()
	err := f.block(&f)
	return f.v, err
}

// RecvAsync is [Chan.Recv] as a future. Its result is a value, or ErrClosed or
// [ErrCanceled].
//
//pinion:noescape
func (c *Chan[T]) RecvAsync() ChanRecvFuture[T] {
	return ChanRecvFuture[T]{c: c, w: waiter{want: 1}}
}

// TryRecv receives a value that nobody else is about to receive. The error is
// [ErrWouldBlock] if there is none, or ErrClosed.
func (c *Chan[T]) TryRecv() (T, error) { return c.recv(nil) }

// TryRecvCx is [Chan.TryRecv] within a poll: waking a sender on the same loop is
// cheaper.
//
//pinion:noescape
func (c *Chan[T]) TryRecvCx(cx *Context) (T, error) { return c.recv(cx.loop) }

func (c *Chan[T]) recv(l *Loop) (v T, err error) {
	c.mu.Lock()
	defer c.q.unlock(&c.mu)
	switch {
	case c.spare():
		return c.take(l), nil
	case c.closed && c.values() == 0:
		return v, ErrClosed
	}
	return v, ErrWouldBlock
}

// spare reports whether there is a value that was promised to nobody.
func (c *Chan[T]) spare() bool { return c.q.head == nil && c.values() > c.q.promised }

// ChanRecvFuture is the future of [Chan.RecvAsync].
type ChanRecvFuture[T any] struct {
	c *Chan[T]
	w waiter
	v T
	op
}

// Poll implements [Future].
func (f *ChanRecvFuture[T]) Poll(cx *Context) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	f.look(cx)
	return f.leave(cx)
}

func (f *ChanRecvFuture[T]) look(cx *Context) {
	c := f.c
	c.mu.Lock()
	defer c.q.unlock(&c.mu)
	chosen := f.w.state == waiterChosen
	switch {
	case f.ends(cx):
		f.w.withdraw(cx)
		f.state = opCanceled
	case chosen && c.values() > 0 || c.spare():
		f.w.done(cx)
		f.v = c.take(cx.loop)
		f.state = opDone
	case c.closed && c.values() == 0:
		f.w.withdraw(cx)
		f.state = opClosed
	default: // also for one that was chosen for a value that a sender took back
		c.q.wait(cx, &f.w)
	}
}

// Result returns the value, or the reason why there is none.
func (f *ChanRecvFuture[T]) Result() (T, error) { return f.v, f.err() }
