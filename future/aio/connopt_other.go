//go:build !linux

package aio

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"
)

// What follows is done by the connection of package net that a handle stands for, if it is
// one that can.

func setSocketOption(fd int, o connOption, value int) error {
	switch nc := handleOf(int32(fd)).(type) {
	case *net.TCPConn:
		switch o {
		case optNoDelay:
			return inner(nc.SetNoDelay(value != 0))
		case optKeepAlive:
			return inner(nc.SetKeepAlive(value != 0))
		case optKeepAlivePeriod:
			return inner(nc.SetKeepAlivePeriod(time.Duration(value) * time.Second))
		case optLinger:
			return inner(nc.SetLinger(value))
		case optReadBuffer:
			return inner(nc.SetReadBuffer(value))
		case optWriteBuffer:
			return inner(nc.SetWriteBuffer(value))
		}
	case *net.UnixConn:
		switch o {
		case optReadBuffer:
			return inner(nc.SetReadBuffer(value))
		case optWriteBuffer:
			return inner(nc.SetWriteBuffer(value))
		}
	}
	return errNoOption
}

func shutdownSocket(fd, how int) error {
	switch nc := handleOf(int32(fd)).(type) {
	case interface{ CloseRead() error }:
		if how == simShutRead {
			return inner(nc.CloseRead())
		}
		if nc, ok := nc.(interface{ CloseWrite() error }); ok {
			return inner(nc.CloseWrite())
		}
	case interface{ CloseWrite() error }: // a *tls.Conn, say
		if how == simShutWrite {
			return inner(nc.CloseWrite())
		}
	}
	return errNoOption
}

var errNoOption = fmt.Errorf("the connection cannot do that on %s: %w", runtime.GOOS, errors.ErrUnsupported)

// inner returns what a *net.OpError is about, for another one to be made of it.
func inner(err error) error {
	if oe := (*net.OpError)(nil); errors.As(err, &oe) {
		return oe.Err
	}
	return err
}
