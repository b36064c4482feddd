package future

import (
	"errors"
	"fmt"
)

// ErrWouldBlock is returned by TrySend and TryRecv where Send and Recv would wait.
var ErrWouldBlock = errors.New("future: nothing can be sent or received now without waiting")

// SendError hands back a value that was not sent. Is and As of package errors see
// through it: errors.Is(err, ErrClosed).
type SendError[T any] struct {
	Value T
	Err   error // ErrClosed, ErrCanceled, ErrSent or ErrBlockedPoll
}

func (e *SendError[T]) Error() string {
	return fmt.Sprintf("future: a value of type %T was not sent and is handed back: %v", e.Value, e.Err)
}

// Unwrap returns Err.
func (e *SendError[T]) Unwrap() error { return e.Err }
