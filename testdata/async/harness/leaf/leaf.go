// Package leaf is what the cases are made of: suspension points that suspend or do
// not as a schedule says, and a trace of what happened in which order.
package leaf

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pinion-go/pinion/future"
)

// A Schedule says whether a point suspends.
type Schedule func() bool

var (
	suspend = func() bool { return false }
	mu      sync.Mutex // goroutines of a case print, too
	trace   strings.Builder
	cancel  func()
)

// Begin begins a trace. onCancel may be nil.
func Begin(s Schedule, onCancel func()) {
	mu.Lock()
	defer mu.Unlock()
	suspend, cancel = s, onCancel
	trace.Reset()
}

// End returns the trace.
func End() string {
	mu.Lock()
	defer mu.Unlock()
	return trace.String()
}

// Print adds a line to the trace, of the arguments with spaces between them.
func Print(args ...any) {
	mu.Lock()
	defer mu.Unlock()
	fmt.Fprintln(&trace, args...)
}

// Cancel cancels the future of the case, if it runs as one that is to be cancelled.
// The future notices when it is polled the next time.
func Cancel() {
	if cancel != nil {
		cancel()
	}
}

// Point is a suspension point.
func Point() { future.Yield() }

// PointAsync returns the future of [Point].
func PointAsync() PointFuture { return PointFuture{} }

// PointFuture is the future of [Point].
type PointFuture struct {
	suspended bool
	yield     future.YieldFuture
}

// Poll implements [future.Future].
func (f *PointFuture) Poll(cx *future.Context) future.Poll {
	if !f.suspended && !suspend() {
		return future.Ready
	}
	f.suspended = true
	return f.yield.Poll(cx)
}

// Result completes the pair.
func (f *PointFuture) Result() {}

// Get prints the name, suspends and returns v.
func Get[T any](name string, v T) T {
	Print(name)
	Point()
	return v
}

// GetAsync returns the future of [Get].
func GetAsync[T any](name string, v T) GetFuture[T] { return GetFuture[T]{name: name, v: v} }

// GetFuture is the future of [Get].
type GetFuture[T any] struct {
	name    string
	v       T
	printed bool
	point   PointFuture
}

// Init makes f the future of a call.
func (f *GetFuture[T]) Init(name string, v T) { *f = GetFuture[T]{name: name, v: v} }

// Poll implements [future.Future].
func (f *GetFuture[T]) Poll(cx *future.Context) future.Poll {
	if !f.printed {
		f.printed = true
		Print(f.name)
	}
	return f.point.Poll(cx)
}

// Result returns v.
func (f *GetFuture[T]) Result() T { return f.v }

// Read is an operation as packages for input have them: it suspends, and fails if
// it is begun, or cancelled, in a cancelled task.
func Read() error {
	Point()
	return nil
}

// ReadAsync returns the future of [Read].
func ReadAsync() ReadFuture { return ReadFuture{} }

// ReadFuture is the future of [Read].
type ReadFuture struct {
	point PointFuture
	err   error
}

// Poll implements [future.Future].
func (f *ReadFuture) Poll(cx *future.Context) future.Poll {
	if cx.Canceled() {
		f.err = future.ErrCanceled
		return future.Ready
	}
	return f.point.Poll(cx)
}

// Result returns the error.
func (f *ReadFuture) Result() error { return f.err }
