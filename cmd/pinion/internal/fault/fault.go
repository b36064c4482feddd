// Package fault is the record of what a run found wrong, and the names of the
// faults that it can be told to commit, to show that it finds them.
package fault

import (
	"fmt"
	"sync"
)

// Kind is a way in which pinned futures can fail.
type Kind uint8

const (
	None     Kind = iota
	Mismatch      // a result differs from that of a plain computation
	Moved         // a future was found at another address
	Stale         // a pointer of a future into itself points elsewhere
	LostWake      // a future was woken and not polled
	Leaked        // something was not given back
	Panicked      // a future panicked
	kinds
)

var names = [kinds]string{"none", "mismatch", "moved", "stale", "lost-wake", "leaked", "panicked"}

// String returns the kind's name, as [Parse] reads it.
func (k Kind) String() string { return names[k] }

// Names returns the names of all kinds but None.
func Names() []string { return names[1:] }

// Parse returns the kind with the given name.
func Parse(name string) (Kind, bool) {
	for k, n := range names {
		if n == name {
			return Kind(k), true
		}
	}
	return None, false
}

// Finding is one thing that was found wrong.
type Finding struct {
	Kind   string `json:"kind"`
	Where  string `json:"where"`  // the file or the task
	Detail string `json:"detail"` // what was expected and what was found
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s: %s", f.Kind, f.Where, f.Detail) }

// maxFindings bounds what a Ledger keeps; it counts the rest.
const maxFindings = 100

// Ledger collects findings. The zero Ledger is empty. Any goroutine may use it.
type Ledger struct {
	mu     sync.Mutex
	counts [kinds]int
	list   []Finding
}

// Add records a finding.
func (l *Ledger) Add(k Kind, where, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[k]++
	if len(l.list) < maxFindings {
		l.list = append(l.list, Finding{k.String(), where, fmt.Sprintf(format, args...)})
	}
}

// Count returns how many findings of a kind there are.
func (l *Ledger) Count(k Kind) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[k]
}

// Total returns how many findings there are.
func (l *Ledger) Total() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, c := range l.counts {
		n += c
	}
	return n
}

// List returns the first 100 findings.
func (l *Ledger) List() []Finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Finding(nil), l.list...)
}
