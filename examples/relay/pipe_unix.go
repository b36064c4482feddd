//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// Whoever reads what the server prints may go: that is no reason for it to end, and least of all in the
// middle of a shutdown.
func init() { signal.Ignore(syscall.SIGPIPE) }
