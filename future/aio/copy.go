package aio

import (
	"io"

	"github.com/pinion-go/pinion/future"
)

// Copy sends dst what src receives, from the buffers in which it was received, until the end of the stream,
// and returns how many bytes it was. Neither is closed, nor dst told of the end: that is CloseWrite.
// Errors are those of [Conn.Next] and [Conn.Write]. What was received and could not be sent stays with src.
func Copy(dst, src *Conn) (n int64, err error) {
	f := CopyAsync(dst, src)
	if err := future.Block(&f); err != nil {
		return 0, err
	}
	return f.Result()
}

// CopyAsync is [Copy] as a future. If it is cancelled the error is [future.ErrCanceled], and the result is
// what was sent until then; all else stays with src, for another Copy.
//
//pinion:noescape
func CopyAsync(dst, src *Conn) CopyFuture { return CopyFuture{dst: dst, src: src} }

// CopyFuture is the future of [CopyAsync].
type CopyFuture struct {
	dst, src *Conn
	state    copyState
	next     ConnNextFuture
	write    ConnWriteFuture
	buf      Buf // that write sends
	n        int64
	err      error
}

type copyState uint8

const (
	copyBegins copyState = iota
	copyReceives
	copySends
	copyOver
)

// Poll implements [future.Future].
func (f *CopyFuture) Poll(cx *future.Context) future.Poll {
	for {
		switch f.state {
		case copyBegins:
			f.next.Init(f.src)
			f.state = copyReceives
		case copyReceives:
			if f.next.Poll(cx) == future.Pending {
				return future.Pending
			}
			if f.buf, f.err = f.next.Result(); f.err != nil {
				f.state = copyOver
				break
			}
			f.write.Init(f.dst, f.buf.Bytes())
			f.state = copySends
		case copySends:
			if f.send(cx) == future.Pending {
				return future.Pending
			}
			f.sent(cx)
		case copyOver:
			return future.Ready
		}
	}
}

// send polls the write. An abort may end that poll, and with it this one: see [future.Context.Exit].
func (f *CopyFuture) send(cx *future.Context) future.Poll {
	if !cx.Canceled() {
		return f.write.Poll(cx)
	}
	polled := false
	defer func() {
		if !polled {
			f.sent(cx)
		}
	}()
	p := f.write.Poll(cx)
	polled = true
	return p
}

// sent is called when the write is over.
func (f *CopyFuture) sent(cx *future.Context) {
	m, err := f.write.Result()
	f.n += int64(m)
	if err == nil && m == f.buf.Len() {
		f.buf.ReleaseCx(cx)
		f.state = copyBegins
		return
	}
	if err == nil {
		err = future.ErrCanceled // it was not begun
	}
	f.src.putBack(engineOf(cx), f.buf, m)
	f.err, f.state = err, copyOver
}

// Result returns what [Copy] would have.
func (f *CopyFuture) Result() (n int64, err error) {
	if f.err == io.EOF {
		return f.n, nil
	}
	return f.n, f.err
}

// putBack makes what follows the first n bytes of b, which Next has given out, what c has received first. here
// is the engine of the poll that has it.
func (c *Conn) putBack(here *engine, b Buf, n int) {
	home := b.e
	home.pool.at(b.bid).off += uint16(n)
	rest := int64(len(home.pool.rest(b.bid)))
	kept := rest > 0 && c.push(here, home, b.bid)
	tell := func(l *future.Loop) {
		switch {
		case kept && l != nil:
			c.readers.wake(home)
		case kept: // who closes c sees to it
		case l == nil:
			books.mu.Lock()
			books.past.Dropped += rest
			books.mu.Unlock()
			b.forget()
		default:
			home.count.Dropped += rest
			b.release(true)
		}
	}
	if here == home {
		tell(home.loop)
	} else {
		home.loop.Do(tell)
	}
}

// push puts a buffer of received bytes at the head of the queue, also in a poll of another loop, which has
// taken it from there. It reports false if the connection, or its engine, is closed, and nobody will read it.
func (c *Conn) push(here, home *engine, bid uint16) bool {
	if here == home {
		c.lock(home)
		defer c.unlock(home)
	} else {
		home.shared.Lock()
		defer home.shared.Unlock()
	}
	if c.closed.Load() || home.closed {
		return false
	}
	c.link(home, bid)
	return true
}
