package aio

import (
	"slices"
	"syscall"
)

// simOp is an operation that a simulation's kernel has taken up, until its final completion.
type simOp struct {
	k        key
	at       int // in the list of its kernel
	kind     opKind
	zero     bool // it sends without a copy
	node     *simNode
	sent     int    // bytes of a send
	borrowed int    // of these, in buffers that are not read yet, without a copy
	port     uint16 // where a datagram is to go for which it waits for room
	silent   bool   // a connect that is not answered
	limited  bool   // and that has a time, which is over when chance will have it
	told     bool   // only the word that nobody reads the buffer any longer is missing
	canceled bool   // it ends soon
	over     bool
}

// submit takes up what was asked for, in its order, now or at the next flush.
func (p *simKernel) submit() {
	if len(p.queue) == 0 {
		return
	}
	if !p.late && p.rarely(4) {
		p.late = true
		return
	}
	p.late = false
	for _, r := range p.queue {
		if r.cancel {
			p.interrupt(r.k)
		} else {
			p.take(r.k)
		}
	}
	p.queue = p.queue[:0]
	p.room = 1 + p.choose(64)
}

func (p *simKernel) take(k key) {
	o := p.e.ops.find(k)
	if o == nil {
		p.s.blame("operation %#x had ended before it was taken up", k)
		return
	}
	op := &simOp{k: k, kind: o.kind, zero: o.flags&opZeroCopy != 0, node: p.s.node(p.e.ops.fd(o)), at: len(p.under)}
	p.under = append(p.under, op)
	if op.node == nil {
		op.node = new(simNode)
		op.node.ops++
		p.finish(op, -int32(syscall.EBADF))
		return
	}
	op.node.ops++
	if !op.node.can(o.kind) {
		p.finish(op, -int32(syscall.EINVAL))
	}
	switch {
	case op.kind == opPollOut && op.node.datagrams:
		op.port = uint16(p.e.ops.io(o).off)
	case op.kind == opConnect:
		op.silent, op.limited = p.oneIn(p.s.cfg.Silences), p.e.ops.io(o).off > 0
	}
}

// can reports whether an op of that kind may be had.
func (n *simNode) can(kind opKind) bool {
	switch kind {
	case opAccept:
		return n.listens
	case opReceive:
		return n.in != nil
	case opSend:
		return n.out != nil
	case opRead, opPollIn:
		return n.in != nil || n.file != nil || n.datagrams && kind == opPollIn
	case opWrite, opPollOut:
		return n.out != nil || n.file != nil || n.datagrams && kind == opPollOut
	case opFsync:
		return n.file != nil
	case opConnect:
		return n.dials
	}
	return false
}

// interrupt is a cancel: it may find that the op has ended, end it, see it done anyway, or
// be heard later.
func (p *simKernel) interrupt(k key) {
	i := slices.IndexFunc(p.under, func(op *simOp) bool { return op.k == k })
	if i < 0 || p.under[i].told {
		return
	}
	op := p.under[i]
	switch p.choose(4) {
	case 0:
		op.canceled = true
		return
	case 1:
		for !op.over && !op.told && op.able() && !p.rarely(3) {
			p.perform(op)
		}
	}
	if !op.over && !op.told {
		p.quit(op)
	}
}

// quit ends an op that was cancelled.
func (p *simKernel) quit(op *simOp) {
	switch {
	case op.sent > 0:
		p.sent(op, int32(op.sent))
	case op.kind == opSend && op.zero && p.rarely(4):
		p.sent(op, -int32(syscall.ECANCELED)) // a failure of which the buffer is told later
	case op.kind != opAccept && op.kind != opPollIn && op.kind != opPollOut && p.rarely(3):
		p.finish(op, -int32(syscall.EINTR))
	default:
		p.finish(op, -int32(syscall.ECANCELED))
	}
}

// advance does some of what can be done.
func (p *simKernel) advance() {
	var ready []*simOp
	for _, op := range p.under {
		if p.ready(op) {
			ready = append(ready, op)
		}
	}
	if len(ready) == 0 {
		return
	}
	steps := 0
	switch p.choose(4) {
	case 0:
		steps = 1
	case 1:
		steps = len(ready)
	case 2:
		steps = 1 + p.choose(2*len(ready))
	}
	for ; steps > 0 && len(ready) > 0; steps-- {
		i := p.choose(len(ready))
		op := ready[i]
		if op.canceled && (!op.able() || p.rarely(2)) {
			p.quit(op)
		} else {
			p.perform(op)
		}
		if op.over || !p.ready(op) {
			ready = slices.Delete(ready, i, i+1)
		}
	}
}

// ready reports whether perform or quit would come to anything.
func (p *simKernel) ready(op *simOp) bool {
	if op.told {
		return op.borrowed == 0
	}
	return op.canceled || op.able()
}

// able reports whether an op would not have to wait.
func (op *simOp) able() bool {
	n := op.node
	if n.datagrams {
		return op.kind == opPollIn && len(n.mail) > 0 || op.kind == opPollOut && n.s.hasRoom(op.port)
	}
	switch op.kind {
	case opAccept:
		return len(n.backlog) > 0
	case opReceive:
		return n.in.readable()
	case opSend:
		return n.out.writable()
	case opRead, opPollIn:
		return n.file != nil || n.in.readable()
	case opWrite, opPollOut:
		return n.file != nil || n.out.writable()
	case opConnect:
		return !op.silent || op.limited
	}
	return true
}

