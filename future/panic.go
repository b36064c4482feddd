package future

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// PanicError reports that a future panicked, or ended its goroutine by
// runtime.Goexit, in a poll, in Drop, in an initialiser or in another callback.
type PanicError struct {
	Task   string // its name, or its type
	During string // "a poll", "Drop", "an initialiser", ...
	Value  any    // what it panicked with; nil for Goexit
	Stack  []byte // of the panic
	Goexit bool   // it was runtime.Goexit and not a panic
	Waited string // where the future had last waited before, if it is a [Suspender]
}

func (e *PanicError) Error() string {
	if e.Goexit {
		return fmt.Sprintf("future: %s called runtime.Goexit during %s, which ends only that task; return an error instead", e.Task, e.During)
	}
	waited := ""
	if e.Waited != "" {
		waited = " after it had waited at " + e.Waited
	}
	return fmt.Sprintf("future: %s panicked during %s%s: %v\n\n%s", e.Task, e.During, waited, e.Value, e.Stack)
}

// Unwrap returns the panic's value if it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func newPanicError(task, during string, v any) *PanicError {
	if pe, ok := v.(*PanicError); ok {
		return pe // from a child, whose own stack is the interesting one
	}
	return &PanicError{Task: task, During: during, Value: v, Stack: debug.Stack(), Goexit: v == nil}
}

// inTask reports whether the task last polled is to be blamed for what happens.
// When it is done already, it is its Drop that calls Goexit or OnPanic that
// panics, and these go their own way.
func (l *Loop) inTask() bool {
	h := l.header(l.cx.task)
	return h.flags&(flagLive|flagDone) == flagLive
}

// caught poisons the task whose poll panicked with v, or called Goexit if v is
// nil: it is done, and never polled again. If it was cancelled and v is ErrCanceled
// that is no more than what it was asked to do, see [Context.Withdraw].
func (l *Loop) caught(slot uint32, v any) {
	h := l.header(slot)
	h.flags |= flagPoisoned
	if v == ErrCanceled && h.flags&flagCanceled != 0 {
		h.flags |= flagRetrieved // it has withdrawn, as it was asked to
		l.needExtra(h).err = ErrCanceled
	} else {
		err := l.cx.newPanicError(l.nameOf(h), "a poll", v)
		if s, ok := l.futureOf(h).(Suspender); ok && err.Waited == "" {
			l.guardTask(err.Task, "Suspended", func() { err.Waited = s.Suspended() })
		}
		l.needExtra(h).err = err
	}
	if !l.orphan(h) {
		l.finish(slot, h)
	}
}

// guard runs a callback that is not a poll. Its panic is reported to OnPanic; a
// Goexit ends the goroutine, as always, but not before the loop is whole again.
func (l *Loop) guard(during string, f func()) {
	l.guardTask("the loop", during, f)
}

//go:noinline
func (l *Loop) guardTask(task, during string, f func()) {
	ended := false
	defer func() {
		if !ended {
			l.unhandled(newPanicError(task, during, recover()))
		}
	}()
	f()
	ended = true
}

// unhandled deals with a panic that nobody joins.
func (l *Loop) unhandled(err *PanicError) {
	if err.Goexit {
		return // a goroutine's Goexit is nobody's business either
	}
	if l.cfg.OnPanic != nil {
		l.onPanic(err)
		return
	}
	if l.runtime != nil {
		go panic(err) // as a goroutine's panic: it cannot be recovered
		select {}
	}
	l.panics = append(l.panics, err)
}

// onPanic calls OnPanic. It is one of the frames that inPoll looks for: the loop stands still
// until OnPanic has returned, also where the task was released between polls.
//
//go:noinline
func (l *Loop) onPanic(err *PanicError) { l.cfg.OnPanic(err) }

func (l *Loop) slow(name string, took time.Duration) {
	if l.cfg.OnSlow != nil {
		l.guard("OnSlow", func() { l.cfg.OnSlow(name, took) })
		return
	}
	fmt.Fprintf(os.Stderr, "future: a poll of %s took %v; move blocking or long work to FromFunc\n", name, took)
}

// Errors that operations return.
var (
	// ErrCanceled is the result of an operation that was begun in, or withdrawn
	// from, a part of a task that was asked to finish.
	ErrCanceled = errors.New("future: canceled")
	// ErrClosed is returned for something begun on an executor that was shut
	// down, or on a primitive that was closed.
	ErrClosed = errors.New("future: closed")
)

// StaleError reports the use of a handle whose task has been released, or that
// is the zero handle. It is also what is known of a task whose executor was shut down
// once another one has taken the place of that.
type StaleError struct {
	Slot      uint32
	Want, Got uint32 // the handle's generation, and the slot's
}

func (e *StaleError) Error() string {
	if e.Want == 0 {
		return "future: use of the zero Task; a Task comes from Spawn"
	}
	return fmt.Sprintf("future: use of a task that was released, or whose executor was shut down: slot %d has generation %d, the handle %d; call Release last, and Wait before Shutdown", e.Slot, e.Got, e.Want)
}
