package future

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"
)

// probe is a leaf that a test controls and questions through what it points to.
type probe struct{ *probeState }

type probeState struct {
	name     string
	ready    bool  // it will be Ready at its next poll
	err      error // its result, if it was not cancelled
	stubborn bool  // it does not mind being cancelled
	panics   any   // it will panic with this at its next poll
	goexit   bool  // it will end its goroutine at its next poll
	spends   bool  // it uses up the budget at each poll and wakes itself
	dropBoom bool  // its Drop panics

	polls, late int // polls; polls after the end
	waker       Waker
	over        bool
	canceled    bool // it ended because it was cancelled
	aborted     bool // it ended in an abort
	drops       int
	dropped     *[]string
}

func (p *probe) Poll(cx *Context) Poll {
	s := p.probeState
	if s.over {
		s.late++
		return Ready
	}
	s.polls++
	s.waker = cx.Waker()
	switch {
	case s.panics != nil:
		s.over = true
		panic(s.panics)
	case s.goexit:
		s.over = true
		runtime.Goexit()
	case s.ready:
		s.over = true
		return Ready
	case cx.aborting:
		s.over, s.aborted = true, true
		cx.abort()
	case cx.Canceled() && !s.stubborn:
		s.over, s.canceled = true, true
		return Ready
	}
	if s.spends {
		for cx.Spend() {
		}
	}
	return Pending
}

func (p *probe) Result() error {
	if p.canceled {
		return ErrCanceled
	}
	return p.err
}

func (p *probe) Drop() {
	if p.probeState == nil {
		return
	}
	p.drops++
	if p.dropped != nil {
		*p.dropped = append(*p.dropped, p.name)
	}
	if p.dropBoom {
		panic("drop of " + p.name)
	}
}

// finish has the probe be Ready.
func (s *probeState) finish() {
	s.ready = true
	s.waker.Wake()
}

// probes returns n probes that wait.
func probes(n int) (fs []probe) {
	for i := range n {
		fs = append(fs, probe{&probeState{name: string(rune('a' + i%26))}})
	}
	return fs
}

// idle runs l until nothing is left to do.
func idle(t *testing.T, l *Loop) {
	t.Helper()
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
}

// isDone reports whether a task is done.
func isDone[F any](l *Loop, task Task[F]) bool {
	h := l.lookup(task.w)
	return h != nil && h.flags&flagDone != 0
}

// mustWait waits for a task and returns its future.
func mustWait[F any](t *testing.T, task Task[F]) *F {
	t.Helper()
	f, err := task.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// checkPanic fails unless the task ended with a panic of the given value.
func checkPanic[F any](t *testing.T, task Task[F], value any) {
	t.Helper()
	_, err := task.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || pe.Value != value {
		t.Errorf("Wait = %v, want a panic with %v", err, value)
	}
}

// checkProbes fails if a probe was polled after its end, or is not over.
func checkProbes(t *testing.T, fs ...probe) {
	t.Helper()
	for i, p := range fs {
		if !p.over || p.late != 0 {
			t.Errorf("probe %d: over = %v, polled %d times after that", i, p.over, p.late)
		}
	}
}

// checkDrops fails unless drops happened in the given order.
func checkDrops(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("dropped %v, want %v", got, want)
	}
}

// newTestRuntime returns a runtime of one loop that is shut down when the test ends.
func newTestRuntime(tb testing.TB) *Runtime {
	tb.Helper()
	rt, err := NewRuntime(Config{Loops: 1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := rt.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
	})
	return rt
}
