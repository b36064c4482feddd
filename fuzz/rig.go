package fuzz

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/pin"
)

// A rig runs one future in one way. The future lies in an arena of its own, and is polled by
// one of two tasks of a loop of its own.
type rig[F any, P future.Ptr[F]] struct {
	o   options
	way way

	arena *pin.Arena[F]
	value pin.Pin[F]
	loop  *future.Loop
	clock virtual
	woken chan struct{}

	seats       [2]future.Task[seat[F, P]]
	sitting     int // whose turn it is
	started     bool
	suspensions int
	polls       int // since the start, or the cancellation
	spurious    int // of the polls at this suspension
	strayed     int // wakes of the task that has handed the future over
	canceled    bool
	aborting    bool // the next poll is the last: this turn ends, and Shutdown follows
	last        bool // that is under way
	returned    bool // from it
	done        bool // Ready, or broken beyond use
	withdrew    bool // it has ended by a panic with ErrCanceled, as it may
	over        bool // the tasks are to end
	broken      *Violation
}

// A seat is a task that polls the rig's future when it is its turn.
type seat[F any, P future.Ptr[F]] struct {
	r  *rig[F, P]
	no int
}

// virtual is a clock that the rig sets.
type virtual struct {
	mu  sync.Mutex
	now time.Duration
}

func (c *virtual) Now() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *virtual) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += d
}

// fail notes the first rule that was broken.
func (r *rig[F, P]) fail(rule Rule, err error) {
	if v, ok := errors.AsType[*Violation](err); ok {
		rule, err = v.Rule, v.Err
	} else if _, ok := errors.AsType[*pin.MovedError](err); ok {
		rule = RuleMoved
	} else if _, ok := errors.AsType[*pin.StaleSelfError](err); ok {
		rule = RuleMoved
	}
	if r.broken == nil {
		r.broken = &Violation{Rule: rule, Way: r.way.name, Err: err}
	}
}

// run makes a future and runs it to its end.
func (r *rig[F, P]) run(newFuture func() F) error {
	err := guard(func() error { return r.setUp(newFuture) })
	if err != nil {
		return err
	}
	for { // a Goexit of the future ends the goroutine that steps
		err := guard(r.drive)
		if pe, ok := errors.AsType[*PanicError](err); ok && pe.Goexit {
			continue // noted by the seat
		}
		if err != nil {
			r.fail(RulePanic, err)
		}
		break
	}
	end := r.finish
	if r.aborting {
		end = r.abort
	}
	if err := guard(end); err != nil {
		r.fail(RulePanic, err)
	}
	if r.broken != nil {
		return r.broken
	}
	return nil
}

func (r *rig[F, P]) setUp(newFuture func() F) (err error) {
	if r.arena, err = pin.NewArena[F](pin.Options{Debug: true}); err != nil {
		return err
	}
	r.value, err = r.arena.New(func(f *F) error { *f = newFuture(); return nil })
	if err != nil {
		return err
	}
	r.clock.now = time.Hour
	if r.loop, err = future.NewLoop(future.Config{Clock: &r.clock}); err != nil {
		return err
	}
	r.woken = make(chan struct{}, 1)
	r.loop.OnWake(func() {
		select {
		case r.woken <- struct{}{}:
		default:
		}
	})
	for i := range r.seats {
		r.seats[i] = future.Spawn(r.loop, seat[F, P]{r: r, no: i}, future.Named(seatName(i)))
	}
	r.aborting = r.way.abort && r.way.at == 0
	return nil
}

// drive steps the loop until the future is done or stuck.
func (r *rig[F, P]) drive() error {
	if r.way.storm {
		defer r.storm()()
	}
	for !r.done && !r.aborting {
		more, err := r.loop.Step()
		if err != nil {
			return err
		}
		if more || r.done || r.aborting {
			continue
		}
		if d, ok := r.loop.NextTimer(); ok {
			if r.quiet(1, turn, lullLimit) {
				r.clock.advance(max(d, 1))
			}
		} else if r.quiet(turns, max(turn, r.o.patience/turns), r.o.patience+hangAfter) {
			r.stuck()
		}
	}
	return nil
}

