//go:build !windows

package aio

import "syscall"

// fileCall returns the system call of an op on a file, which may wait, as an errand.
func fileCall(o *op) func() int32 {
	kind, fd, buf, off := o.kind, int(o.fd), o.buf[:min(len(o.buf), sendMax)], o.off
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
