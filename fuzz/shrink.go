package fuzz

import "time"

// A budget bounds a shrinking: each run of a failing input may be slow.
type budget struct {
	runs int
	end  time.Time
}

func (b *budget) spent() bool { return b.runs <= 0 || time.Now().After(b.end) }

// shrink returns a sequence of ops, not longer than steps and no less simple, for
// which fails is still true. It removes ever smaller runs of ops (Zeller and
// Hildebrandt's delta debugging, 2002), then makes arguments smaller, and begins
// again until nothing more can be had or the budget is spent.
//
// What it returns is as small as the budget allows, not the smallest there is.
func shrink(steps []step, b *budget, fails func([]step) bool) []step {
	try := func(candidate []step) bool {
		if b.spent() {
			return false
		}
		b.runs--
		return fails(candidate)
	}
	for better := true; better && !b.spent(); {
		better = false
		if shorter := removeOps(steps, try); len(shorter) < len(steps) {
			steps, better = shorter, true
		}
		if simpler, ok := simplifyArgs(steps, try); ok {
			steps, better = simpler, true
		}
	}
	return steps
}

func removeOps(steps []step, fails func([]step) bool) []step {
	for size := (len(steps) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(steps); {
			to := min(from+size, len(steps))
			candidate := append(append([]step(nil), steps[:from]...), steps[to:]...)
			if fails(candidate) {
				steps = candidate
			} else {
				from = to
			}
		}
	}
	return steps
}

// simplifyArgs makes arguments 0, or else smaller by halves.
func simplifyArgs(steps []step, fails func([]step) bool) (simpler []step, ok bool) {
	for i := range steps {
		for k := range steps[i].args {
			for less := byte(0); less < steps[i].args[k]; {
				candidate := append([]step(nil), steps...)
				candidate[i].args[k] = less
				if fails(candidate) {
					steps, ok = candidate, true
					break
				}
				less += (steps[i].args[k] - less + 1) / 2
			}
		}
	}
	return steps, ok
}
