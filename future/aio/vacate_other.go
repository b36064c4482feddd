//go:build !linux

package aio

// vacate closes the listener of package net at once, which ends an Accept by itself. The
// handle goes later.
func (l *Listener) vacate() {
	if simulated(l.fd) {
		return
	}
	if nl := handleOf(l.fd); nl != nil {
		nl.Close()
	}
}

// partFrom is for systems that send without a copy.
func partFrom(int32) (hard bool) { return false }
