//go:build darwin && !pinion_heap

package pin

import "golang.org/x/sys/unix"

// adviceFree lets the kernel take the pages when it needs them.
const adviceFree = unix.MADV_FREE

// discardMemory makes accessible pages read as zeroes and frees what they occupy.
// The kernel promises either the old contents or zeroes, so the old ones are made zero.
func discardMemory(mem []byte) {
	clear(mem)
	releaseMemory(mem)
}
