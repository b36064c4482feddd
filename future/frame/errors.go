package frame

import "fmt"

// pollsToEnd is how often a deferred call that suspends is polled when its
// goroutine is about to end. Each poll lets other goroutines run.
const pollsToEnd = 1000

// UnfinishedError is what a function panics with that called runtime.Goexit, or was
// ended by it, and has deferred a call that suspends and did not come to its end. See
// the package's comment.
type UnfinishedError struct {
	Deferred string // the type of its future
	Polls    int
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("frame: the deferred call of %s was polled %d times after runtime.Goexit, as cancelled, and is still not Ready; its frame is abandoned: return instead of calling Goexit", e.Deferred, e.Polls)
}

// PolledError is what a future panics with that is polled after it was Ready.
type PolledError struct {
	Future string
}

func (e *PolledError) Error() string {
	return fmt.Sprintf("frame: %s was polled after it was Ready; keep its result instead, or call Init to run it again", e.Future)
}

// Polled panics with a [*PolledError] about the future of the given name.
//
//go:noinline
func Polled(name string) { panic(&PolledError{name}) }
