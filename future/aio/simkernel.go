package aio

import (
	"math/rand/v2"
	"time"

	"github.com/pinion-go/pinion/future"
)

// simKernel is the kernel's side of an engine of a simulation. What is asked for waits in a
// queue, is under way until it is done, and what was done waits until it is seen; how long
// something stays in each place is up to chance. All but its ops is its loop's alone.
type simKernel struct {
	s       *Sim
	e       *engine
	number  int
	rng     *rand.Rand
	virtual bool // waits pass the simulation's time, and take none
	bell    bell

	queue []simRequest
	room  int      // in the queue
	late  bool     // the queue was left for the next flush
	under []*simOp // protected by the simulation's lock, for others read what is sent without a copy
	done  []simDone
	seen  []simDone // memory for those that are being told
	hold  int       // for how many flushes completions are held back
	free  []uint16  // buffers of the pool
	given []bool    // by number, whether it is the kernel's
}

type simRequest struct {
	k      key
	cancel bool
}

type simDone struct {
	k key
	c completion
}

// engine makes an engine.
func (s *Sim) engine(why string, virtual bool) *engine {
	s.mu.Lock()
	s.engines++
	p := &simKernel{s: s, number: s.engines, virtual: virtual, bell: newBell()}
	p.rng = rand.New(rand.NewPCG(s.cfg.Seed, uint64(p.number)))
	p.room = 1 + p.choose(64)
	e := &engine{k: p, sim: s, less: s.saysSeed()}
	p.e = e
	e.pool.limit = s.cfg.pool
	s.kernels = append(s.kernels, p)
	s.mu.Unlock()
	e.describe(simName, why)
	openBooks(e)
	return e
}

// choose returns a number in [0, n). The simulation is locked, here and in all that decides.
func (p *simKernel) choose(n int) int { return p.s.choose(p.rng, future.ChooseCompletion, n) }

// rarely reports true once in n times, or where Choose says so.
func (p *simKernel) rarely(n int) bool {
	if p.s.cfg.Choose != nil {
		n = 2
	}
	return p.choose(n) == 1
}

// oneIn is rarely for what a user asks for: 1 is always, 0 never.
func (p *simKernel) oneIn(n int) bool { return n == 1 || n > 1 && p.rarely(n) }

// amount returns how many of at most n bytes are dealt with at once: one, some or all.
func (p *simKernel) amount(n int) int {
	switch p.choose(4) {
	case 0:
		return 1
	case 1:
		return 1 + p.choose(min(n, 1000))
	case 2:
		return (n + 1) / 2
	}
	return n
}

func (p *simKernel) begin(k key, o *op) bool {
	if len(p.queue) >= p.room {
		return false
	}
	p.queue = append(p.queue, simRequest{k: k})
	return true
}

// connects implements connector.
func (p *simKernel) connects() (limited bool) { return true }

func (p *simKernel) cancel(k key) bool {
	if len(p.queue) >= p.room {
		return false
	}
	p.queue = append(p.queue, simRequest{k: k, cancel: true})
	return true
}

// poison is what buffers hold that were given back.
const poison = 0xa5

func (p *simKernel) provide(bid uint16) {
	for len(p.given) <= int(bid) {
		p.given = append(p.given, false)
	}
	if p.given[bid] {
		p.s.mu.Lock()
		p.s.blame("buffer %d was given back twice", bid)
		p.s.mu.Unlock()
		return
	}
	p.given[bid] = true
	p.free = append(p.free, bid)
	for i, m := 0, p.e.pool.mem(bid); i < int(p.e.pool.at(bid).n); i++ {
		m[i] = poison
	}
}

// buffer takes a buffer that the engine has given.
func (p *simKernel) buffer() uint16 {
	i := p.choose(min(len(p.free), 4))
	bid := p.free[i]
	p.free[i] = p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	p.given[bid] = false
	for _, b := range p.e.pool.mem(bid)[:p.e.pool.at(bid).n] {
		if b != poison {
			p.s.blame("buffer %d was written to after it was given back", bid)
			break
		}
	}
	return bid
}

func (p *simKernel) flush() error {
	p.turn()
	return nil
}

func (p *simKernel) wait(d time.Duration) error {
	if p.turn() {
		return nil
	}
	p.s.mu.Lock()
	some := p.pending()
	p.s.mu.Unlock()
	switch {
	case some: // later
	case d >= 0 && p.virtual:
		p.s.pass(d)
	default:
		p.bell.wait(d)
	}
	return nil
}

// turn does some of what can be done, and tells the engine of some of what was. It reports
// whether it has told it of anything.
func (p *simKernel) turn() bool {
	p.s.mu.Lock()
	p.submit()
	p.advance()
	n := p.look()
	p.seen = append(p.seen[:0], p.done[:n]...)
	p.done = append(p.done[:0], p.done[n:]...)
	p.s.mu.Unlock()
	for _, d := range p.seen {
		p.e.complete(d.k, d.c)
	}
	return n > 0
}

// look returns how many completions are seen now.
func (p *simKernel) look() int {
	n := len(p.done)
	switch {
	case n == 0:
		return 0
	case p.hold > 0:
		p.hold--
		return 0
	case p.rarely(10):
		p.hold = p.choose(20)
		return 0
	case p.rarely(3):
		return 1 + p.choose(n)
	}
	return n
}

// pending reports whether there is anything to be done or seen.
func (p *simKernel) pending() bool {
	if len(p.queue) > 0 || len(p.done) > 0 {
		return true
	}
	for _, op := range p.under {
		if p.ready(op) {
			return true
		}
	}
	return false
}

func (p *simKernel) wake() { p.bell.ring() }

func (p *simKernel) close() error {
	s := p.s
	s.mu.Lock()
	for i, other := range s.kernels {
		if other == p {
			s.kernels = append(s.kernels[:i], s.kernels[i+1:]...)
			break
		}
	}
	for _, op := range p.under {
		s.blame("operation %#x was forgotten", op.k)
	}
	s.mu.Unlock()
	return s.violations()
}

// changed is called when what others wait for may have come.
func (s *Sim) changed() {
	for _, p := range s.kernels {
		p.wake()
	}
}
