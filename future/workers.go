package future

import (
	"slices"
	"sync"
	"time"
)

// Blocking calls and channel operations that a future waits for run on goroutines
// that are kept for the next one. An idle one ends after workerIdle, so that a
// program which has stopped using them has none.
//
// Of the calls of [FromFunc] at most maxCalls run at once and the others queue, as
// with tokio's blocking pool, whose number this is. Channel operations are not
// limited: those that wait may be waiting for one that is queued.
const (
	workerIdle = 200 * time.Millisecond
	maxCalls   = 512
)

var (
	channelWorkers workers
	callWorkers    callQueue
)

// workers is a set of idle goroutines. It may be used from any goroutine.
type workers struct {
	mu   sync.Mutex // protects idle
	idle []*worker  // the one that was used last at the end
}

type worker struct {
	next chan func() // with room for one; whoever takes the worker off the list sends one
}

// run has f run on a goroutine of its own. f may call Goexit; it must not panic.
func (p *workers) run(f func()) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		w.next <- f
		return
	}
	p.mu.Unlock()
	go p.work(f)
}

func (p *workers) work(f func()) {
	f()
	w := &worker{next: make(chan func(), 1)}
	timer := time.NewTimer(workerIdle)
	defer timer.Stop()
	for {
		p.mu.Lock()
		p.idle = append(p.idle, w)
		p.mu.Unlock()
		select {
		case f = <-w.next:
		case <-timer.C:
			if p.retire(w) {
				return
			}
			f = <-w.next
		}
		f()
		f = nil // not kept alive while idle
		timer.Reset(workerIdle)
	}
}

// retire takes an idle worker off the list. It reports false if somebody was
// faster, who will send it something to do.
func (p *workers) retire(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, w)
	if i < 0 {
		return false
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	return true
}

// callQueue runs functions on workers, at most maxCalls at a time and the others
// in their order. It may be used from any goroutine.
type callQueue struct {
	workers workers
	mu      sync.Mutex // protects what follows
	running int
	queue   []func()
}

// run has f run when its turn comes. f may call Goexit; it must not panic.
func (q *callQueue) run(f func()) {
	q.mu.Lock()
	if q.running == maxCalls {
		q.queue = append(q.queue, f)
		q.mu.Unlock()
		return
	}
	q.running++
	q.mu.Unlock()
	q.workers.run(func() { q.serve(f) })
}

// serve runs f, and then what is queued.
func (q *callQueue) serve(f func()) {
	defer func() {
		if f != nil { // it has called Goexit: others must go on elsewhere
			if f = q.next(); f != nil {
				q.workers.run(func() { q.serve(f) })
			}
		}
	}()
	for f != nil {
		f()
		f = q.next()
	}
}

// next returns the first of the queue, or ends a turn and returns nil.
func (q *callQueue) next() (f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		q.running--
		q.queue = nil
		return nil
	}
	f = q.queue[0]
	q.queue[0] = nil
	q.queue = q.queue[1:]
	return f
}
