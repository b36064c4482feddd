package aio_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// A listener for which there are no descriptors says so, is tried again, and then has all
// connections that have come meanwhile. The loop serves others all the time.
func TestListenersRecoverWhenDescriptorsRunOut(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.driver == "sim" {
			t.Skip("it makes errors of its own")
		}
		const clients = 20
		l := w.listen(t)
		c, peer := w.pair(t)
		echo := future.Spawn(w.rt.Loop(0), echoes{c: c})
		back := func() {
			t.Helper()
			var got [1]byte
			if _, err := peer.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(peer, got[:]); err != nil || got[0] != 'x' {
				t.Fatal("the loop does not serve others:", err)
			}
		}
		back()
		fds := make([]int, clients)
		for i := range fds {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			fds[i] = fd
		}
		accept := func() (*aio.Conn, error) {
			task := future.Spawn(w.rt.Loop(0), l.AcceptConnAsync())
			defer task.Release()
			f, err := task.Wait()
			if err != nil {
				return nil, err
			}
			return f.Result()
		}

		end := withoutDescriptors(t)
		defer end()
		port := l.Addr().(*net.TCPAddr).Port
		for _, fd := range fds {
			if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			conn, err := accept()
			var oe *net.OpError
			if !errors.Is(err, syscall.EMFILE) || !errors.As(err, &oe) || !oe.Temporary() {
				t.Fatalf("%v, %v; an http.Server would give up", conn, err)
			}
		}
		back()
		end()
		for range clients {
			conn, err := accept()
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
		}
		peer.Close()
		echo.Wait()
		echo.Release()
	})
}

// Portable needs two descriptors for a moment. A connection for which there was only one is
// closed, and counted.
func TestAConnectionThatPortableHasNoDescriptorForIsCounted(t *testing.T) {
	rt, err := aio.NewRuntime(aio.Options{Loops: 1, Driver: "portable"})
	if err != nil {
		t.Fatal(err)
	}
	defer shutdown(t, rt)
	l, err := aio.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	aio.HomeListener(l, rt.Loop(0))
	accept := func() (*aio.Conn, error) {
		task := future.Spawn(rt, l.AcceptConnAsync())
		defer task.Release()
		f, err := task.Wait()
		if err != nil {
			t.Fatal(err)
		}
		return f.Result()
	}
	for range 2 { // from then on it waits in accept
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		c, err := accept()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	eventually(t, "the connections are closed", func() (any, bool) { n := aio.ReadLedger().Descriptors; return n, n == 1 })
	// A descriptor that the process closes meanwhile, as the collector does for earlier tests, is
	// a second one: then it is tried again.
	starved := func() bool {
		before := aio.ReadLedger()
		client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(client)
		free, err := unix.Dup(client)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(free)
		defer onlyDescriptors(t, uint64(free)+1)()
		if err := unix.Connect(client, &unix.SockaddrInet4{Port: l.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		c, err := accept()
		if err == nil {
			return c.Close() != nil
		}
		if !errors.Is(err, syscall.EMFILE) {
			t.Fatal(err)
		}
		if now := aio.ReadLedger(); now.Accepted != before.Accepted+1 || now.Orphans != before.Orphans+1 {
			t.Errorf("%+v, and before %+v", now, before)
		}
		return true
	}
	for try := 1; !starved(); try++ {
		if try == 10 {
			t.Fatal("there were two descriptors each time")
		}
	}
}
