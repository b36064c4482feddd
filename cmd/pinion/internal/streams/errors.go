package streams

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// ErrChanged is in the [InputError] of a file that was written to while it was
// read, so that two readings of it could not be compared.
var ErrChanged = errors.New("the file changed while it was read; run again when nothing writes to it")

// InputError says that a source could not be read.
type InputError struct {
	Name string
	Err  error
}

func (e *InputError) Error() string {
	if _, ok := errors.AsType[*fs.PathError](e.Err); ok {
		return e.Err.Error() // which names the file
	}
	return fmt.Sprintf("%s: %v", e.Name, e.Err)
}

// Unwrap returns Err.
func (e *InputError) Unwrap() error { return e.Err }

// fail sorts the errors that end a stream: a fault of its future is recorded, and
// the other streams go on; an unreadable source ends the run. The mutex is held.
func (r *run) fail(src *Source, err error) {
	var kind fault.Kind
	if _, ok := errors.AsType[*pin.MovedError](err); ok {
		kind = fault.Moved
	} else if _, ok := errors.AsType[*pin.StaleSelfError](err); ok || errors.Is(err, errStaleLine) {
		kind = fault.Stale
	} else if _, ok := errors.AsType[*future.PanicError](err); ok {
		kind = fault.Panicked
	} else {
		if r.input == nil {
			r.input = &InputError{src.Name, err}
		}
		r.cancel()
		return
	}
	r.cfg.Faults.Add(kind, r.form.label(src), "%v", err)
}
