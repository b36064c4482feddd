package aio_test

import (
	"net"
	"testing"

	"golang.org/x/net/nettest"
)

// TestConnIsANetConn is the suite of package net's authors for implementations of net.Conn.
func TestConnIsANetConn(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *world) {
		nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
			a, b := w.twins(t)
			return a, b, func() { a.Close(); b.Close() }, nil
		})
	})
}
