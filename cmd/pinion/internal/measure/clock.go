package measure

import (
	"context"
	"slices"
	"time"
)

// RunTime is about how long one run of [PerOp] takes. Tests that are after
// something else make it shorter, before they call it.
var RunTime = 20 * time.Millisecond

// runs is the number of runs; it is odd, so that there is a median.
const runs = 7

// maxOps bounds n for an f that takes no time.
const maxOps = 1e9

// PerOp returns, for each f, the time of one of the n things that f(n) does, in
// nanoseconds: the median of several runs of about [RunTime]. Runs of the different
// fs take turns, so that a machine that is busy for a while is so for all of
// them. The result is nil when ctx ends first.
func PerOp(ctx context.Context, fs ...func(n int)) []float64 {
	ns := make([]int, len(fs))
	times := make([][]float64, len(fs))
	for i, f := range fs {
		ns[i] = calibrate(ctx, f)
	}
	for range runs {
		for i, f := range fs {
			if ctx.Err() != nil {
				return nil
			}
			times[i] = append(times[i], float64(timed(ns[i], f))/float64(ns[i]))
		}
	}
	medians := make([]float64, len(fs))
	for i := range fs {
		medians[i] = Median(times[i])
	}
	return medians
}

// calibrate returns the n for which f(n) takes about as long as a run should.
func calibrate(ctx context.Context, f func(n int)) int {
	n := 1
	for ctx.Err() == nil && n < maxOps {
		took := timed(n, f)
		if took >= RunTime/2 {
			break
		}
		// Aim a little high, and never more than 100 times as high as before.
		n = int(min(maxOps, float64(n)*100, float64(n)*1.2*float64(RunTime)/float64(max(took, 1))+1))
	}
	return n
}

func timed(n int, f func(n int)) time.Duration {
	begin := time.Now()
	f(n)
	return time.Since(begin)
}

// Median returns the median of an odd number of values, which it sorts.
func Median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
