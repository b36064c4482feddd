package aio

import (
	"net"
	"sync/atomic"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// Conn is a stream: a TCP or Unix connection. It is a [net.Conn].
//
// All methods may be called from every goroutine and in every poll. Several Reads at once
// each get some of the bytes; Writes at once are done one after the other, whole. Close ends
// what is under way with [net.ErrClosed].
//
// Bytes are received before anybody asks for them, up to maxChunks buffers, which belong
// to the engine's pool: an idle connection has none. When half of the pool's buffers hold what
// nobody has read, a connection gets fewer, but one.
type Conn struct {
	home   home
	fd     int32
	closed atomic.Bool // Close was called

	// The home engine's loop alone; chunks and last see lock.
	ops     int8 // under way on fd
	flags   connFlags
	chunks  int16  // received and not read: a ring, see first
	last    uint16 // the newest of them
	rend    ending // why there will be no more
	receive uint32 // the index of the op that receives, 0 for none
	send    uint32 // and of the one that sends, for the first of writers
	readers waitList
	writers *writer // first come first served; send is the first one's
}

type connFlags uint8

const (
	connGone      connFlags = 1 << iota // fd was closed
	connLimited                         // engine.limits has its deadlines
	connReadOver                        // the deadline for reading has passed
	connWriteOver                       // and that for writing
	connShared                          // futures of other loops take received buffers
	connParted                          // fd is closed when the kernel has let go of what was sent without a copy
	connResets                          // it is being reset
)

// maxChunks is how many buffers of received bytes a connection may have that nobody reads,
// before it stops receiving.
const maxChunks = 16

// newConn returns a Conn for a connected socket, which is its own from now on.
func newConn(fd int) *Conn {
	books.descriptors.Add(1)
	return &Conn{fd: int32(fd)}
}

// on returns the engine of the connection, which is e, or a default one if e is nil or cannot serve it,
// from its first use on.
func (c *Conn) on(e *engine) *engine { return c.home.of(e, c.fd) }

// ready implements source: it reports whether an operation that reads can end now: with what was received if
// how is endOK. Otherwise it sees to it that something is received.
func (c *Conn) ready(e *engine) (how ending, ok bool) {
	switch {
	case c.closed.Load():
		return endClosed, true
	case c.flags&connReadOver != 0:
		return endDeadline, true
	case c.unread(e) > 0:
		return endOK, true
	case c.rend != endOK:
		return c.rend, true
	case e.closed:
		return endStopped, true
	}
	if c.receive == 0 {
		c.ops++
		c.receive = e.receive(c).index()
	}
	return endOK, false
}

func (c *Conn) waiters() *waitList { return &c.readers }

// share implements source.
func (c *Conn) share() { c.flags |= connShared }

// lock keeps other loops from what was received, if they take any of it. The home engine's loop
// alone; others know that they do.
func (c *Conn) lock(e *engine) {
	if c.flags&connShared != 0 {
		e.shared.Lock()
	}
}

func (c *Conn) unlock(e *engine) {
	if c.flags&connShared != 0 {
		e.shared.Unlock()
	}
}

// unread returns how many buffers there are that nobody has read.
func (c *Conn) unread(e *engine) int {
	c.lock(e)
	defer c.unlock(e)
	return int(c.chunks)
}

// take copies received bytes to p.
func (c *Conn) take(e *engine, p []byte) (n int) {
	c.lock(e)
	defer c.unlock(e)
	for n < len(p) && c.chunks > 0 {
		bid := c.first(e)
		s := e.pool.at(bid)
		m := copy(p[n:], e.pool.rest(bid))
		n += m
		if s.off += uint16(m); s.off == s.n {
			c.unchain(e)
			e.recycle(bid)
		}
	}
	return n
}

// first returns the oldest buffer of received bytes.
func (c *Conn) first(e *engine) uint16 { return e.pool.at(c.last).next }

// pop takes the oldest buffer of received bytes out of the queue, if there is one.
func (c *Conn) pop(e *engine) (bid uint16, ok bool) {
	c.lock(e)
	defer c.unlock(e)
	if c.chunks == 0 {
		return 0, false
	}
	return c.unchain(e), true
}

// pull is pop for a future of another loop. It has nothing when the connection or the engine is
// closed.
func (c *Conn) pull(home *engine) (bid uint16, ok bool) {
	home.shared.Lock()
	defer home.shared.Unlock()
	if c.chunks == 0 || home.closed || c.closed.Load() {
		return 0, false
	}
	return c.unchain(home), true
}

// unchain is pop where there is one, and others are kept from it.
func (c *Conn) unchain(e *engine) uint16 {
	last := e.pool.at(c.last)
	bid := last.next
	last.next = e.pool.at(bid).next
	if c.chunks--; c.chunks == 0 {
		e.holders.Add(-1)
	}
	return bid
}

// completed implements completer, for the ops that receive and send.
func (c *Conn) completed(e *engine, k key, r completion) {
	receives := k.index() == c.receive
	if receives && !r.more || !receives && c.freed(r) {
		c.ops--
	}
	if receives {
		c.received(e, r)
		c.readers.wake(e)
	} else {
		c.sent(e, r)
	}
	if c.closed.Load() {
		c.settle(e)
	}
}

func (c *Conn) received(e *engine, r completion) {
	if r.buffer {
		e.filled(r.bid, int(max(r.res, 0)))
		if r.res <= 0 || c.flags&connGone != 0 {
			e.recycle(r.bid)
		} else {
			e.count.Received += int64(r.res)
			c.chain(e, r.bid)
		}
	}
	switch {
	case r.more:
		if c.unread(e) >= e.share() {
			e.cancelAt(c.receive) // and begin again when they are read
		}
		return
	case r.res == 0:
		c.rend = endEOF
	case r.errno() == syscall.ENOBUFS:
		c.receive = starved
		e.starve(c)
		return
	case r.res < 0 && r.errno() != syscall.ECANCELED && r.errno() != syscall.EINTR:
		c.rend = failed(r.errno())
	}
	c.receive = 0
}

// chain puts a buffer of received bytes into the queue.
func (c *Conn) chain(e *engine, bid uint16) {
	c.lock(e)
	defer c.unlock(e)
	c.link(e, bid)
	c.last = bid
}

// link puts a buffer between the newest and the oldest: it is the oldest then. Others are kept from the queue.
func (c *Conn) link(e *engine, bid uint16) {
	s := e.pool.at(bid)
	if c.chunks++; c.chunks == 1 {
		e.holders.Add(1)
		s.next, c.last = bid, bid
		return
	}
	last := e.pool.at(c.last)
	s.next, last.next = last.next, bid
}

// fed is called when the pool has buffers again. It reports whether c wants one.
func (c *Conn) fed(e *engine) bool {
	c.receive = 0
	if c.readers.head == nil || c.closed.Load() {
		return false
	}
	c.ready(e)
	return true
}

// Close closes the connection. What was received and not read is dropped; what a Write under
// way has sent, it returns. The descriptor is closed when the kernel has ended the operations
// on it, soon after. The error is net.ErrClosed if it was closed before.
func (c *Conn) Close() error { return c.close(nil) }

// CloseCx is [Conn.Close] within a poll: it is cheaper on the loop that the connection
// belongs to.
//
//pinion:noescape
func (c *Conn) CloseCx(cx *future.Context) error { return c.close(engineOf(cx)) }

func (c *Conn) close(here *engine) error {
	if c.closed.Swap(true) {
		return endClosed.err("close", "", nil, nil)
	}
	switch home := c.home.close(); {
	case home == nil:
		c.drop() // it was never used
	case home == here:
		c.settle(home)
	default:
		home.loop.Do(func(l *future.Loop) {
			if l == nil {
				c.forget(home) // with its loop all operations have ended
				c.drop()
				return
			}
			c.settle(home)
		})
	}
	return nil
}

// settle brings a closed connection nearer to its end: nothing is under way, all who
// wait were told, and the descriptor is closed.
func (c *Conn) settle(e *engine) {
	for bid, ok := c.pop(e); ok; bid, ok = c.pop(e) {
		e.count.Dropped += int64(len(e.pool.rest(bid)))
		e.recycle(bid)
	}
	if c.flags&connGone != 0 {
		return
	}
	e.cancelAt(c.receive)
	e.cancelAt(c.send)
	c.unlimit(e)
	switch {
	case c.ops > 0:
	case c.sends():
		c.part(e)
	default:
		c.drop()
	}
	c.readers.wake(e)
	c.refuse(e, endClosed)
}

// forget is what settle does with received bytes, when the engine was closed.
func (c *Conn) forget(e *engine) {
	books.mu.Lock()
	defer books.mu.Unlock()
	for bid, ok := c.pop(e); ok; bid, ok = c.pop(e) {
		books.past.Dropped += int64(len(e.pool.rest(bid)))
		books.past.Buffers--
	}
}

// drop closes the descriptor.
func (c *Conn) drop() {
	if c.flags&connGone == 0 {
		controls.Lock()
		c.flags |= connGone
		closeDescriptor(int(c.fd))
		controls.Unlock()
		books.descriptors.Add(-1)
	}
}

// LocalAddr returns the local address, an empty *net.TCPAddr if it is closed.
func (c *Conn) LocalAddr() net.Addr { return known(c.local()) }

// RemoteAddr returns the peer's address, an empty *net.TCPAddr if it is closed, or if the peer
// has reset it, of which the system forgets the address.
func (c *Conn) RemoteAddr() net.Addr { return known(c.remote()) }

// known returns a, or something with a String if it is nil.
func known(a net.Addr) net.Addr {
	if a == nil {
		return new(net.TCPAddr)
	}
	return a
}

// local returns the local address, nil if it is not known.
func (c *Conn) local() net.Addr {
	if s := simOf(c.fd); s != nil {
		return s.address(c, func(n *simNode) net.Addr { return n.local })
	}
	return localAddr(c)
}

// remote returns the peer's address, nil if it is not known.
func (c *Conn) remote() net.Addr {
	if s := simOf(c.fd); s != nil {
		return s.address(c, func(n *simNode) net.Addr { return n.remote })
	}
	return remoteAddr(c)
}

// err returns the error of an operation on c.
func (c *Conn) err(end ending, op, call string) error {
	if end == endOK {
		return nil
	}
	return end.err(op, call, c.local(), c.remote())
}
