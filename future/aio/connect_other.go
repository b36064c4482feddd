//go:build !linux

package aio

import (
	"net"
	"syscall"
)

// These are for Linux: elsewhere package net connects.

func encodeAddr(*[addressMax]byte, string, net.Addr) (n, family int, errno syscall.Errno) {
	return 0, 0, syscall.ENOSYS
}

func openStream(int) (fd int32, errno syscall.Errno) { return -1, syscall.ENOSYS }

func settleStream(int32, net.Addr, bool) bool { return true }
