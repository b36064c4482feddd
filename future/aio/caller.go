package aio

import (
	"sync"
	"sync/atomic"

	"github.com/pinion-go/pinion/future"
)

// caller is whom the engine of another loop tells that an operation is over: the task that has
// polled it last, which need not be the first.
type caller struct {
	mu    sync.Mutex // protects waker, and makes done follow it
	waker future.Waker
	done  atomic.Bool // the result is the future's from now on
}

// polled notes who polls.
func (c *caller) polled(cx *future.Context) {
	c.mu.Lock()
	c.waker = cx.Waker()
	c.mu.Unlock()
}

// tell is called once, by the engine. Whoever polls after that finds it done.
func (c *caller) tell() {
	c.mu.Lock()
	c.done.Store(true)
	w := c.waker
	c.mu.Unlock()
	w.Wake()
}
