package measure

import (
	"context"
	"slices"
	"time"
)

const (
	runs    = 7
	runTime = 20 * time.Millisecond
)

// PerOp returns the time of one of the n things that f(n) does, in nanoseconds:
// the median of several runs of about 20 ms each. It returns 0 when ctx ends
// first.
func PerOp(ctx context.Context, f func(n int)) float64 {
	n := 1
	for ctx.Err() == nil {
		took := timed(n, f)
		if took >= runTime/2 {
			break
		}
		// Aim a little high, and never more than 100 times as high as before.
		n = int(min(float64(n)*100, float64(n)*1.2*float64(runTime)/float64(max(took, 1))+1))
	}
	var times []float64
	for range runs {
		if ctx.Err() != nil {
			return 0
		}
		times = append(times, float64(timed(n, f))/float64(n))
	}
	return Median(times)
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
