package future

import (
	"runtime"
	"sync"
)

// Block runs f on the calling goroutine until it is Ready and returns nil. The
// goroutine sleeps while f waits. f must be a pointer, or Block panics; what it points to
// is pinned until Block returns. A panic of f comes out of Block, a Goexit ends the
// goroutine.
//
// Tasks that f spawns with its own Context run on the [Default] runtime; those of
// a [Scope] run here, and end before f does.
//
// Inside a poll Block returns [ErrBlockedPoll] rather than sleep. f has then been
// cancelled and polled once more; if it is still not Ready its memory stays
// pinned.
func Block(f Future) error {
	if f == nil {
		misused("Block(nil)", "there is no future to run", "pass a pointer to one")
	}
	var p runtime.Pinner
	p.Pin(f) // panics if f is no pointer
	l := blockLoops.get()
	l.now = timeUnknown // that of the last Block: f is polled before the first turn
	slot, h := l.alloc()
	h.flags = h.flags&flagQueued | flagLive | flagRoot
	h.slab, h.extra, h.holds = 0, 0, 0
	ready := false
	defer func() {
		if l.endRoot(slot, h) > 0 && !ready {
			abandoned.keep(p)
		} else {
			p.Unpin()
		}
		if l.tasks == 0 {
			blockLoops.put(l)
		}
	}()
	defer func() {
		if h.extra != 0 && h.flags&flagJoined == 0 {
			l.endScopes(h)
		}
	}()
	l.own.idle.Store(awake)
	checked := false
	for {
		if ready = l.pollRoot(slot, h, f) == Ready; ready {
			return nil
		}
		for !l.blockWoken {
			more := l.turn()
			l.crash()
			if more || l.blockWoken {
				continue
			}
			if !checked && inPoll() {
				h.flags |= flagCanceled
				ready = l.withdrawRoot(slot, h, f)
				return ErrBlockedPoll
			}
			checked = true
			l.sleep()
		}
	}
}

// pollRoot polls the future of a Block. It is one of the frames that inPoll
// looks for.
//
//go:noinline
func (l *Loop) pollRoot(slot uint32, h *header, f Future) Poll {
	l.blockWoken = false
	h.flags |= flagStarted
	cx := &l.cx
	cx.slot, cx.gen, cx.task = slot, h.beginPoll(), slot
	cx.budget = budgetPerPoll
	cx.canceled = h.flags&flagCanceled != 0
	p := f.Poll(cx)
	if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
	return p
}

// withdrawRoot polls the cancelled future of a Block, which may panic with
// ErrCanceled to say that it has withdrawn. It reports whether it has ended.
func (l *Loop) withdrawRoot(slot uint32, h *header, f Future) (ready bool) {
	ended := false
	defer func() {
		if ended {
			return
		}
		if v := recover(); v == ErrCanceled {
			ready = true
		} else if v != nil {
			stack, exiting := l.cx.PanicStack()
			l.cx.Repanic(v, stack, exiting)
		}
	}()
	ready = l.pollRoot(slot, h, f) == Ready
	ended = true
	return ready
}

// endRoot frees the header of a Block's future. It returns the number of
// registrations that still point into it.
func (l *Loop) endRoot(slot uint32, h *header) (holds uint32) {
	h.flags = h.flags&^flagLive | flagDone
	if h.flags&flagGranted != 0 {
		l.lapse(slot, h)
	}
	holds = h.holds
	if h.extra != 0 && h.flags&flagJoined == 0 {
		if l.scopesLive(h) {
			holds++
		}
		l.dropExtra(h)
	}
	if l.tasks == 0 {
		l.buryOrphans()
	}
	l.recycle(slot, h)
	// Somebody may be offering a turn to what has just ended, see waitQueue, and
	// who uses the loop next may be long in coming.
	for l.retiring > 0 {
		l.drainInbox()
		runtime.Gosched()
	}
	return holds
}

// endScopes runs the tasks in the scopes of a Block's future that has panicked to
// their end. Inside a poll that cannot be done.
func (l *Loop) endScopes(h *header) {
	if !l.orphan(h) || l.nested {
		return
	}
	for l.scopesLive(h) {
		if !l.turn() && l.scopesLive(h) {
			l.sleep()
		}
	}
}

// blockLoops are loops that serve Block, each claimed for good and used by one
// goroutine at a time. The list is as long as the most Blocks there ever were at
// once. It is not a sync.Pool, which would forget loops whose headers live on.
var blockLoops loopPool

type loopPool struct {
	mu   sync.Mutex
	free []*Loop
}

func (p *loopPool) get() *Loop {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		l := p.free[n-1]
		p.free = p.free[:n-1]
		return l
	}
	l, err := newLoop(Config{}, 0, nil)
	if err != nil {
		panic(err)
	}
	l.block = true
	l.enter()
	return l
}

func (p *loopPool) put(l *Loop) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, l)
}

// abandoned keeps pinned what futures that were left unfinished may be pointed
// into by. A forgotten Pinner would crash the process.
var abandoned pinnerList

type pinnerList struct {
	mu   sync.Mutex
	list []runtime.Pinner
}

func (q *pinnerList) keep(p runtime.Pinner) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, p)
}

// Await runs f to its end and returns it: future.Await(f).Result(). In an
// ordinary function it is Block; in one that is compiled to a future it is a
// suspension point. It panics with ErrBlockedPoll inside a poll.
func Await[F any, P Ptr[F]](f F) *F {
	p := &f
	if err := Block(P(p)); err != nil {
		panic(err)
	}
	return p
}
