package future

import "time"

// Driver is what a loop sleeps in: a place where completions arrive. A loop
// calls all methods but Wake from the goroutine that runs it.
//
// A loop without a driver of its own sleeps on a channel.
type Driver interface {
	// Submit hands what was queued since the last call to the kernel, takes up
	// the completions that are there, and wakes their wakers. It does not block.
	// It is called once a turn.
	Submit() error
	// Wait is Submit that blocks until there is a completion, until Wake is
	// called, or until d has passed; forever when d is negative. It may return
	// early.
	Wait(d time.Duration) error
	// Wake makes a Wait that is under way, or else the next one, return at once.
	// Any goroutine may call it, at any time, also after Close. It holds no lock of
	// this package.
	Wake()
	// Close releases what the driver holds. The loop has been drained before.
	Close() error
}

// parker is the driver of a loop that waits for nothing but wakes and timers.
type parker struct {
	woken chan struct{}
	timer *time.Timer
}

func newParker() *parker { return &parker{woken: make(chan struct{}, 1)} }

func (p *parker) Submit() error { return nil }
func (p *parker) Close() error  { return nil }

func (p *parker) Wait(d time.Duration) error {
	if d < 0 {
		<-p.woken
		return nil
	}
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	select {
	case <-p.woken:
		p.timer.Stop()
	case <-p.timer.C:
	}
	return nil
}

func (p *parker) Wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}
