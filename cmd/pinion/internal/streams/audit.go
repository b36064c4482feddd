package streams

import (
	"runtime"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// audit records the streams whose wake was lost, and reports whether there are
// any. It is a matter of accounts and not of time:
//
//   - a feeder counts a chunk as fed after it has woken the stream,
//   - a reader counts it as taken when it is polled and finds it,
//   - if every loop has since begun a turn, in which it takes up the wakes that
//     were made before, and none has a task left to poll,
//
// then a chunk that was fed by the beginning of all this and is still not taken
// never will be.
func (r *run) audit() (found bool) {
	type claim struct {
		lane int
		s    *stream
		fed  uint64
	}
	var claims []claim
	for i := range r.current {
		if s := r.current[i].Load(); s != nil {
			if fed := s.fed.Load(); fed > s.taken.Load() {
				claims = append(claims, claim{i, s, fed})
			}
		}
	}
	if len(claims) == 0 || !r.idle() {
		return false
	}
	for _, c := range claims {
		// One that has ended, by a panic perhaps, has not lost what it did not take.
		if taken := c.s.taken.Load(); taken < c.fed && r.current[c.lane].Load() == c.s {
			found = true
			r.cfg.Faults.Add(fault.LostWake, c.s.name,
				"chunk %d was delivered and the stream woken, but not polled: %d were taken, and every loop is idle", c.fed, taken)
		}
	}
	return found
}

// idle reports whether every loop, having taken up all wakes and spawns that were
// made before the call, has nothing to poll.
func (r *run) idle() bool {
	// A loop answers within a turn, behind the point where it takes up wakes; only
	// the second answer is known to come from a turn that has begun after the call.
	for range 2 {
		tasks, err := r.rt.Tasks(r.ctx)
		if err != nil {
			return false
		}
		for _, t := range tasks {
			if t.State == "fresh" || t.State == "queued" {
				return false
			}
		}
	}
	return true
}

// settle waits until the loops are idle, while nothing wakes their tasks.
func (r *run) settle() {
	for !r.idle() && r.ctx.Err() == nil {
		runtime.Gosched()
	}
}
