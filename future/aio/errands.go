package aio

import (
	"slices"
	"sync"
	"sync/atomic"
)

// errands are operations that goroutines do for an engine, at most maxErrands at once and
// the others in their order. Only wake is set before they are used.
type errands struct {
	wake func() // ends the engine's wait

	mu      sync.Mutex // protects what follows
	queue   []errand
	running int
	results []outcome
	spare   []outcome
	some    atomic.Bool // there are results
}

type errand struct {
	k key
	f func() int32
}

// outcome is what an errand has come to, as a completion says it.
type outcome struct {
	k    key
	res  int32
	lost bool // a connection was accepted, and closed for want of a descriptor
}

const (
	maxErrands = 64
	// sendMax is how much one op reads or writes; the engine goes on with the rest.
	sendMax = 1 << 30
)

// run has f run on a goroutine, which posts what it returns.
func (x *errands) run(k key, f func() int32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.running == maxErrands {
		x.queue = append(x.queue, errand{k, f})
		return
	}
	x.running++
	go x.serve(errand{k, f})
}

func (x *errands) serve(j errand) {
	for ok := true; ok; j, ok = x.next() {
		x.post(outcome{k: j.k, res: j.f()})
	}
}

func (x *errands) next() (errand, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.queue) == 0 {
		x.running--
		return errand{}, false
	}
	j := x.queue[0]
	x.queue = slices.Delete(x.queue, 0, 1)
	return j, true
}

// withdraw takes back an errand that was not begun. It reports whether there is one.
func (x *errands) withdraw(k key) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.queue, func(j errand) bool { return j.k == k })
	if i < 0 {
		return false
	}
	x.queue = slices.Delete(x.queue, i, i+1)
	return true
}

// post has the engine be told.
func (x *errands) post(r outcome) {
	x.mu.Lock()
	x.results = append(x.results, r)
	first := !x.some.Swap(true)
	x.mu.Unlock()
	if first {
		x.wake()
	}
}

// take returns the results since the last time. They are valid until the next call.
func (x *errands) take() []outcome {
	if !x.some.Load() {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	r := x.results
	x.results, x.spare = x.spare[:0], r
	x.some.Store(false)
	return r
}
