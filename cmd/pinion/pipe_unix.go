//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// outliveReader is for a command that serves others: whoever reads what it prints may go.
func outliveReader() { signal.Ignore(syscall.SIGPIPE) }
