package aio

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"time"
)

// portableKernel does an engine's operations with package net: a goroutine for each step of
// an op that may wait, which posts what it came to. An op is cancelled by a deadline in the
// past, which the next one takes back. It knows descriptors only as names of what
// [openSocket] returns, so that it works where there are none.
type portableKernel struct {
	e     *engine
	woken chan struct{}
	timer *time.Timer
	away  errands

	queue   []key // ops to be begun at the next flush
	cancels []key
	free    []uint16 // buffers of the pool
	under   map[key]*portableOp
	sockets map[int32]*portableSocket
	hungry  []key // ops that have received and want a buffer for it
	done    int   // completions in this flush or wait
}

// portableOp is what is known of an op besides, until its final completion.
type portableOp struct {
	s   *portableSocket // nil for files
	buf []byte          // to receive into: a buffer of the pool is taken when there are bytes
	n   int             // bytes in buf that no buffer was found for
}

// portableSocket is opened by the first op on a descriptor and released by the last one: in
// between nobody closes the descriptor.
type portableSocket struct {
	socket
	ops int
}

// socket is how a descriptor is used: one of the first two is not nil.
type socket struct {
	conn     net.Conn
	listener deadlineListener
	release  func()
}

type deadlineListener interface {
	net.Listener
	SetDeadline(time.Time) error
}

// past is a deadline that ends what waits.
var past = time.Unix(1, 0)

// newPortable makes an engine on package net. It may be used from any thread.
func newPortable(bool) (*engine, error) {
	p := &portableKernel{
		woken:   make(chan struct{}, 1),
		under:   make(map[key]*portableOp),
		sockets: make(map[int32]*portableSocket),
	}
	p.away.wake = p.wake
	e := &engine{k: p}
	p.e = e
	openBooks(e)
	return e, nil
}

func (p *portableKernel) begin(k key, o *op) bool {
	p.queue = append(p.queue, k)
	return true
}

func (p *portableKernel) cancel(k key) bool {
	p.cancels = append(p.cancels, k)
	return true
}

// provide gives back a buffer, which those who are hungry get first, though not now:
// completions are for flush and wait.
func (p *portableKernel) provide(bid uint16) { p.free = append(p.free, bid) }

func (p *portableKernel) flush() error {
	p.done = 0
	p.process()
	return nil
}

func (p *portableKernel) wait(d time.Duration) error {
	p.done = 0
	p.process()
	if p.done > 0 || len(p.queue)+len(p.cancels) > 0 || len(p.hungry) > 0 && len(p.free) > 0 {
		return nil
	}
	if d < 0 {
		<-p.woken
	} else {
		if p.timer == nil {
			p.timer = time.NewTimer(d)
		} else {
			p.timer.Reset(d)
		}
		select {
		case <-p.woken:
			p.timer.Stop()
		case <-p.timer.C:
		}
	}
	p.deliver()
	return nil
}

// wake ends the wait that is under way, or the next one. Any goroutine.
func (p *portableKernel) wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *portableKernel) close() error { return nil }

// process does what was asked for since the last time.
func (p *portableKernel) process() {
	q := p.queue
	p.queue = nil
	for _, k := range q {
		if o := p.e.ops.find(k); o != nil {
			p.start(k, o)
		}
	}
	cancels := p.cancels
	p.cancels = nil
	for _, k := range cancels {
		if o := p.e.ops.find(k); o != nil {
			p.interrupt(k, o)
		}
	}
	hungry := p.hungry
	p.hungry = nil
	for _, k := range hungry {
		if o := p.e.ops.find(k); o != nil {
			p.feed(k, o)
		}
	}
	p.deliver()
}

// start does the first step of an op.
func (p *portableKernel) start(k key, o *op) {
	if o.flags&opCanceled != 0 {
		p.finish(k, o, -int32(syscall.ECANCELED))
		return
	}
	po := &portableOp{}
	p.under[k] = po
	switch o.kind {
	case opAccept, opReceive, opSend:
		s, err := p.open(o)
		if err != nil {
			p.finish(k, o, errnoOf(err))
			return
		}
		po.s = s
		switch o.kind {
		case opAccept:
			s.listener.SetDeadline(time.Time{})
		case opReceive:
			s.conn.SetReadDeadline(time.Time{})
			po.buf = make([]byte, poolBuffer)
		case opSend:
			s.conn.SetWriteDeadline(time.Time{})
		}
		p.step(k, o, po)
	case opRead, opWrite, opFsync:
		p.away.run(k, fileCall(o))
	default:
		p.finish(k, o, -int32(syscall.EOPNOTSUPP))
	}
}

// open returns the socket of an op's descriptor.
func (p *portableKernel) open(o *op) (*portableSocket, error) {
	s := p.sockets[o.fd]
	if s == nil {
		opened, err := openSocket(o.fd, o.kind == opAccept)
		if err != nil {
			return nil, err
		}
		s = &portableSocket{socket: opened}
		p.sockets[o.fd] = s
	}
	s.ops++
	return s, nil
}

// step begins what may wait.
func (p *portableKernel) step(k key, o *op, po *portableOp) {
	s, buf := po.s, po.buf
	switch o.kind {
	case opAccept:
		go func() {
			nc, err := s.listener.Accept()
			if err != nil {
				p.away.post(outcome{k, errnoOf(err)})
				return
			}
			fd, err := descriptorFor(nc)
			if err != nil {
				p.away.post(outcome{k, errnoOf(err)})
				return
			}
			p.away.post(outcome{k, fd})
		}()
	case opReceive:
		go func() {
			n, err := s.conn.Read(buf)
			if n > 0 {
				p.away.post(outcome{k, int32(n)}) // the next Read has the error again
				return
			}
			p.away.post(outcome{k, errnoOf(err)})
		}()
	case opSend:
		buf = o.buf[:min(len(o.buf), sendMax)]
		go func() {
			n, err := s.conn.Write(buf)
			if n > 0 {
				p.away.post(outcome{k, int32(n)})
				return
			}
			p.away.post(outcome{k, errnoOf(err)})
		}()
	}
}

// interrupt has an op end soon.
func (p *portableKernel) interrupt(k key, o *op) {
	po := p.under[k]
	switch {
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
		if c, ok := o.who.(*Conn); p.e.closed || ok && c.closed.Load() {
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
				delete(p.sockets, o.fd)
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
