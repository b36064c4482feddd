package aio

import (
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

// partFrom ends both directions of a socket of which the descriptor stays for a while.
func partFrom(fd int32) {
	unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(partGrace.Milliseconds()))
	unix.Shutdown(int(fd), unix.SHUT_RDWR)
}
