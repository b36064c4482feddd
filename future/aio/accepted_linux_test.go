package aio

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAcceptedConnectionsDoNotDelay: they have the options that package net sets on its own.
func TestAcceptedConnectionsDoNotDelay(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, err := l.AcceptConn()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, o := range [...]struct {
		name            string
		level, opt, low int
	}{
		{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
		{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 15},
	} {
		if got, err := unix.GetsockoptInt(int(c.fd), o.level, o.opt); got != o.low || err != nil {
			t.Errorf("%s is %d, not %d (%v)", o.name, got, o.low, err)
		}
	}
}
