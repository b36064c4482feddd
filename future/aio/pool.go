package aio

import (
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

const (
	// poolBuffer is the size of a buffer of the pool.
	poolBuffer = 32 << 10
	// poolStep is how many are added when a pool runs out, poolMax how many it can have.
	poolStep = 128
	poolMax  = 4096
)

// pool is an engine's buffers for receiving: pinned, known to the kernel, and handed from it
// to a connection, to the reader, and back. Its tables do not move, so that whoever was
// handed a buffer may look at its entry.
type pool struct {
	blocks [poolMax / poolStep]*pin.Block[byte]
	states [poolMax / poolStep]*[poolStep]poolState
	n      int // buffers
	limit  int // and how many there may be, 0 for poolMax
}

type poolState struct {
	gen  uint32 // advances when the buffer goes back to the kernel
	next uint16 // the next buffer of the same connection
	off  uint16 // what was read of it
	n    uint16 // bytes received
}

// grow adds buffers and returns their bids, none if the pool has all it may.
func (p *pool) grow() (first, n int, err error) {
	if p.n == poolMax || p.limit > 0 && p.n == p.limit {
		return 0, 0, nil
	}
	b, err := pin.NewBlock[byte](poolStep * poolBuffer)
	if err != nil {
		return 0, 0, err
	}
	i := p.n / poolStep
	p.blocks[i], p.states[i] = b, new([poolStep]poolState)
	n = poolStep
	if p.limit > 0 {
		n = min(n, p.limit-p.n)
	}
	p.n += n
	return i * poolStep, n, nil
}

func (p *pool) at(bid uint16) *poolState { return &p.states[bid/poolStep][bid%poolStep] }

// mem returns the whole of buffer bid.
func (p *pool) mem(bid uint16) []byte {
	off := int(bid%poolStep) * poolBuffer
	return p.blocks[bid/poolStep].Slice(off, off+poolBuffer)
}

// rest returns what was received into buffer bid and not read.
func (p *pool) rest(bid uint16) []byte {
	s := p.at(bid)
	return p.mem(bid)[s.off:s.n]
}

// filled notes that the kernel has put n bytes into buffer bid.
func (e *engine) filled(bid uint16, n int) {
	s := e.pool.at(bid)
	s.off, s.n = 0, uint16(n)
	e.count.Buffers++
}

// recycle gives buffer bid back to the kernel.
func (e *engine) recycle(bid uint16) {
	e.pool.at(bid).gen++
	e.count.Buffers--
	if e.closed {
		return
	}
	e.k.provide(bid)
}

// share is how many buffers of what was received a connection may have that nobody reads. It is
// maxChunks, until half of all that the pool can have are taken: a few hundred that flood this
// engine and are not read would take the others too. A quarter is then divided among those
// that have any.
func (e *engine) share() int {
	most := poolMax
	if e.pool.limit > 0 {
		most = e.pool.limit
	}
	if int(e.count.Buffers) < most/2 {
		return maxChunks
	}
	return min(max(most/4/max(int(e.holders.Load()), 1), 1), maxChunks)
}

// feed has as many of the starving receive again as there are buffers. It reports whether the
// loop may sleep: it may not if others starve, since one that was fed may have nothing to
// receive, and leave its buffer to the next.
func (e *engine) feed() (sleep bool) {
	free := e.pool.n - int(e.count.Buffers)
	for n := free; n > 0 && len(e.starving) > 0; {
		c := e.starving[0]
		e.starving[0] = nil
		e.starving = e.starving[1:]
		if c.fed(e) {
			n--
		}
	}
	return free <= 0 || len(e.starving) == 0
}

// starve is called for a connection for which the kernel had no buffer. It receives again
// when there are more.
func (e *engine) starve(c *Conn) {
	first, n, err := e.pool.grow()
	for i := range n {
		e.k.provide(uint16(first + i))
	}
	if (err != nil || n == 0) && !e.closed {
		e.starving = append(e.starving, c)
		return
	}
	c.fed(e)
}

// starved is in the place of the op that receives, for a connection that waits for a buffer. It is
// no op's index: a cancel does nothing.
const starved = ^uint32(0) - 1

// owns reports whether b lies in the pool's buffers, and so need not be pinned.
func (p *pool) owns(b []byte) bool {
	for i := range (p.n + poolStep - 1) / poolStep {
		if unsafeptr.ContainsSlice(p.blocks[i].Range(), b) {
			return true
		}
	}
	return false
}

func (p *pool) close() {
	for _, b := range p.blocks {
		if b != nil {
			b.Close()
		}
	}
}

// Buf is received bytes in a buffer of an engine's pool. It may be copied and used from any
// goroutine; Release ends all copies. The zero Buf is empty.
type Buf struct {
	e   *engine
	gen uint32
	bid uint16
}

// Bytes returns the bytes, which may be changed, until Release: none after that. A slice that
// was got before must not be used any more, since others are received into it; this is
// not checked.
func (b Buf) Bytes() []byte {
	if b.e == nil || b.e.pool.at(b.bid).gen != b.gen {
		return nil
	}
	return b.e.pool.rest(b.bid)
}

// Len returns the number of bytes.
func (b Buf) Len() int { return len(b.Bytes()) }

// Release gives the buffer back to its pool. Releasing it again does nothing.
func (b Buf) Release() {
	if b.e != nil {
		b.e.loop.Do(func(l *future.Loop) { b.release(l != nil) })
	}
}

// ReleaseCx is [Buf.Release] within a poll: it is cheaper on the loop that the buffer comes
// from.
//
//pinion:noescape
func (b Buf) ReleaseCx(cx *future.Context) {
	if b.e != nil && engineOf(cx) == b.e {
		b.release(true)
		return
	}
	b.Release()
}

func (b Buf) release(alive bool) {
	if !alive {
		b.forget()
	} else if b.e.pool.at(b.bid).gen == b.gen {
		b.e.recycle(b.bid)
	}
}

// forget is release when the engine was closed, on any goroutine.
func (b Buf) forget() {
	books.mu.Lock()
	defer books.mu.Unlock()
	if s := b.e.pool.at(b.bid); s.gen == b.gen {
		s.gen++
		books.past.Buffers--
	}
}
