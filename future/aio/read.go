package aio

import "github.com/pinion-go/pinion/future"

// Read receives up to len(p) bytes into p. It waits for at least one, unless p is empty, which is an
// error after Close alone. The error is io.EOF at the end of the stream, and otherwise a *net.OpError with
// net.ErrClosed, os.ErrDeadlineExceeded or a *os.SyscallError. Inside a poll it is
// [future.ErrBlockedPoll]: use ReadAsync there.
func (c *Conn) Read(p []byte) (n int, err error) {
	f := c.ReadAsync(p)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// ReadAsync is [Conn.Read] as a future. If it is cancelled the error is
// [future.ErrCanceled], and what was received stays with the connection.
//
//pinion:noescape
func (c *Conn) ReadAsync(p []byte) ConnReadFuture { return ConnReadFuture{c: c, p: p} }

// ConnReadFuture is the future of [Conn.ReadAsync].
type ConnReadFuture struct {
	c *Conn
	w waiter
	n int32
	p []byte
}

// Init makes f the future of c.Read(p), in place.
//
//pinion:noescape
func (f *ConnReadFuture) Init(c *Conn, p []byte) {
	f.c, f.n, f.p = c, 0, p
	f.w.reset()
}

// Poll implements [future.Future].
func (f *ConnReadFuture) Poll(cx *future.Context) future.Poll {
	if f.w.state == waiterOver {
		return future.Ready
	}
	c, e := f.c, engineOf(cx)
	if len(f.p) == 0 {
		if f.w.state = waiterOver; c.closed.Load() {
			f.w.end = endClosed
		}
		return future.Ready
	}
	if home := c.on(e); home != e || f.w.remote() != nil {
		r := f.w.remote()
		if r == nil {
			p := f.p
			r = f.w.away(home, c)
			r.take = func(e *engine) bool {
				r.n = int32(c.take(e, p))
				return r.n > 0
			}
		}
		if f.w.follow(cx, r) == future.Pending {
			return future.Pending
		}
		f.n = r.n
		return future.Ready
	}
	for f.w.await(cx, e, c) {
		if f.w.end != endOK {
			return f.w.over(cx)
		}
		if f.n = int32(c.take(e, f.p)); f.n > 0 {
			return future.Ready
		}
		f.w.again()
	}
	return future.Pending
}

// Result returns what [Conn.Read] would have.
func (f *ConnReadFuture) Result() (n int, err error) {
	return int(f.n), f.c.err(f.w.end, "read", "recv")
}

// Next receives bytes in a buffer of the engine's pool, without copying them: there is no
// buffer for a connection that waits. The buffer is the caller's until [Buf.Release]. Errors
// are those of [Conn.Read].
func (c *Conn) Next() (Buf, error) {
	f := c.NextAsync()
	if err := future.Block(&f); err != nil {
		return Buf{}, err
	}
	return f.Result()
}

// NextAsync is [Conn.Next] as a future. If it is cancelled the error is
// [future.ErrCanceled], and what was received stays with the connection.
//
//pinion:noescape
func (c *Conn) NextAsync() ConnNextFuture { return ConnNextFuture{c: c} }

// ConnNextFuture is the future of [Conn.NextAsync].
type ConnNextFuture struct {
	c *Conn
	w waiter
}

// Init makes f the future of c.Next(), in place.
//
//pinion:noescape
func (f *ConnNextFuture) Init(c *Conn) {
	f.c = c
	f.w.reset()
}

// Poll implements [future.Future].
func (f *ConnNextFuture) Poll(cx *future.Context) future.Poll {
	if f.w.state >= waiterOver {
		return future.Ready
	}
	c, e := f.c, engineOf(cx)
	for home := c.on(e); home != e || f.w.remote() != nil; {
		if !f.w.told(cx, home, c) {
			return future.Pending
		}
		if f.w.end != endOK {
			return f.w.over(cx)
		}
		if bid, ok := c.pull(home); ok {
			f.took(bid)
			return future.Ready
		}
		f.w.again()
	}
	for f.w.await(cx, e, c) {
		if f.w.end != endOK {
			return f.w.over(cx)
		}
		if bid, ok := c.pop(e); ok {
			f.took(bid)
			return future.Ready
		}
		f.w.again()
	}
	return future.Pending
}

// took makes buffer bid the result, which fits where an ending would be: see poolMax.
func (f *ConnNextFuture) took(bid uint16) {
	f.w.end, f.w.state = ending(bid), waiterTook
	f.w.tag = uint8(f.c.home.Load().pool.at(bid).gen)
}

// Result returns what [Conn.Next] would have, the same Buf each time: when one of them was
// released, all were. (Idle connections have no room for all of the generation that tells so: of
// 256 uses of the memory by others, a Result that is asked for after the Release takes one for this.)
func (f *ConnNextFuture) Result() (Buf, error) {
	if f.w.state != waiterTook {
		return Buf{}, f.c.err(f.w.end, "read", "recv")
	}
	e, bid := f.c.home.Load(), uint16(f.w.end)
	gen := e.pool.at(bid).gen
	gen -= uint32(uint8(gen) - f.w.tag) // as it was taken
	return Buf{e: e, gen: gen, bid: bid}, nil
}

// away returns a remote that does the operation on the loop of home.
func (w *waiter) away(home *engine, s source) *remote {
	r := &remote{home: home, s: s}
	w.extend().remote = r
	return r
}

// told is a poll of an operation that waits on the loop of home until there is something in s, and
// takes it here. It reports whether the wait is over. One that was cancelled takes nothing.
func (w *waiter) told(cx *future.Context, home *engine, s source) bool {
	r := w.remote()
	if r == nil {
		r = w.away(home, s)
		r.caller.loose = true
	}
	if w.follow(cx, r) == future.Pending {
		return false
	}
	if w.end == endOK && cx.Canceled() {
		w.end = endCanceled
	}
	return true
}

// follow is a poll of an operation that r does elsewhere.
func (w *waiter) follow(cx *future.Context, r *remote) future.Poll {
	if w.state == waiterIdle && !r.begun && cx.Canceled() {
		w.end, w.state = endCanceled, waiterOver // it was not begun
		return w.over(cx)
	}
	if !r.poll(cx) {
		return future.Pending
	}
	w.end, w.state = r.w.end, waiterOver
	return w.over(cx)
}