// perform does one step of an op: as much of it as chance will have.
func (p *simKernel) perform(op *simOp) {
	if op.told {
		p.end(op, completion{})
		return
	}
	o := p.e.ops.find(op.k)
	if o == nil {
		p.s.blame("operation %#x ended before its final completion", op.k)
		p.drop(op)
		return
	}
	if op.node.datagrams && p.oneIn(p.s.cfg.Resets) {
		p.finish(op, -int32(syscall.ENOBUFS))
		return
	}
	if (op.kind == opReceive || op.kind == opSend) && p.oneIn(p.s.cfg.Resets) {
		p.s.reset(op.node)
	}
	switch op.kind {
	case opAccept:
		p.accept(op)
	case opReceive:
		p.receive(op)
	case opSend:
		p.send(op, p.e.ops.io(o).buf)
	case opRead:
		x := p.e.ops.io(o)
		p.read(op, x.buf, x.off)
	case opWrite:
		x := p.e.ops.io(o)
		p.write(op, x.buf, x.off)
	case opPollIn:
		p.finish(op, 1) // POLLIN
	case opPollOut:
		p.finish(op, 4) // POLLOUT
	case opConnect:
		p.connect(op)
	case opFsync:
		if p.rarely(16) {
			p.finish(op, -int32(syscall.EINTR))
		} else {
			p.finish(op, 0)
		}
	}
}

func (p *simKernel) accept(op *simOp) {
	l := op.node
	switch {
	case p.s.open >= p.s.cfg.Descriptors:
		p.finish(op, -int32(syscall.EMFILE))
		return
	case p.rarely(16):
		p.finish(op, -int32(syscall.EINTR))
		return
	}
	conn := l.backlog[0]
	l.backlog = l.backlog[1:]
	c := completion{res: p.s.enter(conn), more: true}
	if p.rarely(8) {
		c.more = false
		p.end(op, c)
		return
	}
	p.more(op, c)
}

func (p *simKernel) receive(op *simOp) {
	in := op.node.in
	switch {
	case p.rarely(16):
		p.finish(op, -int32(syscall.EINTR))
		return
	case in.n == 0:
		c := completion{res: -int32(in.end())}
		if len(p.free) > 0 && p.rarely(4) {
			c.buffer, c.bid = true, p.buffer() // an empty one comes back
		}
		p.end(op, c)
		return
	case len(p.free) == 0:
		p.finish(op, -int32(syscall.ENOBUFS))
		return
	}
	c := completion{more: true, buffer: true, bid: p.buffer()}
	c.res = int32(p.s.receive(in, p.e.pool.mem(c.bid)[:p.amount(min(in.n, poolBuffer))]))
	if p.rarely(8) {
		c.more = false
		p.end(op, c)
		return
	}
	p.more(op, c)
}

// refusals are what a send without a copy fails with when it is to be done with one.
var refusals = [...]syscall.Errno{syscall.EINVAL, syscall.EOPNOTSUPP, syscall.ENOBUFS, syscall.ENOMEM}

func (p *simKernel) send(op *simOp, buf []byte) {
	out := op.node.out
	errno := out.refuses()
	switch {
	case errno != 0 && op.sent > 0:
		p.sent(op, int32(op.sent)) // the next one has the error
		return
	case errno != 0:
		p.finish(op, -int32(errno))
		return
	case op.sent == 0 && p.rarely(16):
		p.finish(op, -int32([...]syscall.Errno{syscall.EINTR, syscall.EAGAIN}[p.choose(2)]))
		return
	case op.sent == 0 && op.zero && p.rarely(4):
		p.finish(op, -int32(refusals[p.choose(len(refusals))]))
		return
	}
	rest := buf[op.sent:]
	n := p.amount(min(len(rest), out.room-out.n))
	if op.zero {
		op.borrowed += n
		p.s.send(out, rest[:n], op)
	} else {
		p.s.send(out, slices.Clone(rest[:n]), nil)
	}
	if op.sent += n; op.sent == len(buf) || p.rarely(16) {
		p.sent(op, int32(op.sent))
	}
}

// sent completes a send. One without a copy has another completion when all was read.
func (p *simKernel) sent(op *simOp, res int32) {
	if !op.zero {
		p.finish(op, res)
		return
	}
	op.told, op.canceled = true, false
	op.node.ops--
	p.more(op, completion{res: res, more: true})
}

// more is a completion after which others follow.
func (p *simKernel) more(op *simOp, c completion) {
	if p.s.cfg.Trace != nil {
		p.s.trace("engine %d: op %d of kind %d: %+v", p.number, op.k.index(), op.kind, traced(op, c))
	}
	p.done = append(p.done, simDone{op.k, c})
}

// traced is c without what differs from run to run: the number of a descriptor.
func traced(op *simOp, c completion) completion {
	if op.kind == opAccept && c.res > 0 {
		c.res = 1
	}
	return c
}

// end is the final completion of an op.
func (p *simKernel) end(op *simOp, c completion) {
	p.drop(op)
	p.more(op, c)
}

func (p *simKernel) finish(op *simOp, res int32) { p.end(op, completion{res: res}) }

func (p *simKernel) drop(op *simOp) {
	op.over = true
	if !op.told {
		op.node.ops--
	}
	last := p.under[len(p.under)-1]
	last.at = op.at
	p.under[op.at] = last
	p.under = p.under[:len(p.under)-1]
}
