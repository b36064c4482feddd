package aio

import "syscall"

// fileCall says that there are no files by descriptor on Windows.
func fileCall(kind opKind, x *opIO) func() int32 {
	return func() int32 { return -int32(syscall.EWINDOWS) }
}
