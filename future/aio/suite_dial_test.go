package aio_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/aio"
)

// listenAt listens somewhere in the world.
func (w *world) listenAt(t testing.TB, network, address string) *aio.Listener {
	t.Helper()
	listen := aio.Listen
	if w.sim != nil {
		listen = w.sim.Listen
	}
	l, err := listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return aio.HomeListener(l, w.rt.Loop(0))
}

// dials dials on one of the world's loops.
func (w *world) dials(loop int, d aio.Dialer, network, address string) (*aio.Conn, error) {
	d.Sim = w.sim
	return ended(future.Spawn(w.rt.Loop(loop), d.DialAsync(network, address))).Result()
}

func TestDialConnects(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		for _, c := range []struct{ network, listen, host string }{
			{"tcp", "127.0.0.1:0", "127.0.0.1"},
			{"tcp4", "127.0.0.1:0", "127.0.0.1"},
			{"tcp4", "127.0.0.1:0", ""},
			{"tcp", "127.0.0.1:0", "localhost"},
			{"tcp", "[::1]:0", "::1"},
			{"tcp6", "[::1]:0", "::1"},
			{"tcp6", "[::1]:0", ""},
			{"tcp", "[::1]:0", "::1"},
			{"tcp", "127.0.0.1:0", "::ffff:127.0.0.1"},
			{"unix", filepath.Join(t.TempDir(), "s"), ""},
			{"unix", fmt.Sprint("@pinion-aio-test-of-dial-", os.Getpid()), ""}, // another process may run this too
		} {
			if c.listen[0] == '@' && runtime.GOOS != "linux" {
				continue
			}
			l := w.listenAt(t, c.network, c.listen)
			address := l.Addr().String()
			if c.network != "unix" {
				_, port, _ := net.SplitHostPort(address)
				address = net.JoinHostPort(c.host, port)
			}
			for loop := range 2 {
				a, err := w.dials(loop, aio.Dialer{Timeout: time.Minute}, c.network, address)
				if err != nil {
					t.Fatalf("%s %s: %v", c.network, address, err)
				}
				b, err := l.AcceptConn()
				if err != nil {
					t.Fatal(err)
				}
				aio.Home(b, w.rt.Loop(1-loop))
				if got, want := a.RemoteAddr().String(), b.LocalAddr().String(); w.sim == nil && got != want {
					t.Errorf("it is connected to %s, which is %s for the other end", got, want)
				}
				if got, want := a.LocalAddr().String(), b.RemoteAddr().String(); got != want {
					t.Errorf("it is %s, which is %s for the other end", got, want)
				}
				if _, err := a.Write([]byte("hello")); err != nil {
					t.Error(err)
				}
				a.Close()
				if got, err := io.ReadAll(b); string(got) != "hello" || err != nil {
					t.Errorf("%s %s: %q, %v", c.network, address, got, err)
				}
				b.Close()
			}
			l.Close()
		}
	})
}

// TestDialFailsAsNetDoes compares with package net what is said, and what it is.
func TestDialFailsAsNetDoes(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			_, err := w.dials(0, aio.Dialer{}, "tcp", "127.0.0.1:7")
			var oe *net.OpError
			if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &oe) || oe.Op != "dial" || oe.Addr.String() != "127.0.0.1:7" {
				t.Errorf("%v", err)
			}
			return
		}
		l := w.listen(t)
		closed := l.Addr().String()
		l.Close()
		_, port, _ := net.SplitHostPort(closed)
		eventually(t, "nobody listens", func() (any, bool) {
			c, err := net.Dial("tcp", closed)
			if err == nil {
				c.Close()
			}
			return err, err != nil
		})
		dir := t.TempDir()
		for _, c := range []struct{ network, address string }{
			{"tcp", closed},
			{"tcp4", ":" + port},
			{"tcp", "[::1]:" + port},
			{"tcp6", ":" + port},
			{"tcp", "[fe80::1%nosuch]:1"},
			{"tcp4", "[::1]:80"},
			{"tcp6", "127.0.0.1:80"},
			{"tcp", "127.0.0.1"},
			{"tcp", "127.0.0.1:nosuchservice"},
			{"tcp", "127.0.0.1:70000"},
			{"tcp", "127.0.0.1:-1"},
			{"tcp", ""},
			{"unix", ""},
			{"unix", filepath.Join(dir, "nobody")},
			{"unix", filepath.Join(dir, strings.Repeat("long", 100))},
			{"udp", "127.0.0.1:1"},
			{"carrier-pigeon", "x"},
		} {
			got, err := w.dials(1, aio.Dialer{}, c.network, c.address)
			if err == nil {
				t.Errorf("%s %q: it is connected to %v", c.network, c.address, got.RemoteAddr())
				got.Close()
				continue
			}
			var oe *net.OpError
			if !errors.As(err, &oe) || oe.Op != "dial" || oe.Net != c.network {
				t.Errorf("%s %q: %#v", c.network, c.address, err)
			}
			if c.network == "udp" {
				continue // which net has, and a Conn has not
			}
			nc, want := net.Dial(c.network, c.address)
			if want == nil {
				nc.Close()
				t.Fatal(c)
			}
			if err.Error() != want.Error() {
				t.Errorf("%s %q:\n%v, and net says\n%v", c.network, c.address, err, want)
			}
			for _, errno := range []error{syscall.ECONNREFUSED, syscall.ENOENT, syscall.EINVAL} {
				if errors.Is(err, errno) != errors.Is(want, errno) {
					t.Errorf("%s %q: %v", c.network, c.address, err)
				}
			}
		}
	})
}

