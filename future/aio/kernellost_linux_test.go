package aio

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
)

// unreaped returns how many completions there are that e has not seen. A ring that puts off what it has
// to do does it now.
func unreaped(t *testing.T, e *engine) int {
	t.Helper()
	switch k := e.k.(type) {
	case *uringKernel:
		if err := k.r.Enter(0, 0); err != nil {
			t.Fatal(err)
		}
		return int(k.r.Available())
	case *portableKernel:
		k.away.mu.Lock()
		defer k.away.mu.Unlock()
		return len(k.away.results)
	}
	return 0
}

// openSockets returns how many descriptors of this process are sockets, which those of a driver itself are not.
func openSockets(t *testing.T) (n int) {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range list {
		if to, _ := os.Readlink("/proc/self/fd/" + fd.Name()); strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// TestConnectionsOfAMultishotAcceptThatNobodyReapsAreClosed: the kernel has accepted many when the
// listener is closed, the Accept cancelled and the loop shut down, in that order or without the
// first, and the loop has not seen one of them. Of portable, which accepts one after the other, it is one.
// Epoll accepts nothing that it does not see.
func TestConnectionsOfAMultishotAcceptThatNobodyReapsAreClosed(t *testing.T) {
	for _, how := range []string{"listener closed", "listener open"} {
		t.Run(how, func(t *testing.T) {
			eachKernel(t, func(t *testing.T, e *engine, _ *recorder) {
				const n = 20
				before, fds := ReadLedger(), openSockets(t)
				l, err := future.NewLoop(future.Config{Driver: func(int) (future.Driver, error) { return e, nil }})
				if err != nil {
					t.Fatal(err)
				}
				ln, err := Listen("unix", filepath.Join(t.TempDir(), "s"))
				if err != nil {
					t.Fatal(err)
				}
				accept := future.Spawn(l, ln.AcceptConnAsync())
				for range 5 {
					if _, err := l.Step(); err != nil {
						t.Fatal(err)
					}
				}
				var clients []net.Conn
				for range n {
					c, err := net.Dial("unix", ln.Addr().String())
					if err != nil {
						t.Fatal(err)
					}
					clients = append(clients, c)
				}
				want := n
				switch e.name {
				case "portable":
					want = 1
				case "epoll":
					want = 0
				}
				for end := time.Now().Add(20 * time.Second); unreaped(t, e) < want; time.Sleep(time.Millisecond) {
					if time.Now().After(end) {
						t.Fatalf("the kernel has accepted %d of %d", unreaped(t, e), want)
					}
				}
				if e.count.Accepted != 0 {
					t.Fatalf("the loop has seen %d", e.count.Accepted)
				}
				if how == "listener closed" {
					ln.Close()
				}
				accept.Cancel()
				accept.Release()
				if err := l.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
				ln.Close()
				for _, c := range clients {
					c.Close()
				}
				now := ReadLedger()
				accepted, closed := now.Accepted-before.Accepted, now.Orphans-before.Orphans
				if accepted != closed || accepted < int64(want) {
					t.Errorf("%d were accepted, and %d closed", accepted, closed)
				}
				if now.Descriptors != before.Descriptors || now.Operations != before.Operations {
					t.Errorf("the ledger is %+v, and was %+v", now, before)
				}
				if got := openSockets(t); got != fds {
					t.Errorf("%d sockets are open, and were %d", got, fds)
				}
			}, "uring", "epoll", "portable")
		})
	}
}
