//go:build !linux

package aio

import (
	"errors"
	"fmt"
	"net"
	"runtime"
)

// ListenConfig has what Listen leaves to the defaults.
type ListenConfig struct {
	// ReusePort lets several listeners, of one or several processes, have the same TCP
	// address: the kernel spreads connections over them. It is for Linux: elsewhere it is
	// an error that is errors.ErrUnsupported.
	ReusePort bool
}

// Listen is [Listen] with the configuration.
func (cfg ListenConfig) Listen(network, address string) (*Listener, error) {
	if s := simOfProcess(); s != nil {
		return s.listen(network, address, cfg.ReusePort)
	}
	if err := streams("listen", network); err != nil {
		return nil, err
	}
	if cfg.ReusePort {
		return nil, &net.OpError{Op: "listen", Net: network, Err: errReusePort}
	}
	nl, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	books.descriptors.Add(1)
	return &Listener{addr: nl.Addr(), fd: newHandle(nl)}, nil // which removes a Unix socket's path by itself
}

var errReusePort = fmt.Errorf("ReusePort on %s: %w", runtime.GOOS, errors.ErrUnsupported)

// Wrap makes a Conn of a connection of package net, which must not be used any more: it goes
// on in the Conn. Systems other than Linux can wrap every net.Conn.
func Wrap(nc net.Conn) (*Conn, error) { return newConn(int(newHandle(nc))), nil }

func localAddr(c *Conn) net.Addr {
	if nc, ok := handleOf(c.fd).(net.Conn); ok && !c.closed.Load() {
		return nc.LocalAddr()
	}
	return nil
}

func remoteAddr(c *Conn) net.Addr {
	if nc, ok := handleOf(c.fd).(net.Conn); ok && !c.closed.Load() {
		return nc.RemoteAddr()
	}
	return nil
}
