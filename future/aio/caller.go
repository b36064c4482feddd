package aio

import (
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// caller is whom the engine of another loop tells that an operation is over: the task that has
// polled it last, which need not be the first. Its frame is held until it has seen that: the
// engine, or the kernel, may read and write what the future was given, which mostly lies there.
type caller struct {
	loose bool         // nothing of the operation lies in the frame, which nobody need hold then
	held  future.Waker // of the loop that polls
	mu    sync.Mutex   // protects waker, and makes done follow it
	waker future.Waker
	done  atomic.Bool // the result is the future's from now on
}

// polled notes who polls.
func (c *caller) polled(cx *future.Context) {
	if me := cx.Waker(); me != c.held {
		if !c.loose {
			cx.Unhold(c.held)
			cx.Hold()
		}
		c.held = me
		c.mu.Lock()
		c.waker = me
		c.mu.Unlock()
	}
}

// over reports whether the result is the future's, whose frame is free then.
func (c *caller) over(cx *future.Context) bool {
	if !c.done.Load() {
		return false
	}
	if !c.loose {
		cx.Unhold(c.held)
	}
	c.held = future.Waker{}
	return true
}

// tell is called once, by the engine. Whoever polls after that finds it done.
func (c *caller) tell() {
	c.mu.Lock()
	c.done.Store(true)
	w := c.waker
	c.mu.Unlock()
	w.Wake()
}
