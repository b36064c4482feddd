package aio

import (
	"context"
	"syscall"
	"testing"

	"github.com/pinion-go/pinion/future"
)

// again begins another op when one has ended, and cancels it at once.
type again struct {
	errnos []syscall.Errno
}

func (a *again) completed(e *engine, _ key, c completion) {
	if a.errnos = append(a.errnos, c.errno()); len(a.errnos) == 1 {
		e.cancel(e.start(opPollIn, -1, nil, true, a))
	}
}

// TestPortableCancelsWhatItHasNotBegun: an op that ends where it should begin has the next one begun and
// cancelled between the queue of the ones and that of the others.
func TestPortableCancelsWhatItHasNotBegun(t *testing.T) {
	e, err := newEngine("portable", false)
	if err != nil {
		t.Fatal(err)
	}
	l, err := future.NewLoop(future.Config{Driver: func(int) (future.Driver, error) { return e, nil }})
	if err != nil {
		t.Fatal(err)
	}
	var a again
	e.start(opPollIn, -1, nil, true, &a) // there is no such descriptor
	for range 3 {
		if err := e.Submit(); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.errnos) != 2 || a.errnos[0] == 0 || a.errnos[1] != syscall.ECANCELED {
		t.Errorf("the ops have ended with %v", a.errnos)
	}
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
