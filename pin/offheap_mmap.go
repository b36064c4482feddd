//go:build (linux || darwin) && !pinion_heap

package pin

import (
	"golang.org/x/sys/unix"
)

// canMap says that off-heap memory is to be had.
const canMap = true

// mapAnonymous returns size zero bytes from the kernel, at an address that is never
// given to anything else: they are not unmapped. See mmap(2).
func mapAnonymous(size uintptr) ([]byte, error) {
	return unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
}

// protect makes whole pages accessible, or not. See mprotect(2).
func protect(mem []byte, accessible bool) error {
	if accessible {
		return unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE)
	}
	return unix.Mprotect(mem, unix.PROT_NONE)
}

// releaseMemory tells the kernel that the contents are no longer needed. What they read
// as afterwards is not said. A kernel that refuses just keeps the memory.
func releaseMemory(mem []byte) {
	_ = unix.Madvise(mem, adviceFree)
}
