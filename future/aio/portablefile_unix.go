//go:build unix

package aio

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitableOfSystem returns a waitedFile for a descriptor that package os can wait for: a pipe, a terminal, a
// socket. For what need not be waited for, as regular files, it is nil. The descriptor does not block from
// then on.
func waitableOfSystem(fd int32) (waited, error) {
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
	return waitedFile{f}, nil
}

// waitedFile is a duplicate of a descriptor, for one op alone, whose deadline ends it.
type waitedFile struct{ f *os.File }

func (w waitedFile) end() { w.f.SetDeadline(past) } // it may be closed

// do reads or writes at the position, or waits for an event.
func (w waitedFile) do(kind opKind, buf []byte) int32 {
	defer w.f.Close()
	n := 0
	var err error
	switch kind {
	case opRead:
		n, err = w.f.Read(buf)
	case opWrite:
		n, err = w.f.Write(buf)
	default:
		err = poll(kind, w.f)
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
