package aio

import (
	"os"

	"golang.org/x/sys/unix"
)

// Pipe returns the ends of a new pipe: what is written to w is read from r. After w is closed
// and all was read, a Read is io.EOF; after r is closed, a Write fails with EPIPE.
func Pipe() (r, w *File, err error) {
	if s := simOfProcess(); s != nil {
		return s.Pipe()
	}
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	if r, err = NewFD(uintptr(fds[0]), "|0"); err != nil {
		unix.Close(fds[0])
		unix.Close(fds[1])
		return nil, nil, err
	}
	if w, err = NewFD(uintptr(fds[1]), "|1"); err != nil {
		r.Close()
		unix.Close(fds[1])
		return nil, nil, err
	}
	return r, w, nil
}
