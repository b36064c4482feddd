package aio

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// spare reports whether n more descriptors can be opened, by an error if not. It opens none itself: others
// may need them just then, see startPoller.
func spare(n int) error {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return nil
	}
	free := 0
	for fd := uintptr(0); fd < uintptr(limit.Cur) && free < n; fd++ {
		if _, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err == unix.EBADF {
			free++
		}
	}
	if free < n {
		return fmt.Errorf("%d descriptors are left of %d that are needed (ulimit -n): %w", free, n, unix.EMFILE)
	}
	return nil
}
