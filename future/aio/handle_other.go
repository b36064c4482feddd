//go:build !linux

package aio

import (
	"net"
	"syscall"
)

func closeOfSystem(fd int) { closeHandle(int32(fd)) }

// openSocket returns what a handle stands for.
func openSocket(fd int32, listens bool) (socket, error) {
	s := socket{release: func() {}}
	ok := false
	if v := handleOf(fd); listens {
		s.listener, ok = v.(deadlineListener)
	} else {
		s.conn, ok = v.(net.Conn)
	}
	if !ok {
		return socket{}, syscall.EBADF
	}
	return s, nil
}

// descriptorFor returns a handle for a connection, which is its own from now on.
func descriptorFor(nc net.Conn) (int32, error) { return newHandle(nc), nil }
