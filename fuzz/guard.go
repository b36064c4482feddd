package fuzz

import (
	"fmt"
	"runtime/debug"
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
	done := make(chan error, 1)
	go func() {
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
	}()
	return <-done
}
