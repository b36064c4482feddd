package aio

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Go's network poller is started when something first needs it, be it the collector, by the runtime,
// which ends the program if there is no descriptor for it. So it is started here, when the program begins, or
// else before engines take the last ones.
var poller struct {
	sync.Mutex
	on atomic.Bool
}

const (
	// pollerNeeds is as many descriptors as Go's poller has, and one for whoever opens one meanwhile.
	pollerNeeds = 3
	// leaveFor is how many descriptors a driver with some of its own leaves for what it is to serve.
	leaveFor = 8
)

func init() { startPoller() } // if it cannot be, those who need it say so

// startPoller starts Go's network poller if it does not run and there are descriptors for it.
func startPoller() error {
	if poller.on.Load() {
		return nil
	}
	poller.Lock()
	defer poller.Unlock()
	if poller.on.Load() {
		return nil
	}
	if err := spare(pollerNeeds); err != nil {
		return err
	}
	time.AfterFunc(time.Hour, func() {}).Stop() // timers need it, and so start it
	poller.on.Store(true)
	return nil
}

// pollerError is startPoller for an operation on the network.
func pollerError(op, network string) error {
	if err := startPoller(); err != nil {
		return &net.OpError{Op: op, Net: network, Err: err}
	}
	return nil
}
