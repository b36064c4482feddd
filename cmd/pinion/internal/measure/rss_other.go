//go:build !linux

package measure

func residentSet() (uint64, error) { return 0, errUnsupported }
