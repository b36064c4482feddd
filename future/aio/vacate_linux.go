package aio

import (
	"encoding/binary"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// vacate frees the address of a listener that is being closed, whose descriptor goes only when
// the kernel has ended the operations on it: by then the address may be another's.
func (l *Listener) vacate() {
	if simulated(l.fd) {
		return
	}
	if l.unlink != "" {
		syscall.Unlink(l.unlink)
		return
	}
	unix.Shutdown(int(l.fd), unix.SHUT_RDWR) // nobody else has this socket
}

// partGrace is how long a peer may take nothing of what it was sent on a connection that was closed,
// as of one that the system has closed.
const partGrace = time.Minute

// partFrom ends both directions of a socket of which the descriptor stays for a while. It reports whether a
// close would reset the connection, see [Conn.SetLinger].
func partFrom(fd int32) (hard bool) {
	unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(partGrace.Milliseconds()))
	unix.Shutdown(int(fd), unix.SHUT_RDWR)
	var linger [8]byte // a struct linger
	v, err := unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_LINGER)
	binary.NativeEndian.PutUint64(linger[:], v)
	on, seconds := binary.NativeEndian.Uint32(linger[:4]), binary.NativeEndian.Uint32(linger[4:])
	return err == nil && on != 0 && seconds == 0
}
