package aio

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// openSocket returns what package net makes of a descriptor, which stays open besides.
func openSocket(fd int32, listens bool) (socket, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return socket{}, err
	}
	f := os.NewFile(uintptr(dup), "")
	defer f.Close()
	if listens {
		nl, err := net.FileListener(f)
		if err != nil {
			return socket{}, err
		}
		l, ok := nl.(deadlineListener)
		if !ok {
			nl.Close()
			return socket{}, unix.EOPNOTSUPP
		}
		return socket{listener: l, release: func() { l.Close() }}, nil
	}
	c, err := net.FileConn(f)
	if err != nil {
		return socket{}, err
	}
	return socket{conn: c, release: func() { c.Close() }}, nil
}

// descriptorFor returns a descriptor for a connection of package net, which goes on in it.
func descriptorFor(nc net.Conn) (int32, error) {
	defer nc.Close()
	fd, err := duplicate(nc)
	return int32(fd), err
}
