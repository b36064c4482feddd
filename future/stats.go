package future

import "context"

// Stats is what a [Loop] counts.
type Stats struct {
	Tasks int // spawned and not reclaimed
	Live  int // of these, not done

	// Quarantined is the number of frames that are not reused, since their
	// tasks ended while a timer or a wait list still pointed into them: by a
	// panic, or because a future was Ready before the ones inside it. They are
	// pinned as long as the process lives.
	Quarantined int

	// Lapsed is the number of turns that waiters of synchronisation primitives
	// lost to the next in line, because they were not polled.
	Lapsed uint64
}

// Stats returns the loop's counts. When another goroutine runs the loop it waits
// until the loop answers, or ctx ends; inside a poll it returns ErrBlockedPoll. For a
// loop that was shut down it returns ErrClosed, along with what was counted until then. It
// panics if ctx is nil.
func (l *Loop) Stats(ctx context.Context) (Stats, error) {
	s := new(Stats) // if ctx ends first, it is written later
	err := l.inquire(ctx, func() { *s = l.stats() })
	switch {
	case err == nil:
		return *s, nil
	case l.claim.Load() == over: // and nobody touches it any more
		return l.stats(), err
	}
	return Stats{}, err
}

func (l *Loop) stats() Stats {
	return Stats{Tasks: l.tasks, Live: l.live, Quarantined: l.leaked, Lapsed: l.lapses}
}