// storm wakes the future from another goroutine until what it returns is called.
func (r *rig[F, P]) storm() (stop func()) {
	quit := make(chan struct{})
	var wg sync.WaitGroup
	w := r.seats[0].Waker()
	wg.Go(func() {
		for i := range r.o.polls / 2 {
			select {
			case <-quit:
				return
			default:
			}
			w.Wake()
			if i > 100 {
				time.Sleep(10 * time.Microsecond)
			}
		}
	})
	return func() { close(quit); wg.Wait() }
}

// Poll implements [future.Future].
func (s *seat[F, P]) Poll(cx *future.Context) future.Poll {
	r := s.r
	switch {
	case r.over:
		return future.Ready
	case r.last:
		return s.pollAborting(cx)
	case r.aborting:
		return future.Pending // for the rest of this turn
	case r.done:
		return future.Pending
	case r.sitting != s.no:
		if r.way.handOver > 0 && s.no == 0 {
			r.strayed++
		}
		return future.Pending
	}
	if !r.started {
		r.started = true
		if r.way.cancel != cancelNever && r.way.at == 0 {
			r.cancel(cx)
			if r.way.cancel == cancelTask {
				return future.Pending // the next poll is part of a cancelled task
			}
		}
	}
	p := s.poll(cx)
	r.polls++
	switch {
	case r.done:
	case p == future.Ready:
		r.done = true
	case r.polls >= r.o.polls:
		rule := RuleEnd
		if r.canceled {
			rule = RuleCancel
		}
		r.fail(rule, fmt.Errorf("it is still Pending after %d polls", r.polls))
		r.done = true
	default:
		r.suspended(cx)
	}
	return future.Pending
}

// poll polls the future, and notes a panic or a Goexit. One that was cancelled may
// withdraw by a panic, see [future.Context.Withdraw].
func (s *seat[F, P]) poll(cx *future.Context) (p future.Poll) {
	r := s.r
	ended := false
	defer func() {
		if ended {
			return
		}
		r.done = true
		switch v := recover(); {
		case v == nil && r.aborting: // as it should
		case v == nil:
			r.fail(RuleGoexit, errors.New("a poll has called runtime.Goexit"))
		case v == future.ErrCanceled && (r.canceled || r.aborting):
			r.withdrew = true
		default:
			r.fail(RulePanic, &PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	f := future.Future(P(r.value.Get()))
	if r.canceled && r.way.cancel == cancelParent {
		p = cx.PollCanceled(f)
	} else {
		p = f.Poll(cx)
	}
	ended = true
	return p
}

// suspended is called when the future was polled and is Pending.
func (r *rig[F, P]) suspended(cx *future.Context) {
	me := cx.Waker()
	if r.spurious < r.way.extra {
		r.spurious++
		cx.Wake(me)
		return
	}
	r.spurious = 0
	r.suspensions++
	if r.way.collect {
		runtime.GC()
	}
	if r.suspensions <= maxPoints { // they cause suspensions themselves
		for range r.way.wakes {
			cx.Wake(me)
			go me.Wake()
		}
	}
	if r.suspensions == r.way.handOver {
		r.sitting = 1
		cx.Wake(r.seats[1].Waker())
	}
	if r.suspensions == r.way.at && r.way.abort {
		r.aborting = true
		return
	}
	if r.suspensions == r.way.at && r.way.cancel != cancelNever && !r.canceled {
		r.cancel(cx)
	}
}

// cancel cancels the future in the rig's way, and has it polled.
func (r *rig[F, P]) cancel(cx *future.Context) {
	r.canceled, r.polls = true, 0
	switch r.way.cancel {
	case cancelTask:
		r.seats[0].CancelCx(cx)
	case cancelOwn:
		any(P(r.value.Get())).(future.Canceler).Cancel()
	}
	cx.Wake(cx.Waker())
}
