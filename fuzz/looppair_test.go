package fuzz_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/future"
)

// A side is one of the two loops of a world. An op of the input switches sides: what is
// spawned, stepped and done in polls from then on is on the other one. A side is run as a host
// would: when a step has left something to do, when OnWake was called, and when a timer is due. So a wake
// from one loop to the other that tells nobody is a wake that is lost.
type side struct {
	w     *loopWorld
	other *side
	loop  *future.Loop
	agent *agent
	work  future.Task[agent] // the agent's task
	rung  atomic.Bool        // there is something to do
	calls atomic.Int32       // of OnWake since somebody has run the loop

	turn chan struct{} // while both are shut down: it may run
	over bool          // it was shut down
}

// open makes the loop.
func (s *side) open() (err error) {
	w := s.w
	cfg := future.Config{Clock: w, Driver: func(int) (future.Driver, error) { return s, nil }, OnPanic: func(e *future.PanicError) { w.reported = append(w.reported, e) }}
	if w.random != 0 {
		cfg.Choose = func(_ future.ChoicePoint, n int) int {
			w.random = w.random*1664525 + 1013904223
			return int(w.random>>8) % n
		}
	}
	if s.loop, err = future.NewLoop(cfg); err != nil {
		return err
	}
	s.calls.Store(0)
	s.loop.OnWake(s.told)
	s.work, err = future.SpawnInit(s.loop, func(a *agent) error { s.agent = a; return nil })
	return err
}

// told is the function of OnWake, which is called once for all that comes until somebody runs
// the loop. In a storm nobody can say what came before that and what after.
func (s *side) told() {
	s.rung.Store(true)
	if n := s.calls.Add(1); n > 1 && !s.w.loose {
		s.w.wrong("a loop was told %d times by one burst of wakes", n)
	}
}

// taken is called before the loop is run.
func (s *side) taken() {
	s.rung.Store(false)
	s.calls.Store(0)
}

// step does one turn of the loop.
func (s *side) step() (err error) {
	s.taken()
	more := false
	catch(func() { more, err = s.loop.Step() }) // after a Goexit OnWake tells if there is more
	if more {
		s.rung.Store(true)
	}
	return err
}

// due reports whether the loop is to be run.
func (s *side) due() bool {
	d, ok := s.loop.NextTimer()
	return ok && d == 0 || s.rung.Load()
}

// Submit, Wait, Wake and Close implement [future.Driver]: time passes while the loop
// sleeps, which it does in Shutdown only. Where it would sleep for ever the other one has its turn, and
// where both would they are stuck, since all wakes come from goroutines that have ended by then.

func (s *side) Submit() error { return nil }
func (s *side) Wake()         { s.rung.Store(true) }
func (s *side) Close() error  { return nil }

func (s *side) Wait(d time.Duration) error {
	w := s.w
	switch {
	case d >= 0:
		w.clock += d
	case s.rung.Swap(false):
		w.vain = 0
	case w.stuck == nil:
		return errors.New("the loop sleeps, and nobody is there to wake it")
	case s.other.over || w.vain > 2:
		w.stuck()
	default:
		w.vain++
		s.other.turn <- struct{}{}
		<-s.turn
	}
	return nil
}

// shutDown shuts both loops down, in turns, and returns what became of that.
func (w *loopWorld) shutDown() (errs []error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.stuck, w.vain = cancel, 0
	sides := [2]*side{w.here, w.here.other}
	errs = make([]error, len(sides))
	var wg sync.WaitGroup
	for i, s := range sides {
		s.work.Release()
		s.turn, s.over = make(chan struct{}, 1), false
		wg.Go(func() {
			<-s.turn
			how, v := catch(func() { errs[i] = s.loop.Shutdown(ctx) })
			if how != ends {
				errs[i] = fmt.Errorf("Shutdown ended by %v, %v", how, v)
			}
			if s.over = true; !s.other.over {
				s.other.turn <- struct{}{}
			}
		})
	}
	w.here.turn <- struct{}{}
	wg.Wait()
	w.stuck = nil
	return errs
}
