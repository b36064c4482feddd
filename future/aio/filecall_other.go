//go:build !unix

package aio

import (
	"os"
	"syscall"
)

// handledFile is a file of package os with a handle in the place of a descriptor.
type handledFile struct {
	*os.File
	fd int32
}

func (f *handledFile) Close() error { return closeHandle(f.fd) }

// numberOf returns a handle for a file, and what a File keeps of it.
func numberOf(of *os.File) (int32, osFile, error) {
	if _, err := descriptorOf(of); err != nil {
		return 0, nil, err
	}
	f := &handledFile{of, newHandle(of)}
	return f.fd, f, nil
}

// fileCall returns what package os does for an op on a file, which may wait, as an errand.
func fileCall(kind opKind, x *opIO) func() int32 {
	of, _ := handleOf(x.fd).(*os.File)
	buf, off := x.buf[:min(len(x.buf), sendMax)], x.off
	return func() int32 {
		var n int
		var err error
		switch {
		case of == nil:
			return -int32(syscall.EBADF)
		case kind == opFsync:
			err = of.Sync()
		case kind == opRead && off < 0:
			n, err = of.Read(buf)
		case kind == opRead:
			n, err = of.ReadAt(buf, off)
		case off < 0:
			n, err = of.Write(buf)
		default:
			n, err = of.WriteAt(buf, off)
		}
		if n > 0 {
			return int32(n) // the next one has the error again
		}
		return errnoOf(err)
	}
}
