package fuzz

import (
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// A PanicError says that something panicked, or ended its goroutine, in a run.
type PanicError struct {
	Value  any    // what it panicked with; nil for runtime.Goexit
	Stack  []byte // of the panic
	Goexit bool
}

func (e *PanicError) Error() string {
	if e.Goexit {
		return "runtime.Goexit was called"
	}
	return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the panic's value if it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// guard calls f on a goroutine that may be ended and returns its error, or a
// *PanicError.
func guard(f func() error) error {
	err, _ := within(-1, f)
	return err
}

// within is guard that gives up after d, unless d is negative. What it leaves
// behind goes on.
func within(d time.Duration, f func() error) (err error, hung bool) {
	done := make(chan error, 1)
	go guarded(f, done)
	if d < 0 {
		return <-done, false
	}
	watch := time.NewTimer(d)
	defer watch.Stop()
	select {
	case err := <-done:
		return err, false
	case <-watch.C:
		return fmt.Errorf("it has not returned for %v\n\n%s", d, guardedStacks()), true
	}
}

func guarded(f func() error, done chan<- error) {
	debug.SetPanicOnFault(true)
	var err error
	ended := false
	defer func() {
		if !ended {
			v := recover()
			err = &PanicError{Value: v, Stack: debug.Stack(), Goexit: v == nil}
		}
		done <- err
	}()
	err = f()
	ended = true
}

// guardedStacks returns the stacks of the goroutines that run guarded.
func guardedStacks() string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	name := runtime.FuncForPC(reflect.ValueOf(guarded).Pointer()).Name()
	var found []string
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if strings.Contains(stack, name+"(") {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}