func TestDialHasADeadline(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		address := w.unanswered(t)
		for i, d := range []aio.Dialer{
			{Timeout: 30 * time.Millisecond},
			{Deadline: time.Now().Add(30 * time.Millisecond)},
			{Timeout: time.Hour, Deadline: time.Now().Add(50 * time.Millisecond)},
			{Timeout: -1},
			{Deadline: time.Unix(1, 0)},
		} {
			c, err := w.dials(i%2, d, "tcp", address)
			var oe *net.OpError
			if c != nil || !timedOut(err) || !errors.As(err, &oe) || oe.Op != "dial" || oe.Addr == nil || oe.Addr.String() != address {
				t.Errorf("%+v: %v, %v", d, c, err)
			}
		}
		// From a goroutine, which has no engine.
		d := aio.Dialer{Timeout: 20 * time.Millisecond, Sim: w.sim}
		if _, err := d.Dial("tcp", address); !timedOut(err) {
			t.Error(err)
		}
		f := d.DialAsync("tcp", address)
		if err := future.Block(&f); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Result(); !timedOut(err) {
			t.Error(err)
		}
	})
}

// TestDialTriesOneAddressAfterTheOther, and tells what was wrong with the first.
func TestDialTriesOneAddressAfterTheOther(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			return // a name in a simulation has one address
		}
		l := w.listen(t)
		good := l.Addr()
		refused := w.listen(t)
		bad := refused.Addr()
		refused.Close()
		silent, err := net.ResolveTCPAddr("tcp", w.unanswered(t))
		if err != nil {
			t.Fatal(err)
		}
		noFamily := &net.UnixAddr{Name: strings.Repeat("x", 200), Net: "unix"}
		dial := func(deadline time.Time, addrs ...net.Addr) (*aio.Conn, error) {
			f, ok := aio.DialTo(w.rt.Loop(0), "tcp", deadline, addrs...)
			if !ok {
				t.Skip("package net does that")
			}
			return ended(future.Spawn(w.rt.Loop(0), f)).Result()
		}
		soon := func() time.Time { return time.Now().Add(100 * time.Millisecond) }
		for _, addrs := range [][]net.Addr{{good}, {bad, good}, {noFamily, bad, good}, {bad, noFamily, good, silent}} {
			c, err := dial(time.Time{}, addrs...)
			if err != nil {
				t.Fatalf("%v: %v", addrs, err)
			}
			c.Close()
		}
		for _, c := range []struct {
			addrs []net.Addr
			want  error
		}{
			{[]net.Addr{bad, noFamily}, syscall.ECONNREFUSED},
			{[]net.Addr{noFamily, bad}, syscall.EINVAL},
			{[]net.Addr{bad, silent}, syscall.ECONNREFUSED},
			{[]net.Addr{silent, good}, os.ErrDeadlineExceeded}, // there are less than two seconds for it
		} {
			got, err := dial(soon(), c.addrs...)
			var oe *net.OpError
			if got != nil || !errors.Is(err, c.want) || !errors.As(err, &oe) || oe.Addr != c.addrs[0] {
				t.Errorf("%v: %v, %v", c.addrs, got, err)
			}
		}
		c, err := dial(time.Now().Add(2500*time.Millisecond), silent, good) // it gets 2 of them
		if err != nil {
			t.Errorf("the second of two: %v", err)
		} else {
			c.Close()
		}
	})
}
