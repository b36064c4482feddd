//go:build unix

package aio

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitable returns a file for a descriptor that package os can wait for: a pipe, a terminal, a
// socket. It is a duplicate, for one op alone, whose deadline ends it. For what need not be
// waited for, as regular files, it is nil. The descriptor does not block from then on.
func waitable(fd int32) (*os.File, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(dup, true); err != nil {
		unix.Close(dup)
		return nil, err
	}
	f := os.NewFile(uintptr(dup), "")
	if f.SetDeadline(time.Time{}) != nil {
		f.Close()
		return nil, nil
	}
	return f, nil
}

// stream is an op that reads or writes at the position of what is waited for, or that waits
// for an event.
func stream(kind opKind, f *os.File, buf []byte) int32 {
	defer f.Close()
	n := 0
	var err error
	switch kind {
	case opRead:
		n, err = f.Read(buf)
	case opWrite:
		n, err = f.Write(buf)
	default:
		err = poll(kind, f)
	}
	if n > 0 {
		return int32(n) // the next one has the error again
	}
	return errnoOf(err)
}

func poll(kind opKind, f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	is := func(event int16) func(uintptr) bool {
		return func(fd uintptr) bool { return happens(int32(fd), event) }
	}
	if kind == opPollIn {
		return raw.Read(is(unix.POLLIN))
	}
	return raw.Write(is(unix.POLLOUT))
}

// happens reports whether poll says that fd is readable or writable, or that there is an error.
func happens(fd int32, event int16) bool {
	fds := [1]unix.PollFd{{Fd: fd, Events: event}}
	n, err := unix.Poll(fds[:], 0)
	return n > 0 || err != nil && err != unix.EINTR
}
