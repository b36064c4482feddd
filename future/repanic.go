package future

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// A panic that a future catches and throws again, since it had deferred calls to
// make that may suspend, would look to everybody further out as if it came from
// where it was thrown again. [Context.Repanic] leaves with the Context the stack of
// the panic that it continues, and [Context.PanicStack] picks it up.

// panicAgain is what Repanic leaves for whoever recovers.
type panicAgain struct {
	stack   []byte
	exiting bool
}

// Repanic panics with v, on behalf of a future that has recovered it. stack is what
// [Context.PanicStack] returned then: it is what a *[PanicError] about this panic
// will show. exiting says that the goroutine is about to end, by runtime.Goexit
// deeper in its stack than the future's own poll. It belongs to the goroutine
// that polls.
func (cx *Context) Repanic(v any, stack []byte, exiting bool) {
	cx.again = &panicAgain{stack, exiting}
	cx.repanic(v)
}

// repanic is a frame that PanicStack looks for.
//
//go:noinline
func (cx *Context) repanic(v any) { panic(v) }

// PanicStack describes the panic that a future's deferred function has just
// recovered, and must be called by that function, or by one that it calls. stack
// is the stack of the panic when it began, through any number of [Context.Repanic].
//
// exiting reports that this panic began in a function deferred by something that
// called runtime.Goexit within the current poll, or within [Context.PollToEnd]. Go then ends the goroutine all the
// same: when the deferred function returns, its function does not, and what is
// to be done before the future's frame is left must be done on the spot.
func (cx *Context) PanicStack() (stack []byte, exiting bool) {
	again := cx.again
	cx.again = nil
	repanicked, exiting := panicOrigin()
	if repanicked && again != nil {
		return again.stack, again.exiting
	}
	return debug.Stack(), exiting
}

// newPanicError is newPanicError for a panic that was recovered in a poll.
func (cx *Context) newPanicError(task, during string, v any) *PanicError {
	if pe, ok := v.(*PanicError); ok || v == nil {
		cx.again = nil
		if ok {
			return pe
		}
		return newPanicError(task, during, nil)
	}
	stack, _ := cx.PanicStack()
	return &PanicError{Task: task, During: during, Value: v, Stack: stack}
}

// panicFrames are the entries of the functions that panicOrigin looks for.
var panicFrames = sync.OnceValue(func() (f struct{ goexit, repanic, pollToEnd uintptr }) {
	f.goexit, f.repanic, f.pollToEnd = entryOf(runtime.Goexit), entryOf((*Context).repanic), entryOf((*Context).PollToEnd)
	return f
})

// panicOrigin walks the stack of a panic, from the deferred function that calls it
// to the frame under which the task, or what it has deferred, is polled. It reports whether the panic was
// begun by repanic, and, if not, whether it passes a runtime.Goexit.
func panicOrigin() (repanicked, exiting bool) {
	frames, polls := panicFrames(), pollFrames()
	var pcs [64]uintptr
	inPanic := false // the frame before was the runtime's, beginning a panic
	seen := false    // and so was one further in
	for skip := 3; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			f := runtime.FuncForPC(pc - 1)
			if f == nil {
				continue
			}
			entry := f.Entry()
			if inPanic && entry == frames.repanic {
				return true, false
			}
			if entry == frames.goexit {
				return false, true
			}
			if seen && (polls[entry] || entry == frames.pollToEnd) {
				return false, false
			}
			inPanic = !seen && f.Name() == "runtime.gopanic"
			seen = seen || inPanic
		}
		if n < len(pcs) {
			return false, false
		}
	}
}
