package aio

import "sync/atomic"

// home is the engine that does the operations of a connection, a listener or a file: from the
// first use on it is always the same.
type home struct{ atomic.Pointer[engine] }

// of returns the engine of what has the descriptor fd: e if there was none, or a default one
// if e is nil or cannot serve it.
func (h *home) of(e *engine, fd int32) *engine {
	if is := h.Load(); is != nil {
		return is
	}
	e = engineFor(e, fd)
	if h.CompareAndSwap(nil, e) {
		return e
	}
	return h.Load()
}

// close returns the engine, or nil if there is none and never will be.
func (h *home) close() *engine {
	for h.Load() == nil {
		if h.CompareAndSwap(nil, nowhere) {
			return nil
		}
	}
	return h.Load()
}
