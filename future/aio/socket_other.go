//go:build !linux

package aio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"

	"github.com/pinion-go/pinion/future"
)

// errSystem says that there is no driver for this system.
var errSystem = fmt.Errorf("aio: %s has no driver: use package net with future.FromFunc; %w", runtime.GOOS, errors.ErrUnsupported)

// Listen listens on a TCP or Unix address as [net.Listen] does.
func Listen(network, address string) (*Listener, error) {
	return ListenConfig{}.Listen(network, address)
}

// ListenConfig has what Listen leaves to the defaults.
type ListenConfig struct {
	// ReusePort lets several listeners, of one or several processes, have the same TCP
	// address: the kernel spreads connections over them.
	ReusePort bool
}

// Listen is [Listen] with the configuration.
func (ListenConfig) Listen(network, address string) (*Listener, error) { return nil, errSystem }

// Dial connects as [net.Dial] does.
func Dial(network, address string) (*Conn, error) { return nil, errSystem }

// DialAsync is [Dial] as a future.
//
//pinion:noescape
func DialAsync(network, address string) future.FromFuncFuture[*Conn] {
	return future.FromFuncContext(func(context.Context) (*Conn, error) { return nil, errSystem })
}

// Wrap makes a Conn of a connection of package net.
func Wrap(nc net.Conn) (*Conn, error) { return nil, errSystem }

func closeDescriptor(fd int)      {}
func localAddr(c *Conn) net.Addr  { return nil }
func remoteAddr(c *Conn) net.Addr { return nil }

// Without a driver there is no connection to send on.
func (v *vector) send(*engine, *Conn)  {}
func shutdownSocket(fd, how int) error { return errSystem }
