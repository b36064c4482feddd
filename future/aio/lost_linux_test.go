package aio_test

import (
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pinion-go/pinion/future/aio"
)

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen

// These tests are about what the kernel does for an operation that was cancelled.

// descriptors returns the open descriptors of this process.
func descriptors(t testing.TB) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// balanced checks that what the test has opened is closed and that the ledger says so.
func balanced(t testing.TB, before aio.Ledger, fds int) {
	t.Helper()
	now := aio.ReadLedger()
	if now.Descriptors != before.Descriptors || now.Operations != before.Operations || now.Pins != before.Pins || now.Buffers != before.Buffers {
		t.Errorf("the ledger is %+v, and was %+v", now, before)
	}
	if n := descriptors(t); n != fds {
		t.Errorf("%d descriptors are open, and were %d", n, fds)
	}
}

// pair returns the two ends of a connection, one of package net.
func pair(t testing.TB) (net.Conn, *aio.Conn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	end := func(fd int) net.Conn {
		f := os.NewFile(uintptr(fd), "socketpair")
		defer f.Close()
		c, err := net.FileConn(f)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b, err := aio.Wrap(end(fds[1]))
	if err != nil {
		t.Fatal(err)
	}
	return end(fds[0]), b
}

// next is one Next, whose bytes it appends to got.
//
//pinion:async
func next(c *aio.Conn, got *[]byte) error {
	b, err := c.Next()
	*got = append(*got, b.Bytes()...)
	b.Release()
	return err
}
