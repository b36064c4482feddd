//go:build !unix

package main

import "os"

var quitSignals []os.Signal
