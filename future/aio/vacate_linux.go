package aio

import (
	"syscall"

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
