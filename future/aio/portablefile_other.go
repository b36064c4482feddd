//go:build !unix

package aio

import (
	"os"
	"syscall"
)

// waitable returns a file for a descriptor that package os can wait for: none here.
func waitable(int32) (*os.File, error) { return nil, nil }

func stream(opKind, *os.File, []byte) int32 { return -int32(syscall.EOPNOTSUPP) }
