package future

import "sync"

// call is a function that runs on another goroutine while a future waits for it.
// It lies on the heap and not in the future, which an abort may end before it.
type call struct {
	mu       sync.Mutex // protects what follows
	state    callState
	waker    Waker
	ended    chan struct{} // made by a goroutine that waits for the end
	panicked *PanicError   // also read by the future once the call is over
}

type callState uint8

const (
	callQueued callState = iota
	callRunning
	callOver
	callWithdrawn // before it began
)

// run runs f, unless the call was withdrawn, and wakes the future that waits. A
// panic or a Goexit of f is that future's.
func (c *call) run(name string, f func()) {
	c.mu.Lock()
	if c.state == callWithdrawn {
		c.mu.Unlock()
		return
	}
	c.state = callRunning
	c.mu.Unlock()
	ended := false
	defer func() {
		var err *PanicError
		if !ended {
			err = newPanicError(name, "a call on a goroutine", recover())
		}
		c.mu.Lock()
		c.state, c.panicked = callOver, err
		w := c.waker
		if c.ended != nil {
			close(c.ended)
		}
		c.mu.Unlock()
		w.Wake()
	}()
	f()
	ended = true
}

// poll reports whether the call is over. If it is not, the future being polled is
// woken when it is.
func (c *call) poll(cx *Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waker = cx.Waker()
	return c.state == callOver
}

// withdraw keeps the call from being begun. It reports false if it has begun.
func (c *call) withdraw() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != callQueued {
		return false
	}
	c.state = callWithdrawn
	return true
}

// wait blocks until the call is over. It is for aborts.
func (c *call) wait() {
	c.mu.Lock()
	if c.state == callOver {
		c.mu.Unlock()
		return
	}
	if c.ended == nil {
		c.ended = make(chan struct{})
	}
	ended := c.ended
	c.mu.Unlock()
	<-ended
}
