//go:build !linux

package aio

import (
	"io"
	"net"
	"sync"
	"syscall"
)

// handles are the descriptors of systems on which package net keeps its own: numbers for
// connections and listeners.
var handles struct {
	mu   sync.Mutex // protects what follows
	open map[int32]io.Closer
	last int32
}

func newHandle(v io.Closer) int32 {
	handles.mu.Lock()
	defer handles.mu.Unlock()
	if handles.open == nil {
		handles.open = make(map[int32]io.Closer)
	}
	for {
		if handles.last++; handles.last < 1 {
			handles.last = 1
		}
		if handles.open[handles.last] == nil {
			handles.open[handles.last] = v
			return handles.last
		}
	}
}

// handleOf returns what a handle stands for, nil if it was closed.
func handleOf(fd int32) io.Closer {
	handles.mu.Lock()
	defer handles.mu.Unlock()
	return handles.open[fd]
}

func closeOfSystem(fd int) {
	handles.mu.Lock()
	v := handles.open[int32(fd)]
	delete(handles.open, int32(fd))
	handles.mu.Unlock()
	if v != nil {
		v.Close()
	}
}

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
