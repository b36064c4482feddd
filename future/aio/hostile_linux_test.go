package aio_test

import (
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future/aio"
)

// TestListenAgainAtOnce: who has closed a listener may listen on its address, as with package net.
func TestListenAgainAtOnce(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("its addresses are its own")
		}
		for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "s")} {
			for range 50 {
				l, err := aio.Listen(network, address)
				if err != nil {
					t.Fatal(err)
				}
				address = l.Addr().String()
				aio.HomeListener(l, w.rt.Loop(0))
				accepted := make(chan error)
				go func() {
					_, err := l.Accept()
					accepted <- err
				}()
				time.Sleep(100 * time.Microsecond)
				l.Close()
				again, err := net.Listen(network, address)
				if err != nil {
					t.Fatal(err)
				}
				if err := <-accepted; !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				time.Sleep(100 * time.Microsecond) // the first one's descriptor goes meanwhile
				c, err := net.Dial(network, address)
				if err != nil {
					t.Fatal("the second listener: ", err)
				}
				c.Close()
				again.Close()
			}
		}
	})
}

// TestOnlyStreamsAreWrapped: what cannot be a Conn is left as it was.
func TestOnlyStreamsAreWrapped(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	udp, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	path := filepath.Join(t.TempDir(), "s")
	ul, err := net.Listen("unixpacket", path)
	if err != nil {
		t.Fatal(err)
	}
	defer ul.Close()
	packets, err := net.Dial("unixpacket", path)
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	tcp, peer, err := netPair("tcp")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	defer tcp.Close()
	secret := tls.Client(tcp, &tls.Config{InsecureSkipVerify: true})
	wrapped := struct{ *net.TCPConn }{tcp.(*net.TCPConn)} // whose Read may be another
	for _, c := range []net.Conn{a, udp, packets, wrapped, secret} {
		if got, err := aio.Wrap(c); err == nil {
			t.Errorf("a %T was wrapped", c)
			got.Close()
			continue
		}
		if err := c.SetDeadline(time.Now()); err != nil {
			t.Errorf("a %T that was not wrapped: %v", c, err)
		}
	}
	for _, network := range []string{"udp", "unixgram", "unixpacket", "ip:icmp"} {
		address := "127.0.0.1:9"
		if network[:2] == "un" {
			address = path
		}
		var unknown net.UnknownNetworkError
		if c, err := aio.Dial(network, address); !errors.As(err, &unknown) {
			t.Errorf("Dial of %s: %v, %v", network, c, err)
		}
		if l, err := aio.Listen(network, address+"2"); !errors.As(err, &unknown) {
			t.Errorf("Listen on %s: %v, %v", network, l, err)
		}
	}
}

// TestAddressesAreNeverNil: a handler that writes down whom it serves must not be brought
// down by a peer that resets.
func TestAddressesAreNeverNil(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		c, peer := w.pair(t)
		if c.RemoteAddr().String() != peer.LocalAddr().String() {
			t.Errorf("from %v, and not %v", c.RemoteAddr(), peer.LocalAddr())
		}
		peer.SetLinger(0)
		peer.Close()
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("it was not reset")
		}
		if c.RemoteAddr() == nil || c.LocalAddr() == nil {
			t.Errorf("reset: %v, %v", c.RemoteAddr(), c.LocalAddr())
		}
		c.Close()
		if c.RemoteAddr() == nil || c.LocalAddr() == nil {
			t.Errorf("closed: %v, %v", c.RemoteAddr(), c.LocalAddr())
		}
	})
}

// TestWritesOfMoreThanTheKernelCounts: the length of a buffer has 32 bits there.
func TestWritesOfMoreThanTheKernelCounts(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		if w.sim != nil {
			t.Skip("it copies")
		}
		size := int64(4<<30 + 1)
		if size > math.MaxInt {
			t.Skip("a slice is never that long here")
		}
		p, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
		if err != nil {
			t.Skip(err)
		}
		defer unix.Munmap(p)
		c, _ := w.pair(t)
		c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		if n, err := c.Write(p); !errors.Is(err, os.ErrDeadlineExceeded) || n < 2 {
			t.Errorf("to one who does not read: %d bytes, %v", n, err)
		}
	})
}

// TestTLS is as the package comment says: crypto/tls on connections whose methods block.
func TestTLS(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		s := httptest.NewUnstartedServer(nil)
		s.StartTLS() // which makes a certificate
		defer s.Close()
		a, b := w.twins(t)
		server := tls.Server(a, &tls.Config{Certificates: s.TLS.Certificates})
		client := tls.Client(b, &tls.Config{InsecureSkipVerify: true})
		sent := stretch(1 << 20)
		go func() {
			io.Copy(server, server)
			server.Close()
		}()
		go func() {
			client.Write(sent)
			client.CloseWrite()
		}()
		client.SetDeadline(time.Now().Add(patience))
		got, err := io.ReadAll(client)
		if err != nil || string(got) != string(sent) {
			t.Errorf("%d of %d bytes came back, %v", len(got), len(sent), err)
		}
		// A deadline ends a Read of TLS as it does one of the connection.
		a2, b2 := w.twins(t)
		quiet := tls.Client(b2, &tls.Config{InsecureSkipVerify: true})
		quiet.SetDeadline(time.Now().Add(20 * time.Millisecond))
		if err := quiet.Handshake(); !timedOut(err) {
			t.Errorf("a peer that says nothing: %v", err)
		}
		a2.Close()
	})
}
