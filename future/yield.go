package future

import "runtime"

// Yield lets other goroutines run. Unlike other blocking calls it is allowed
// within a poll.
func Yield() { runtime.Gosched() }

// YieldAsync is [Yield] as a future: it lets the other tasks of the loop run.
//
//pinion:noescape
func YieldAsync() YieldFuture { return YieldFuture{} }

// YieldFuture is the future of [YieldAsync].
type YieldFuture struct{ yielded bool }

// Poll returns Pending once, having woken the task.
func (f *YieldFuture) Poll(cx *Context) Poll {
	if f.yielded {
		return Ready
	}
	cx.abort()
	f.yielded = true
	cx.Wake(cx.Waker())
	return Pending
}

// Result completes the pair; there is nothing to return.
func (f *YieldFuture) Result() {}
