package aio

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/pinion-go/pinion/future"
)

// ending is how an operation ended, in two bytes: an errno if it is positive, see failed, or
// one of these.
type ending int16

const (
	endOK ending = -iota
	endEOF
	endClosed
	endCanceled
	endDeadline
	endStopped
	endInvalid // arguments that cannot be; who finds it knows why
)

// Errnos have two bytes, except those that package syscall has invented for Windows: they begin
// at invented, and their endings at inventedEnding.
const (
	invented       = 1 << 29
	inventedEnding = 1 << 14
)

// failed returns the ending of an operation that has met errno.
func failed(errno syscall.Errno) ending {
	if errno >= invented {
		return ending(errno - invented + inventedEnding)
	}
	return ending(errno)
}

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
	if e >= inventedEnding {
		return syscall.Errno(e) - inventedEnding + invented
	}
	return syscall.Errno(e)
}
