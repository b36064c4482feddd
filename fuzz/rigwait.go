package fuzz

import (
	"fmt"
	"runtime/metrics"
	"time"
)

// A rig with nothing to do cannot know whether somebody is about to wake its future: goroutines have
// no owners, and what the kernel and the runtime's timers will do cannot be asked. So it
// waits, and takes care that load makes it wait longer and judge no differently: it waits for a number of
// turns, in each of which this goroutine was stopped and started again as others were, and
// begins anew whenever another goroutine of the process runs or could.
const (
	turns = 10
	// turn is the least time for one. Sooner after a stop, the runtime's own search for something to
	// run looks like a goroutine that runs.
	turn = time.Millisecond

	// lullLimit bounds the wait before the clock jumps to the next timer. The order
	// of timers and goroutines is anybody's, so this decides no verdict.
	lullLimit = 100 * turn
)

// quiet waits for a wake from elsewhere. It reports false if there was one, and true when
// for n turns of length d there was none and nothing else ran. In a process that is
// always busy it gives up after limit.
func (r *rig[F, P]) quiet(n int, d, limit time.Duration) bool {
	start := time.Now()
	for i := 0; i < n; i++ {
		if r.pause(d) {
			return false
		}
		if othersRun() && time.Since(start) < limit {
			i = -1
		}
	}
	return true
}

// pause waits for a wake from elsewhere, and reports whether there was one.
func (r *rig[F, P]) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.woken:
		return true
	case <-t.C:
		return false
	}
}

// othersRun reports whether other goroutines than the caller are running or could be. The
// runtime counts them without stopping anything: now and then it sees one too many.
func othersRun() bool {
	s := []metrics.Sample{{Name: "/sched/goroutines/running:goroutines"}, {Name: "/sched/goroutines/runnable:goroutines"}}
	metrics.Read(s)
	n := uint64(0)
	for _, s := range s {
		if s.Value.Kind() == metrics.KindUint64 { // not so if a later Go no longer has it
			n += s.Value.Uint64()
		}
	}
	return n > 1
}

// stuck notes that nobody wakes a future that is Pending.
func (r *rig[F, P]) stuck() {
	what := fmt.Errorf("it is Pending after %d polls, no timer runs, and nobody has woken it for %v", r.polls, r.o.patience)
	switch {
	case r.canceled:
		r.fail(RuleCancel, what)
	case r.strayed > 0:
		r.fail(RuleWaker, fmt.Errorf("%w; the task that had polled it before was woken %d times", what, r.strayed))
	default:
		r.fail(RuleWake, what)
	}
	r.done = true
}
