package fuzz_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/future"
)

// shutdown ends the loops and all tasks, and opens others.
func (w *loopWorld) shutdown(random uint32) error {
	if err := w.idle(); err != nil {
		return err
	}
	var want []string
	for _, t := range w.tasks {
		w.endShielded(t)
		t.root.walk(func(n *node) bool {
			n.told = n.kind == nodeScope
			return true
		})
		t.canceled = true
		for l := range t.root.leaves {
			l.due = true
		}
		if !t.released {
			want = append(want, t.name)
		}
	}
	var got []string
	errs := w.shutDown()
	for i, err := range errs {
		if e, ok := errors.AsType[*future.ShutdownError](err); ok && len(e.Aborted)+len(e.Leaked)+len(e.Stuck)+len(e.Errs) == 0 {
			for _, i := range e.Unreleased {
				got = append(got, i.Name)
			}
			errs[i] = nil
		}
	}
	err := errors.Join(errs...)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		return fmt.Errorf("Shutdown ended with %v; unreleased tasks (-want +got):\n%s", err, diff)
	}
	m := w.moment()
	for _, t := range w.tasks {
		if !t.root.evaluate(m, true) {
			return fmt.Errorf("%s should not have ended", t.name)
		}
		w.reclaim(t)
	}
	w.tasks = nil
	for _, s := range []*side{w.here, w.here.other} {
		if _, err := future.Spawn(s.loop, root{}).Wait(); err != future.ErrClosed {
			return fmt.Errorf("a task was spawned on a loop that was shut down, and Wait gives %v", err)
		}
	}
	if len(w.reported) != w.unjoined {
		return fmt.Errorf("OnPanic was called %d times, want %d: %v", len(w.reported), w.unjoined, w.reported)
	}
	w.syncs = newSyncs()
	w.values, w.stack = nil, nil // which are of the old ones
	return errors.Join(w.check(), w.open(random))
}

// endShielded ends what the cancellation of a task does not reach, and which would
// keep a shutdown waiting for ever.
func (w *loopWorld) endShielded(t *taskModel) {
	t.root.walk(func(n *node) bool {
		if n.kind != nodeShield {
			return true
		}
		w.syncs.rendez.Close()
		w.syncs.buffered.Close()
		w.syncs.notify.NotifyAll()
		w.syncs.closeCast()
		w.syncs.closeWatch()
		for l := range n.leaves {
			l.fired = true
			l.wake(future.Waker.Wake)
		}
		return true
	})
}

func (w *loopWorld) end() error {
	err := w.shutdown(0)
	if err != nil {
		return err // what is left would keep a shutdown for ever
	}
	return errors.Join(w.shutDown()...)
}
