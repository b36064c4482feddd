package aio_test

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future/aio"
)

// unanswered returns an address that answers no connect: that of a listener whose queue is full.
func (w *world) unanswered(t testing.TB) string {
	t.Helper()
	if w.sim != nil {
		aio.SetAnswers(w.sim, 0, 1)
		t.Cleanup(func() { aio.SetAnswers(w.sim, 0, 0) })
		l := w.listen(t)
		return l.Addr().String()
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(c) })
		if err := unix.Connect(c, sa); err == unix.EINPROGRESS {
			time.Sleep(5 * time.Millisecond)
		}
	}
	return fmt.Sprintf("127.0.0.1:%d", sa.(*unix.SockaddrInet4).Port)
}

func pipeOfSystem() (r, w *aio.File, err error) { return aio.Pipe() }
