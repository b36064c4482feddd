package frame_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/frame"
)

// nest panics at its bottom, through n functions that have deferred calls.
type nest struct {
	unwind frame.Unwind
	n      int
	value  any
	slow   bool // suspends first
	seen   []any
	child  *nest
	parent *nest
}

func (f *nest) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *nest) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	if f.slow {
		f.slow = false
		cx.Wake(cx.Waker())
		return frame.Suspended
	}
	if f.n == 0 {
		originOfThePanic(f.value)
	}
	if f.child == nil {
		f.child = &nest{n: f.n - 1, value: f.value, slow: true, parent: f}
		fn := func() { f.n++ }
		f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
		f.unwind.DeferAsync(&idler{})
	}
	if f.child.Poll(cx) == future.Pending {
		return frame.Suspended
	}
	return frame.Returned
}

//go:noinline
func originOfThePanic(v any) {
	if v == nil {
		var p *int
		*p = 1
	}
	panic(v)
}

// idler is a deferred call that suspends once.
type idler struct {
	outer *frame.Unwind
	polls int
}

func (f *idler) Deferred(outer *frame.Unwind) { f.outer = outer }
func (f *idler) Poll(cx *future.Context) future.Poll {
	f.polls++
	cx.Wake(cx.Waker())
	return future.Poll(f.polls > 1)
}

func TestStackOfTheFirstPanicReachesWhoeverReportsIt(t *testing.T) {
	boom := errors.New("boom")
	check := func(t *testing.T, err error, value any) {
		t.Helper()
		pe, ok := errors.AsType[*future.PanicError](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		if !strings.Contains(string(pe.Stack), "originOfThePanic") {
			t.Errorf("the stack does not show where the panic began:\n%s", pe.Stack)
		}
		if _, ok := pe.Value.(runtime.Error); value == nil && !ok || value != nil && pe.Value != value {
			t.Errorf("the value is %v", pe.Value)
		}
	}
	for name, value := range map[string]any{"error": boom, "runtime.Error": nil, "string": "x"} {
		t.Run(name, func(t *testing.T) {
			var unjoined []*future.PanicError
			l, err := future.NewLoop(future.Config{OnPanic: func(e *future.PanicError) { unjoined = append(unjoined, e) }})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Shutdown(t.Context())
			task := future.Spawn(l, nest{n: 3, value: value})
			_, err = task.Wait()
			check(t, err, value)
			task.Release()
			all := future.Spawn(l, future.All(nest{n: 2, value: value}, nest{n: 1, value: value}))
			_, err = all.Wait()
			check(t, err, value)
			all.Release()
			join := future.Spawn(l, future.Join(nest{n: 2, value: value}, nest{n: 1, value: value}))
			_, err = join.Wait()
			check(t, err, value)
			join.Release()
			future.Go(l, nest{n: 2, value: value})
			if err := l.RunUntilIdle(); err != nil || len(unjoined) != 1 {
				t.Fatal(err, unjoined)
			}
			check(t, unjoined[0], value)
		})
	}
}

// A stack that was left by a panic which a hand-written future recovered is not
// taken for that of the next panic.
func TestStackOfAnEarlierPanicIsNotReused(t *testing.T) {
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Shutdown(t.Context())
	task := future.Spawn(l, looped{func(cx *future.Context) {
		func() {
			defer func() { recover() }()
			c := nest{n: 1, value: io.EOF}
			for c.Poll(cx) == future.Pending {
			}
		}()
		panic(io.EOF)
	}})
	_, err = task.Wait()
	pe, ok := errors.AsType[*future.PanicError](err)
	if !ok || strings.Contains(string(pe.Stack), "originOfThePanic") || !strings.Contains(string(pe.Stack), "NotReused") {
		t.Errorf("got %v", err)
	}
	task.Release()
}

func TestValueOfAPanicIsTheVeryOne(t *testing.T) {
	v := new(int)
	defer func() {
		if got := recover(); got != any(v) {
			t.Errorf("recovered %v", got)
		}
	}()
	future.Block(&nest{n: 3, value: v})
}

// endless is a deferred call that never ends.
type endless struct{ idler }

func (f *endless) Poll(cx *future.Context) future.Poll { f.polls++; return future.Pending }

type exiter struct {
	unwind frame.Unwind
	last   future.Future
	ran    *bool
}

func (f *exiter) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *exiter) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	fn := func() { *f.ran = true }
	f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
	f.unwind.DeferAsync(f.last)
	runtime.Goexit()
	return frame.Returned
}

func TestDeferredCallThatCannotEndAfterGoexitIsReported(t *testing.T) {
	rt, err := future.NewRuntime(future.Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Shutdown(t.Context())
	var ran bool
	last := new(endless)
	task := future.Spawn(rt, exiter{last: last, ran: &ran})
	_, err = task.Wait()
	ue, ok := errors.AsType[*frame.UnfinishedError](err)
	if !ok || !ran || ue.Polls != last.polls || ue.Deferred != "*frame_test.endless" || !strings.Contains(err.Error(), "return instead of calling Goexit") {
		t.Errorf("%v; the other deferred call was made: %t", err, ran)
	}
	task.Release()
}

func TestPolledNamesTheFutureAndTheWayOut(t *testing.T) {
	defer func() {
		e, ok := recover().(*frame.PolledError)
		if !ok || e.Future != "ServeFuture" || !strings.Contains(e.Error(), "ServeFuture") || !strings.Contains(e.Error(), "Init") {
			t.Errorf("got %v", e)
		}
	}()
	frame.Polled("ServeFuture")
}

// A future that does not ask whose deferred call it is may be deferred all the same.
func TestAnyFutureMayBeDeferred(t *testing.T) {
	m := new(machine)
	trace := m.outcome(func() int {
		f := &deferring{last: &looped{func(*future.Context) { m.print("deferred") }}}
		if err := future.Block(f); err != nil {
			t.Error(err)
		}
		return 1
	})
	if trace[0] != "deferred" || trace[1] != "result 1" {
		t.Error(trace)
	}
}

type deferring struct {
	unwind frame.Unwind
	last   future.Future
}

func (f *deferring) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *deferring) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	f.unwind.DeferAsync(f.last)
	return frame.Returned
}
