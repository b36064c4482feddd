//go:build !linux

package bench

import "runtime"

// residentBytes returns what the Go runtime holds; only Linux tells cheaply what
// of that is resident.
func residentBytes() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
