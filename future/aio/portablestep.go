package aio

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
)

// step begins what may wait.
func (p *portableKernel) step(k key, o *op, po *portableOp) {
	s, buf := po.s, po.buf
	switch o.kind {
	case opAccept:
		go func() {
			nc, err := s.listener.Accept()
			if err != nil {
				p.away.post(outcome{k: k, res: errnoOf(err)})
				return
			}
			fd, err := descriptorFor(nc)
			if err != nil {
				p.away.post(outcome{k: k, res: errnoOf(err), lost: true})
				return
			}
			p.away.post(outcome{k: k, res: fd})
		}()
	case opReceive:
		go func() {
			n, err := s.conn.Read(buf)
			if n > 0 {
				p.away.post(outcome{k: k, res: int32(n)}) // the next Read has the error again
				return
			}
			p.away.post(outcome{k: k, res: errnoOf(err)})
		}()
	case opSend:
		x := p.e.ops.io(o)
		buf = x.buf[:min(len(x.buf), sendMax)]
		bufs := gathered(x)
		go func() {
			var n int64
			var err error
			if bufs != nil {
				n, err = bufs.WriteTo(s.conn)
			} else {
				m, e := s.conn.Write(buf)
				n, err = int64(m), e
			}
			if n > 0 {
				p.away.post(outcome{k: k, res: int32(n)})
				return
			}
			p.away.post(outcome{k: k, res: errnoOf(err)})
		}()
	}
}

// interrupt has an op end soon.
func (p *portableKernel) interrupt(k key, o *op) {
	po := p.under[k]
	switch {
	case po == nil: // it was begun since the queue was done, and ends there
	case po.f != nil:
		po.f.end()
	case po.s == nil:
		if p.away.withdraw(k) {
			p.finish(k, o, -int32(syscall.ECANCELED))
		}
	case po.n > 0: // it is hungry, and looked after anyway
	case o.kind == opAccept:
		po.s.listener.SetDeadline(past)
	case o.kind == opReceive:
		po.s.conn.SetReadDeadline(past)
	case o.kind == opSend:
		po.s.conn.SetWriteDeadline(past)
	}
}

// deliver takes up what goroutines have done.
func (p *portableKernel) deliver() {
	for _, r := range p.away.take() {
		o := p.e.ops.find(r.k)
		if o == nil {
			continue
		}
		po := p.under[r.k]
		if r.lost {
			p.e.count.Accepted++
			p.e.count.Orphans++
		}
		switch {
		case o.kind == opAccept && r.res >= 0:
			p.more(r.k, completion{res: r.res, more: true})
			p.goOn(r.k, o, po)
		case o.kind == opReceive && r.res > 0:
			po.n = int(r.res)
			p.feed(r.k, o)
		default:
			p.finish(r.k, o, r.res)
		}
	}
}

// feed gives a connection the bytes that were received, in a buffer of the pool. Without one
// they wait, unless nobody will ever want them.
func (p *portableKernel) feed(k key, o *op) {
	po := p.under[k]
	if len(p.free) == 0 {
		first, n, _ := p.e.pool.grow()
		for i := range n {
			p.provide(uint16(first + i))
		}
	}
	n := len(p.free)
	if n == 0 {
		if c := o.conn; p.e.closed || c != nil && c.closed.Load() {
			p.e.count.Received += int64(po.n)
			p.e.count.Dropped += int64(po.n)
			p.finish(k, o, -int32(syscall.ECANCELED))
			return
		}
		p.hungry = append(p.hungry, k)
		return
	}
	bid := p.free[n-1]
	p.free = p.free[:n-1]
	c := completion{res: int32(copy(p.e.pool.mem(bid), po.buf[:po.n])), more: true, buffer: true, bid: bid}
	po.n = 0
	p.more(k, c)
	p.goOn(k, o, po)
}

// goOn is the next step of an op that completes many times.
func (p *portableKernel) goOn(k key, o *op, po *portableOp) {
	if o.flags&opCanceled != 0 {
		p.finish(k, o, -int32(syscall.ECANCELED))
		return
	}
	p.step(k, o, po)
}

// more is a completion after which others follow.
func (p *portableKernel) more(k key, c completion) {
	p.done++
	p.e.complete(k, c)
}

// finish is the final completion of an op.
func (p *portableKernel) finish(k key, o *op, res int32) {
	if po := p.under[k]; po != nil {
		delete(p.under, k)
		if s := po.s; s != nil {
			if s.ops--; s.ops == 0 {
				delete(p.sockets, p.e.ops.fd(o))
				s.release()
			}
		}
	}
	p.hungry = slices.DeleteFunc(p.hungry, func(h key) bool { return h == k })
	p.done++
	p.e.complete(k, completion{res: res})
}

// errnoOf returns what a completion says of an error of package net: 0 for the end of the
// stream. Deadlines are passed only by cancels here.
func errnoOf(err error) int32 {
	var errno syscall.Errno
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return 0
	case errors.Is(err, os.ErrDeadlineExceeded):
		return -int32(syscall.ECANCELED)
	case errors.Is(err, net.ErrClosed):
		return -int32(syscall.EBADF)
	case errors.As(err, &errno) && errno != 0:
		return -int32(errno)
	}
	return -int32(syscall.EIO)
}
