package aio

import (
	"os"

	"golang.org/x/sys/unix"
)

func setSocketOption(fd int, o connOption, value int) error {
	var err error
	switch o {
	case optNoDelay:
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, value)
	case optKeepAlive:
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, value)
	case optKeepAlivePeriod:
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, value)
		if err == nil {
			err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, value)
		}
	case optLinger:
		l := unix.Linger{Onoff: 1, Linger: int32(value)}
		if value < 0 {
			l = unix.Linger{}
		}
		err = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &l)
	case optReadBuffer:
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, value)
	case optWriteBuffer:
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, value)
	}
	return os.NewSyscallError("setsockopt", err)
}

// shutdownSocket is shutdown(2) of one direction.
func shutdownSocket(fd, how int) error {
	return os.NewSyscallError("shutdown", unix.Shutdown(fd, how))
}
