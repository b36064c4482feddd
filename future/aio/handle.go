package aio

import (
	"io"
	"sync"
)

// handles are the descriptors of what package net or package os keeps to itself: numbers that no system
// gives out.
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
		if handles.last++; handles.last < firstHandle || handles.last >= firstSimulated {
			handles.last = firstHandle
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

// closeHandle closes what a handle stands for.
func closeHandle(fd int32) error {
	handles.mu.Lock()
	v := handles.open[fd]
	delete(handles.open, fd)
	handles.mu.Unlock()
	if v == nil {
		return nil
	}
	return v.Close()
}

// firstHandle is below what a simulation gives out, and above all else.
const firstHandle = 1 << 29

func isHandle(fd int32) bool { return fd >= firstHandle && fd < firstSimulated }

// A handle is what stands for something that ops may wait for besides streams.
type handle interface {
	// wait returns what an op waits for.
	wait(kind opKind, x *opIO) (waited, error)
}

// waited is what one op waits for, if that may be for ever.
type waited interface {
	// do does the op, on a goroutine, and returns what a completion says.
	do(kind opKind, buf []byte) int32
	// end has do return soon. It may be over.
	end()
}

// waitable returns what an op waits for on its descriptor, nil if it need not wait.
func waitable(kind opKind, x *opIO) (waited, error) {
	if !isHandle(x.fd) {
		return waitableOfSystem(x.fd)
	}
	if h, ok := handleOf(x.fd).(handle); ok {
		return h.wait(kind, x)
	}
	return nil, nil
}
