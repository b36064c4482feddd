//go:build !linux

package aio_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future/aio"
)

// Package net does what options and half-closes are, whose connection it is.
func TestOptionsReachTheConnectionOfPackageNet(t *testing.T) {
	peer, nc, err := netPair("tcp")
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, err := aio.Wrap(nc)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for what, err := range map[string]error{
		"SetNoDelay":         c.SetNoDelay(true),
		"SetKeepAlive":       c.SetKeepAlive(true),
		"SetKeepAlivePeriod": c.SetKeepAlivePeriod(time.Minute),
		"SetLinger":          c.SetLinger(-1),
		"SetReadBuffer":      c.SetReadBuffer(1 << 16),
		"SetWriteBuffer":     c.SetWriteBuffer(1 << 16),
	} {
		// Some systems have fewer options than Linux, and say so.
		if oe := (*net.OpError)(nil); err != nil && (!errors.As(err, &oe) || oe.Op != "set") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(peer); len(b) > 0 || err != nil {
		t.Errorf("the peer of a connection that was closed for writing reads %q, %v", b, err)
	}
	if _, err := peer.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	peer.Close()
	if b, err := io.ReadAll(c); string(b) != "answer" || err != nil {
		t.Errorf("after CloseWrite: %q, %v", b, err)
	}
	c.Close()
	if err := c.CloseWrite(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("CloseWrite after Close: %v", err)
	}
}

// A connection of another kind cannot do it, and says so.
func TestOptionsOfOtherConnectionsAreUnsupported(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	c, err := aio.Wrap(a)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for what, err := range map[string]error{
		"CloseWrite": c.CloseWrite(),
		"CloseRead":  c.CloseRead(),
		"SetNoDelay": c.SetNoDelay(true),
	} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
