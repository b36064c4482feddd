package aio

import "golang.org/x/sys/unix"

// BufferOf returns the buffer of a read.
func BufferOf(f *FileIOFuture) []byte { return f.j.p }

// Option returns a number that is set at a socket, -1 if there is none.
func Option(c *Conn, level, name int) int {
	v, err := unix.GetsockoptInt(int(c.fd), level, name)
	if err != nil {
		return -1
	}
	return v
}
