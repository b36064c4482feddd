//go:build (!linux && !darwin) || pinion_heap

package pin

import "errors"

// canMap says that there is no off-heap memory: all arenas are on the Go heap, and
// nothing below is reached.
const canMap = false

func mapAnonymous(uintptr) ([]byte, error) { return nil, errors.ErrUnsupported }

func protect([]byte, bool) error { return errors.ErrUnsupported }

func discardMemory([]byte) {}

func releaseMemory([]byte) {}
