package aio

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// smallRing is what is tried when there is not enough memory for ringEntries.
const smallRing = 64

// refused adds to the kernel's refusal of a ring what is the likely reason.
func refused(err error) error {
	why := ""
	switch {
	case errors.Is(err, unix.EPERM):
		why = permitted()
	case errors.Is(err, unix.ENOSYS):
		why = "the kernel has no io_uring, or a seccomp filter hides it"
	case errors.Is(err, unix.ENOMEM):
		why = fmt.Sprintf("there is not enough memory, or not enough that may be locked (ulimit -l), for a ring of %d either", smallRing)
	case errors.Is(err, unix.EMFILE):
		why = "the process has as many descriptors as it may (ulimit -n)"
	case errors.Is(err, unix.ENFILE):
		why = "the system has as many open files as it may"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, why)
}

// permitted says who does not permit io_uring.
func permitted() string {
	b, _ := os.ReadFile("/proc/sys/kernel/io_uring_disabled")
	switch strings.TrimSpace(string(b)) {
	case "1":
		return "the sysctl kernel.io_uring_disabled=1 lets only the group of kernel.io_uring_group use it"
	case "2":
		return "the sysctl kernel.io_uring_disabled=2 has switched it off"
	}
	return "a seccomp filter or security module forbids it, as in many containers"
}
