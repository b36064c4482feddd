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
)

// err returns the error of an operation of connection c, nil for endOK.
func (e ending) err(op, call string, local, remote net.Addr) error {
	var err error
	switch e {
	case endOK:
		return nil
	case endEOF:
		return io.EOF
	case endCanceled:
		return future.ErrCanceled
	case endClosed:
		err = net.ErrClosed
	case endDeadline:
		err = os.ErrDeadlineExceeded
	case endStopped:
		err = errStopped
	default:
		err = os.NewSyscallError(call, syscall.Errno(e))
	}
	network := ""
	if a := local; a != nil {
		network = a.Network()
	}
	return &net.OpError{Op: op, Net: network, Source: local, Addr: remote, Err: err}
}
