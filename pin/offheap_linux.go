//go:build linux && !pinion_heap

package pin

import "golang.org/x/sys/unix"

// adviceFree makes private anonymous memory read as zeroes at once. See madvise(2).
const adviceFree = unix.MADV_DONTNEED

// discardMemory makes accessible pages read as zeroes and frees what they occupy.
func discardMemory(mem []byte) {
	if unix.Madvise(mem, adviceFree) != nil {
		clear(mem) // memory that is locked cannot be freed, but it must read as zeroes
	}
}
