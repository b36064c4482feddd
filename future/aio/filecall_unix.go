//go:build unix

package aio

import (
	"os"
	"syscall"
)

// numberOf returns the descriptor of a file, and what a File keeps of it.
func numberOf(of *os.File) (int32, osFile, error) {
	fd, err := descriptorOf(of)
	return int32(fd), of, err
}

// fileCall returns the system call of an op on a file, which may wait, as an errand.
func fileCall(kind opKind, x *opIO) func() int32 {
	fd, buf, off := int(x.fd), x.buf[:min(len(x.buf), sendMax)], x.off
	return func() int32 {
		for {
			var n int
			var err error
			switch {
			case kind == opFsync:
				err = syscall.Fsync(fd)
			case kind == opRead && off < 0:
				n, err = syscall.Read(fd, buf)
			case kind == opRead:
				n, err = syscall.Pread(fd, buf, off)
			case off < 0:
				n, err = syscall.Write(fd, buf)
			default:
				n, err = syscall.Pwrite(fd, buf, off)
			}
			if err == nil {
				return int32(n)
			}
			if errno := errnoOf(err); errno != -int32(syscall.EINTR) {
				return errno
			}
		}
	}
}
