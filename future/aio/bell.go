package aio

import "time"

// bell is how a kernel without a descriptor to wait for is woken.
type bell struct {
	rung  chan struct{}
	timer *time.Timer
}

func newBell() bell { return bell{rung: make(chan struct{}, 1)} }

// ring ends the wait that is under way, or the next one. Any goroutine.
func (b *bell) ring() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// wait waits for ring, or until d has passed; for ever if d is negative.
func (b *bell) wait(d time.Duration) {
	if d < 0 {
		<-b.rung
		return
	}
	if b.timer == nil {
		b.timer = time.NewTimer(d)
	} else {
		b.timer.Reset(d)
	}
	select {
	case <-b.rung:
		b.timer.Stop()
	case <-b.timer.C:
	}
}
