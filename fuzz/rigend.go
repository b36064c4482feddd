package fuzz

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/pinion-go/pinion/future"
)

// finish ends the tasks, asks for the result, and releases the future's memory.
func (r *rig[F, P]) finish() error {
	for _, s := range r.seats {
		s.Waker().Wake() // also one that is late
	}
	if err := r.loop.RunUntilIdle(); err != nil {
		r.fail(RulePanic, err)
	}
	if r.broken == nil && r.o.check != nil && !r.withdrew {
		if err := r.o.check(r.value.Get()); err != nil {
			r.fail(RuleCheck, err)
		}
	}
	r.over = true
	for _, s := range r.seats {
		s.Waker().Wake()
	}
	if err := r.loop.RunUntilIdle(); err != nil {
		r.fail(RulePanic, err)
	}
	for _, s := range r.seats {
		s.Release()
	}
	stats, err := r.loop.Stats(context.Background())
	if err != nil {
		return err
	}
	if stats.Quarantined > 0 {
		r.fail(RuleRegistered, errors.New("it is Ready, and a timer or a wait list still points into it"))
	}
	if r.broken == nil {
		r.release()
	}
	// After the release: a wait list that is still in use would be found out here.
	ctx, cancel := context.WithTimeout(context.Background(), r.o.patience)
	defer cancel()
	if err := r.loop.Shutdown(ctx); err != nil {
		rule := RulePanic
		if e, ok := errors.AsType[*future.ShutdownError](err); ok && len(e.Aborted) > 0 {
			rule, err = RuleEnd, fmt.Errorf("it has ended, and what it has spawned has not, though it was cancelled: %w", err)
		}
		r.fail(rule, err)
	}
	for _, s := range r.seats {
		s.Waker().Wake() // of nobody, by now
	}
	return nil
}

// release gives up the future, whose memory is poisoned from here on.
func (r *rig[F, P]) release() {
	defer func() {
		if v := recover(); v != nil {
			r.fail(RulePanic, fmt.Errorf("in Drop: %w", &PanicError{Value: v, Stack: debug.Stack()}))
		}
	}()
	r.value.Release()
}

// close is called when all runs are over: late enough for those who write to a
// future that was released.
func (r *rig[F, P]) close() error {
	if r.arena == nil {
		return nil
	}
	if r.broken != nil {
		// What is not Ready, or still pointed at, keeps its memory.
		return nil
	}
	runtime.Gosched()
	if err := r.arena.Invariants(); err != nil {
		r.fail(RuleReleased, err)
		return r.broken
	}
	return r.arena.Close()
}
