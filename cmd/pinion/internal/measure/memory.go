// Package measure reads what a process costs: memory, and the time of small
// things.
package measure

import (
	"errors"
	"runtime"
	"runtime/debug"
)

// errUnsupported is the reason for falling back to the runtime's own figures.
var errUnsupported = errors.New("measure: this system does not tell the resident set")

// Memory returns how many bytes of memory the process occupies after a collection
// that gives back what is free, and how that was found out: "RSS", or "runtime"
// where the system does not tell, for the memory that the Go runtime has and has
// not given back.
func Memory() (bytes uint64, how string) {
	debug.FreeOSMemory()
	if rss, err := residentSet(); err == nil {
		return rss, "RSS"
	}
	return held(), "runtime"
}

// held returns how many bytes the Go runtime has and has not given back: what
// GOMEMLIMIT limits.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}
