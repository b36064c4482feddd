package aio

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// wakeFD is an eventfd by which other threads end a kernel's wait.
type wakeFD struct {
	mu sync.Mutex // since a wake may come after close
	fd int        // -1 while there is none
}

func (w *wakeFD) open() (err error) {
	if w.fd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		w.fd = -1
		return fmt.Errorf("eventfd: %w", err)
	}
	return nil
}

// wake ends the wait that is under way, or the next one. Any goroutine.
func (w *wakeFD) wake() {
	var one = [8]byte{1}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd >= 0 {
		unix.Write(w.fd, one[:]) // it fails only if nobody has waited for 2^64 wakes
	}
}

func (w *wakeFD) close() (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd >= 0 {
		err = unix.Close(w.fd)
		w.fd = -1
	}
	return err
}
