package aio

import (
	"net"
	"syscall"
	"time"
)

// portableKernel does an engine's operations with package net: a goroutine for each step of
// an op that may wait, which posts what it came to. An op is cancelled by a deadline in the
// past, which the next one takes back. It knows descriptors only as names of what
// [openSocket] returns, so that it works where there are none.
type portableKernel struct {
	e    *engine
	bell bell
	away errands

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
	f   waited          // nil for streams, and for what need not wait
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
		bell:    newBell(),
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
	p.bell.wait(d)
	p.deliver()
	return nil
}

func (p *portableKernel) wake() { p.bell.ring() }

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
	case opPollIn, opPollOut, opRead, opWrite, opFsync:
		p.file(k, o, po)
	default:
		p.finish(k, o, -int32(syscall.EOPNOTSUPP))
	}
}

// file does an op on what is no stream socket: on a goroutine of its own if it may wait for
// ever, and as an errand otherwise.
func (p *portableKernel) file(k key, o *op, po *portableOp) {
	x := p.e.ops.io(o)
	polls := o.kind == opPollIn || o.kind == opPollOut
	var err error
	if polls || o.kind != opFsync && x.off < 0 {
		po.f, err = waitable(o.kind, x)
	}
	switch f, kind := po.f, o.kind; {
	case err != nil:
		p.finish(k, o, errnoOf(err))
	case f != nil:
		var buf []byte
		if !polls {
			buf = x.buf[:min(len(x.buf), sendMax)]
		}
		go func() { p.away.post(outcome{k: k, res: f.do(kind, buf)}) }()
	case polls:
		p.finish(k, o, -int32(syscall.EOPNOTSUPP))
	default:
		p.away.run(k, fileCall(o.kind, x))
	}
}

// open returns the socket of an op's descriptor.
func (p *portableKernel) open(o *op) (*portableSocket, error) {
	fd := p.e.ops.fd(o)
	s := p.sockets[fd]
	if s == nil {
		opened, err := openSocket(fd, o.kind == opAccept)
		if err != nil {
			return nil, err
		}
		s = &portableSocket{socket: opened}
		p.sockets[fd] = s
	}
	s.ops++
	return s, nil
}
