package aio

import (
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// Ledger is what package aio has open, and what it has had to give back itself, in the
// whole process. When no runtime with an engine is left, and everything was closed, the
// first four are 0.
type Ledger struct {
	Descriptors int64 // open: connections, listeners, files
	Operations  int64 // under way in the kernel
	Pins        int64 // buffers that are pinned for an operation
	Buffers     int64 // of engines' pools, that hold received bytes or were handed out

	Accepted int64 // connections that listeners have accepted
	Orphans  int64 // of these, closed since nobody took them before their listener was closed
	Received int64 // bytes
	Dropped  int64 // of these, not read when their connection was closed
	Sent     int64 // bytes
	Calls    int64 // system calls by which engines began operations and took up completions
}

func (l *Ledger) add(m Ledger) {
	l.Descriptors += m.Descriptors
	l.Operations += m.Operations
	l.Pins += m.Pins
	l.Buffers += m.Buffers
	l.Accepted += m.Accepted
	l.Orphans += m.Orphans
	l.Received += m.Received
	l.Dropped += m.Dropped
	l.Sent += m.Sent
	l.Calls += m.Calls
}

// books are the accounts of all engines, and of what belongs to none.
var books struct {
	descriptors atomic.Int64 // every descriptor, whoever has opened it

	mu      sync.Mutex
	engines map[*engine]bool
	past    Ledger // of engines that were closed
}

// ReadLedger returns the counts. An engine brings its own up to date once in each turn of
// its loop.
func ReadLedger() Ledger {
	books.mu.Lock()
	defer books.mu.Unlock()
	l := books.past
	for e := range books.engines {
		l.add(e.shown.load())
	}
	l.Descriptors += books.descriptors.Load()
	return l
}

// account is a Ledger that others may read while its engine goes on.
type account struct {
	mu sync.Mutex
	l  Ledger
}

func (a *account) load() Ledger {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.l
}

func (a *account) store(l Ledger) {
	a.mu.Lock()
	a.l = l
	a.mu.Unlock()
}

// engineLoops returns the loops that have an engine.
func engineLoops() (loops []*future.Loop) {
	books.mu.Lock()
	defer books.mu.Unlock()
	for e := range books.engines {
		if e.loop != nil {
			loops = append(loops, e.loop)
		}
	}
	return loops
}

func openBooks(e *engine) {
	books.mu.Lock()
	defer books.mu.Unlock()
	if books.engines == nil {
		books.engines = make(map[*engine]bool)
	}
	books.engines[e] = true
}

func closeBooks(e *engine) {
	books.mu.Lock()
	defer books.mu.Unlock()
	delete(books.engines, e)
	books.past.add(e.count)
}
