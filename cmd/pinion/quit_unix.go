//go:build unix

package main

import (
	"os"
	"syscall"
)

// quitSignals are the signals that ask for a dump.
var quitSignals = []os.Signal{syscall.SIGQUIT}
