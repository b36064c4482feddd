package future

import "runtime"

// A loop's claim says which goroutine may touch what is the loop's alone. It is
// the only lock there is, and is held for as long as that goroutine runs the loop.
const (
	unclaimed = iota
	running   // a goroutine runs the loop
	visited   // a goroutine does one thing to it: it spawns, cancels or releases a task, or looks at it
	over      // the loop was shut down: nobody may touch it again
)

// enter claims the loop in order to run it. It waits for visitors. It reports false
// when somebody runs the loop, when it is over, and to a visitor's callback.
func (l *Loop) enter() bool {
	return l.claim.CompareAndSwap(unclaimed, running) || l.enterAfterVisit()
}

func (l *Loop) enterAfterVisit() bool {
	for range 16 { // most visits are short
		if c := l.claim.Load(); c == running || c == over {
			return false
		}
		if l.claim.CompareAndSwap(unclaimed, running) {
			return true
		}
		runtime.Gosched()
	}
	if inPoll() {
		return false // the visitor is ourselves
	}
	left := make(chan struct{}, 1)
	l.waiters.add(l, left)
	defer l.waiters.remove(l, left)
	for !l.claim.CompareAndSwap(unclaimed, running) {
		if c := l.claim.Load(); c == running || c == over {
			return false
		} else if c == visited {
			<-left
		}
	}
	return true
}

// visit claims the loop in order to do one thing to it that takes little time. It
// never waits.
func (l *Loop) visit() bool { return l.claim.CompareAndSwap(unclaimed, visited) }

// leave gives the claim up. Goroutines in Wait are told, since one of them may
// have to run the loop from now on.
func (l *Loop) leave() {
	if l.closed {
		l.claim.Store(over)
	} else {
		l.claim.Store(unclaimed)
	}
	if l.waiting.Load() > 0 {
		l.waiters.tell()
	}
}

// unavailable says why enter has failed.
func (l *Loop) unavailable() error {
	if l.claim.Load() == over {
		return ErrClosed
	}
	return ErrBusy
}
