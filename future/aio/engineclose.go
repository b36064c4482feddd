package aio

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// closeGrace is how long an engine waits for cancelled operations when its loop has
// ended. One that takes longer than that has its memory leaked, and the ring with it.
const closeGrace = 5 * time.Second

// takeGrace is how much of it peers have to take what they are sent without a copy.
const takeGrace = time.Second

// Close implements [future.Driver]. It cancels what is under way and waits for the end of
// it, since the kernel writes into the buffers until then.
func (e *engine) Close() error {
	if e.closed {
		return nil
	}
	e.shared.Lock()
	e.closed = true
	e.shared.Unlock()
	for k := range e.ops.each {
		e.cancel(k)
	}
	for _, c := range e.starving {
		c.receive = 0
		c.readers.wake(e) // they have no op whose end would tell them
	}
	e.starving = nil
	now := time.Now()
	end := now.Add(closeGrace)
	err := e.end(now.Add(takeGrace))
	if e.ops.live > 0 && err == nil {
		err = errors.Join(e.Abort(), e.end(end))
		if err == nil && e.ops.live > 0 {
			err = e.stuck()
		}
	}
	e.show()
	if err == nil {
		err = e.callHome(end)
	}
	if err != nil {
		return err // and leak the rest
	}
	closeBooks(e)
	e.pool.close()
	return e.k.close()
}

// end waits until nothing is under way any more, or until then.
func (e *engine) end(then time.Time) error {
	return e.waitWhile(func() bool { return e.ops.live > 0 }, then, closeGrace)
}

// waitWhile waits for completions while it is to, until then at most, and asks again after each step.
func (e *engine) waitWhile(to func() bool, then time.Time, step time.Duration) error {
	for to() {
		left := min(time.Until(then), step)
		if left <= 0 {
			break
		}
		if !e.push() {
			left = 0
		}
		if err := e.k.wait(left); err != nil {
			return err
		}
	}
	return nil
}

// abroad counts goroutines that use a descriptor: before they are back, its number may not be
// another's.
type abroad struct {
	n    atomic.Int32
	home chan struct{} // made when one goes; told when the last comes back
}

// goes is called before one goes. The loop alone.
func (a *abroad) goes() {
	if a.home == nil {
		a.home = make(chan struct{}, 1)
	}
	a.n.Add(1)
}

// back is called by one that has used its descriptor for the last time.
func (a *abroad) back() {
	if a.n.Add(-1) == 0 {
		select {
		case a.home <- struct{}{}:
		default:
		}
	}
}

// callHome waits for the goroutines that use a descriptor. Those that are back by the end are.
func (e *engine) callHome(end time.Time) error {
	if e.abroad.n.Load() == 0 {
		return nil // without a timer, for which there may be no descriptor: see startPoller
	}
	late := time.NewTimer(time.Until(end))
	defer late.Stop()
	for e.abroad.n.Load() > 0 {
		select {
		case <-e.abroad.home:
		case <-late.C:
			if e.abroad.n.Load() > 0 {
				return fmt.Errorf("aio: a file was still being sent %v after the end of its loop", closeGrace)
			}
		}
	}
	return nil
}

func (e *engine) stuck() error {
	var kinds [opKinds]int
	for _, o := range e.ops.each {
		kinds[o.kind]++
	}
	return fmt.Errorf("aio: %d operations did not end within %v of their cancel, by kind %v; their buffers are leaked", e.ops.live, closeGrace, kinds)
}
