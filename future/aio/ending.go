package aio

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// ending is how an operation ended, in four bytes: an errno if it is positive, or one of
// these.
type ending int32

const (
	endOK ending = -iota
	endEOF
	endClosed
	endCanceled
	endDeadline
	endStopped
	endInvalid // arguments that cannot be; who finds it knows why
)

// err returns the error of an operation of connection c, nil for endOK.
func (e ending) err(op, call string, local, remote net.Addr) error {
	err := e.plain()
	switch e {
	case endOK, endEOF, endCanceled:
		return err
	}
	if e > 0 {
		err = os.NewSyscallError(call, err)
	}
	network := ""
	for _, a := range [...]net.Addr{remote, local} {
		if a != nil {
			network = a.Network()
		}
	}
	return &net.OpError{Op: op, Net: network, Source: local, Addr: remote, Err: err}
}

// plain returns the error without a word of who has met it, nil for endOK.
func (e ending) plain() error {
	switch e {
	case endOK:
		return nil
	case endEOF:
		return io.EOF
	case endCanceled:
		return future.ErrCanceled
	case endClosed:
		return net.ErrClosed
	case endDeadline:
		return os.ErrDeadlineExceeded
	case endStopped:
		return errStopped
	case endInvalid:
		return os.ErrInvalid
	}
	return syscall.Errno(e)
}
