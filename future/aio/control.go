package aio

import (
	"net"
	"sync"
)

// controls is held for reading by system calls on a descriptor from any goroutine, which is
// thereby open, and by whoever closes one.
var controls sync.RWMutex

// control calls f with the descriptor.
func (c *Conn) control(op string, f func(fd int) error) error {
	controls.RLock()
	if c.closed.Load() { // before its descriptor is
		controls.RUnlock()
		return c.err(endClosed, op, "")
	}
	err := f(int(c.fd))
	controls.RUnlock()
	if err != nil {
		return &net.OpError{Op: op, Source: c.local(), Addr: c.remote(), Err: err}
	}
	return nil
}
