package measure

import (
	"runtime"
	"time"
)

// Collection returns the time of a full collection in milliseconds: the median of
// five.
func Collection() float64 {
	var times []float64
	for range 5 {
		begin := time.Now()
		runtime.GC()
		times = append(times, float64(time.Since(begin))/float64(time.Millisecond))
	}
	return Median(times)
}
