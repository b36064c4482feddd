package future

import (
	"math"
	"sync"
	"sync/atomic"
)

// permits is what [Mutex], [RWMutex] and [Semaphore] are made of: a number of
// permits, and a line of those who wait for some. A mutex has one permit; of a
// read-write mutex a reader takes one and a writer all of them. That one line
// serves both is what keeps readers from starving writers, and is how tokio's
// RwLock does it.
//
// As long as nobody waits, state is all there is to it, and is changed by
// compare-and-swap. Its lowest bit says that somebody waits, or has been chosen
// and is on its way; then state is changed with mu held only.
type permits struct {
	state atomic.Int64 // permits held, times two, and contended
	mu    sync.Mutex   // protects the following, and state while it is contended
	limit int          // permits there are; set with mu held before anybody waits
	q     waitQueue
}

const contended = 1

// maxPermits is how many there can be, for twice their number to fit into an int.
const maxPermits = math.MaxInt / 2

// lock takes mu and makes the state ours.
func (p *permits) lock(limit int) {
	p.mu.Lock()
	p.limit = limit
	p.q.init(&p.mu, p)
	p.state.Or(contended)
}

// unlock undoes lock.
func (p *permits) unlock() {
	if p.q.head == nil && p.q.promised == 0 {
		p.state.And(^contended)
	}
	p.q.unlock(&p.mu)
}

// free returns how many permits are neither held nor promised to chosen waiters.
// The permits are locked.
func (p *permits) free() int { return p.limit - int(p.state.Load()>>1) - p.q.promised }

// tryFast is one attempt to take n permits while nobody waits.
func (p *permits) tryFast(n, limit int64) bool {
	s := p.state.Load()
	return s&contended == 0 && s>>1 <= limit-n && p.state.CompareAndSwap(s, s+n<<1)
}

// releaseFast is one attempt to give back n permits while nobody waits, see release.
func (p *permits) releaseFast(n, most int64) bool {
	s := p.state.Load()
	return s&contended == 0 && s>>1 >= n && s>>1 <= most && p.state.CompareAndSwap(s, s-n<<1)
}

// try takes n permits if they are free and nobody is before us.
func (p *permits) try(n, limit int) bool {
	for s := p.state.Load(); s&contended == 0; s = p.state.Load() {
		if int(s>>1) > limit-n {
			return false
		}
		if p.state.CompareAndSwap(s, s+int64(n)<<1) {
			return true
		}
	}
	p.lock(limit)
	defer p.unlock()
	if p.q.head != nil || p.free() < n {
		return false
	}
	p.state.Add(int64(n) << 1)
	return true
}

// release gives back n permits, of which at least n and at most most must be held:
// if they are not, it reports false and does nothing. l is the caller's loop or
// nil.
func (p *permits) release(n, most, limit int, l *Loop) bool {
	for s := p.state.Load(); s&contended == 0; s = p.state.Load() {
		if held := int(s >> 1); held < n || held > most {
			return false
		}
		if p.state.CompareAndSwap(s, s-int64(n)<<1) {
			return true
		}
	}
	p.lock(limit)
	defer p.unlock()
	if held := int(p.state.Load() >> 1); held < n || held > most {
		return false
	}
	p.state.Add(-int64(n) << 1)
	p.give(l)
	return true
}

// give implements giver: it chooses waiters while there is enough for the first.
func (p *permits) give(l *Loop) {
	for p.q.head != nil && p.free() >= p.q.head.want {
		p.q.choose(l)
	}
}

// acquire is the future of taking w.want permits of p.
type acquire struct {
	p *permits
	w waiter
	op
}

func newAcquire(p *permits, n int) acquire { return acquire{p: p, w: waiter{want: n}} }

func (f *acquire) poll(cx *Context, limit int) Poll {
	if f.over() {
		return Ready
	}
	if !f.enter(cx) {
		return Pending
	}
	if f.state == opFresh && !f.ends(cx) && f.p.try(f.w.want, limit) {
		f.state = opDone
		return Ready
	}
	f.look(cx, limit)
	return f.leave(cx)
}

func (f *acquire) look(cx *Context, limit int) {
	p := f.p
	p.lock(limit)
	defer p.unlock()
	switch {
	case f.ends(cx):
		f.w.withdraw(cx)
		f.state = opCanceled
	case f.w.state == waiterChosen || p.q.head == nil && p.free() >= f.w.want:
		f.w.done(cx)
		p.state.Add(int64(f.w.want) << 1)
		f.state = opDone
	default:
		p.q.wait(cx, &f.w)
	}
}
