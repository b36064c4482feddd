package aio

import (
	"os"

	"golang.org/x/sys/unix"
)

func pipeOfSystem() (r, w *File, err error) {
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
