package measure

import (
	"bytes"
	"os"
	"strconv"
)

// residentSet returns the resident set size in bytes; see proc_pid_statm(5).
func residentSet() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0, errUnsupported
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	return pages * uint64(os.Getpagesize()), err
}
