package fuzz_test

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// An ending is how a function comes to its end.
type ending byte

const (
	ends   ending = iota // it returns nil, or nothing
	fails                // it returns an error
	panics               // it panics
	exits                // it calls runtime.Goexit
)

func (e ending) String() string {
	return [...]string{"returning", "returning an error", "a panic", "Goexit"}[e]
}

var errPanic = errors.New("this panics")

// end ends the calling function's run as e says, with err as the error.
func (e ending) end(err error) error {
	switch e {
	case fails:
		return err
	case panics:
		panic(errPanic)
	case exits:
		runtime.Goexit()
	}
	return nil
}

// catch calls f on a goroutine of its own and returns how it ended, and what it
// panicked with.
func catch(f func()) (how ending, v any) {
	done := make(chan struct{})
	go func() {
		debug.SetPanicOnFault(true)
		defer close(done)
		how = exits
		defer func() {
			if v = recover(); v != nil {
				how = panics
			}
		}()
		f()
		how = ends
	}()
	<-done
	return how, v
}

// wantPanic returns an error unless f panics with an E.
func wantPanic[E error](what string, f func()) error {
	how, v := catch(f)
	err, _ := v.(error)
	if e, ok := errors.AsType[E](err); how != panics || !ok {
		return fmt.Errorf("%s should panic with %T; it ended by %v, %v", what, e, how, v)
	}
	return nil
}
