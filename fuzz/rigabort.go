package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pinion-go/pinion/future"
)

// abort shuts the loop down with a context that has ended, and looks at what is left.
func (r *rig[F, P]) abort() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range r.seats {
		s.Release()
	}
	r.last = true
	err := r.loop.Shutdown(ctx)
	e, ok := errors.AsType[*future.ShutdownError](err)
	if !ok {
		return fmt.Errorf("a Shutdown that aborts a task does not say so: %v", err)
	}
	named := func(list []future.TaskInfo) bool {
		return slices.ContainsFunc(list, func(t future.TaskInfo) bool { return t.Name == seatName(r.sitting) })
	}
	switch leaked := named(e.Leaked); {
	case leaked && r.done: // a rule was broken in that poll
	case leaked && r.returned:
		r.fail(RuleAbort, errors.New("it is Pending after the poll that was to be its last, so that its memory is never given back; an operation of package future would have ended the poll, and so does Context.Withdraw"))
	case leaked:
		// It may still be at it, and must not be looked at.
		return &Violation{Rule: RuleAbort, Way: r.way.name, Err: errors.New("the poll that was to be its last does not return, so that its memory is never given back")}
	case len(e.Leaked)+len(e.Unreleased)+len(e.Errs) > 0:
		r.fail(RuleAbort, fmt.Errorf("it has ended, and what it has spawned has not: %w", err))
	case !named(e.Aborted):
		return fmt.Errorf("a Shutdown that aborts a task does not name it: %w", err)
	}
	stats, err := r.loop.Stats(ctx)
	if err != future.ErrClosed {
		return fmt.Errorf("the loop was shut down, and its Stats give %v", err)
	}
	if stats.Quarantined > 0 {
		r.fail(RuleAbort, errors.New("it has ended, and a timer or a wait list still points into it, so that its memory is never given back: of what it waits for at once, the abort has to end all"))
	}
	if r.broken == nil && r.o.aborted != nil {
		if err := r.o.aborted(r.value.Get()); err != nil {
			r.fail(RuleCheck, err)
		}
	}
	r.over = true
	if r.broken == nil {
		r.release()
	}
	for _, s := range r.seats {
		s.Waker().Wake() // of nobody, by now
	}
	return nil
}

func seatName(i int) string { return fmt.Sprintf("seat %d", i) }

// pollAborting is the last poll of a seat, in the abort. The future's Goexit is the seat's.
func (s *seat[F, P]) pollAborting(cx *future.Context) future.Poll {
	r := s.r
	if r.sitting != s.no {
		return future.Ready
	}
	p := s.poll(cx)
	r.returned = true
	return p || future.Poll(r.withdrew)
}
