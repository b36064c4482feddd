//go:build (!linux && !darwin) || pinion_heap

package pin_test

const offHeapHere = false
