package frame_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/frame"
)

// over is for v := range it { body }, as a function that is compiled: body is polled
// for each value.
type over struct {
	unwind frame.Unwind
	iter   frame.FuncIter[int, struct{}]
	begun  bool
	inBody bool
	it     func(yield func(int) bool)
	body   func(cx *future.Context, v int) future.Poll
}

func (f *over) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.poll(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *over) poll(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	if !f.begun {
		f.begun = true
		f.iter.Init1(&f.unwind, f.it)
	}
	for f.inBody || f.iter.Next(cx) {
		f.inBody = true
		if f.body(cx, f.iter.Key()) == future.Pending {
			return frame.Suspended
		}
		f.inBody = false
	}
	return frame.Returned
}

func (f *over) Cancel() {}

func TestABlockingCallInAnIteratorIsRefusedAsInAPoll(t *testing.T) {
	c := future.NewChan[int](0)
	var err error
	f := &over{
		it: func(yield func(int) bool) {
			yield(1)
			_, err = c.Recv() // nobody sends
		},
		body: func(*future.Context, int) future.Poll { return future.Ready },
	}
	if err := future.Block(f); err != nil {
		t.Error(err)
	}
	if !errors.Is(err, future.ErrBlockedPoll) {
		t.Errorf("Recv = %v", err)
	}
}

func TestAnIteratorMayCallYieldFromOtherGoroutines(t *testing.T) {
	var got []int
	f := &over{
		it: func(yield func(int) bool) {
			for i := range 3 {
				done := make(chan bool)
				go func() { done <- yield(i) }()
				<-done
			}
		},
		body: func(_ *future.Context, v int) future.Poll { got = append(got, v); return future.Ready },
	}
	if err := future.Block(f); err != nil || !slices.Equal(got, []int{0, 1, 2}) {
		t.Error(err, got)
	}
}

func TestALoopIsPolledFromOneGoroutineAfterAnother(t *testing.T) {
	var got []int
	f := &over{
		it: func(yield func(int) bool) { _ = yield(1) && yield(2) },
		body: func(cx *future.Context, v int) future.Poll {
			if len(got) < v {
				got = append(got, v)
				cx.Wake(cx.Waker())
				return future.Pending
			}
			return future.Ready
		},
	}
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		t.Fatal(err)
	}
	task := future.Spawn(l, polled{f})
	for range 10 { // each bound to a thread, or not
		done := make(chan struct{})
		go func() {
			defer close(done)
			if len(got)%2 == 0 {
				runtime.LockOSThread()
			}
			l.Step()
		}()
		<-done
	}
	if _, err := task.Wait(); err != nil || !slices.Equal(got, []int{1, 2}) {
		t.Error(err, got)
	}
	task.Release()
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// polled is a future that may be copied, of one that may not.
type polled struct{ f *over }

func (p polled) Poll(cx *future.Context) future.Poll { return p.f.Poll(cx) }

func TestAnAbortEndsTheIterator(t *testing.T) {
	before := runtime.NumGoroutine()
	ended := false
	forEver := future.Shield(future.NewChan[int](0).RecvAsync())
	f := &over{
		it:   func(yield func(int) bool) { defer func() { ended = true }(); yield(1) },
		body: func(cx *future.Context, _ int) future.Poll { return forEver.Poll(cx) },
	}
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		t.Fatal(err)
	}
	task := future.Spawn(l, polled{f})
	l.RunUntilIdle()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*future.ShutdownError](err); !ok || len(se.Aborted) != 1 || len(se.Leaked) != 0 {
		t.Errorf("Shutdown = %v", err)
	}
	_ = task
	if !ended {
		t.Error("the iterator's deferred call was not made")
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), before)
		}
	}
}

// An iterator whose deferred call is yield has the body of the loop recover its panic.
func TestRecoverInABodyThatIsDeferredByTheIterator(t *testing.T) {
	body := fn("body", do(opYield))
	over := func(v int, g *function, f ...statement) statement { // with recover in the body if v is even
		return statement{op: opRange, v: v, f: fn("iterator", f...), g: g}
	}
	deferred := doWith(opDeferEmit, 1)
	for rule, c := range map[string]struct {
		f         *function
		want, end string // of the body, and nearly at the end
	}{
		"recovers":                        {fn("f", over(2, body, deferred, doWith(opPanic, 3))), "f: the body recovers int(3)", "result 0"},
		"has no need to":                  {fn("f", over(1, body, deferred, doWith(opPanic, 3))), "body begins", "recovered int(3)"},
		"recovers once":                   {fn("f", over(2, body, deferred, deferred, doWith(opPanic, 3))), "f: the body recovers <nil>(<nil>)", "result 0"},
		"has nothing to recover":          {fn("f", over(2, body, deferred)), "f: the body recovers <nil>(<nil>)", "result 0"},
		"breaks":                          {fn("f", over(2, fn("body", doWith(opReturn, 5)), deferred, doWith(opPanic, 3))), "f: the body recovers int(3)", "result 0"},
		"returns":                         {fn("f", over(2, fn("body", doWith(opReturn, 6)), deferred, doWith(opPanic, 3))), "f: the body recovers int(3)", "result 6"},
		"panics then":                     {fn("f", over(2, panics("body", 4), deferred, doWith(opPanic, 3))), "f: the body recovers int(3)", "recovered int(4)"},
		"panics again with what it was":   {fn("f", over(2, panics("body", 3), deferred, doWith(opPanic, 3))), "f: the body recovers int(3)", "recovered int(3)"},
		"calls Goexit then":               {fn("f", over(2, exits("body"), deferred, doWith(opPanic, 3))), "f: the body recovers int(3)", "recovered <nil>(<nil>)"},
		"is called during Goexit":         {fn("f", over(2, body, deferred, do(opGoexit))), "f: the body recovers <nil>(<nil>)", "recovered <nil>(<nil>)"},
		"is called by a deferred literal": {fn("f", over(2, body, doFunc(opDefer, fn("g", doWith(opEmit, 1))), doWith(opPanic, 3))), "f: the body recovers <nil>(<nil>)", "recovered int(3)"},
		"has a loop that recovers its own": {
			fn("f", over(1, fn("body", over(2, body, deferred, doWith(opPanic, 4))), deferred, doWith(opPanic, 3))),
			"body: the body recovers int(4)", "recovered int(3)"},
		"has a loop that is not the deferred call": {
			fn("f", over(1, fn("body", over(2, body, doWith(opEmit, 1))), deferred, doWith(opPanic, 3))),
			"body: the body recovers <nil>(<nil>)", "recovered int(3)"},
		"stands in a deferred function": {
			fn("f", doFunc(opDeferAsync, fn("g", over(2, body, deferred))), doWith(opPanic, 3)),
			"g: the body recovers <nil>(<nil>)", "recovered int(3)"},
	} {
		t.Run(rule, func(t *testing.T) {
			trace := compare(t, c.f)
			if !slices.Contains(trace, c.want) {
				t.Errorf("%q, want %q in it", trace, c.want)
			}
			if got := trace[len(trace)-2]; got != c.end {
				t.Errorf("%q, want %q", got, c.end)
			}
		})
	}
}

// What is polled to its end because its goroutine is ending has not called Goexit itself:
// an iterator in it that recovers a panic returns.
func TestAnIteratorRecoversThePanicOfABodyDuringGoexit(t *testing.T) {
	for d, in := range map[op]bool{opDefer: false, opDeferAsync: true} {
		t.Run(opNames[d], func(t *testing.T) {
			it := fn("iterator", doFunc(d, fn("r", do(opRecover))), doWith(opEmit, 1))
			loop := statement{op: opRange, v: 1, f: it, g: panics("body", 2), in: in}
			trace := compare(t, fn("f", doFunc(opDeferAsync, fn("g", loop)), doFunc(opDefer, fn("h", do(opGoexit)))))
			if want := "iterator ends with 0"; !slices.Contains(trace, want) {
				t.Errorf("%q, want %q in it", trace, want)
			}
		})
	}
}

// iterates is an iterator that calls yield in its own way.
type iterates func(cx *future.Context)

func (f iterates) Poll(cx *future.Context) future.Poll { f(cx); return future.Ready }

// stepping is for v := range it, of an iterator that is a future.
type stepping struct {
	unwind frame.Unwind
	iter   frame.StepIter[int, struct{}]
	begun  bool
	it     func(yield func(int) bool) future.Future
}

func (f *stepping) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.poll(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *stepping) poll(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	if !f.begun {
		f.begun = true
		f.iter.Init(&f.unwind)
		f.iter.Over(f.it(f.iter.Yield1()))
	}
	for {
		if f.iter.Poll(cx) == future.Pending {
			return frame.Suspended
		}
		if !f.iter.More() {
			return frame.Returned
		}
	}
}

func TestYieldOfALoopThatSuspendsIsNotForOrdinaryFunctions(t *testing.T) {
	for name, call := range map[string]func(cx *future.Context, yield func(int) bool){
		"itself": func(_ *future.Context, yield func(int) bool) { slices.Values([]int{1})(yield) },
		"a wrapper": func(cx *future.Context, yield func(int) bool) {
			frame.Yield1(new(frame.YieldFuture), cx, func(v int) bool { return yield(v) }, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := panicOf(&stepping{it: func(yield func(int) bool) future.Future {
				return iterates(func(cx *future.Context) { call(cx, yield) })
			}})
			if v != frame.ErrPlainYield {
				t.Errorf("panic with %v", v)
			}
		})
	}
}

// The yield of one loop, called while another loop's iterator is polled, is not taken
// for that one's.
func TestYieldsOfTwoLoopsAreToldApart(t *testing.T) {
	var outer func(int) bool
	inner := func(yield func(int) bool) future.Future {
		return iterates(func(cx *future.Context) { frame.Yield1(new(frame.YieldFuture), cx, outer, 1) })
	}
	v := panicOf(&stepping{it: func(yield func(int) bool) future.Future {
		outer = yield
		return &stepping{it: inner}
	}})
	if v != frame.ErrPlainYield {
		t.Errorf("panic with %v", v)
	}
}

// panicOf returns what a future panics with.
func panicOf(f future.Future) (v any) {
	defer func() { v = recover() }()
	_ = future.Block(f)
	return nil
}

func BenchmarkRangeOverAFunction(b *testing.B) {
	for _, name := range []string{"future", "future on a bound thread", "future over a future", "goroutine"} {
		b.Run(name, func(b *testing.B) {
			if name == "future over a future" {
				it := func(yield func(int) bool) future.Future { return &counted{yield: yield, n: b.N} }
				b.ReportAllocs()
				if err := future.Block(&stepping{it: it}); err != nil {
					b.Fatal(err)
				}
				return
			}
			it := func(yield func(int) bool) {
				for i := 0; i < b.N && yield(i); i++ {
				}
			}
			b.ReportAllocs()
			if name == "goroutine" {
				for range it {
				}
				return
			}
			if name != "future" {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
			}
			f := &over{it: it, body: func(*future.Context, int) future.Poll { return future.Ready }}
			if err := future.Block(f); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// counted yields the numbers below n.
type counted struct {
	call    frame.YieldFuture
	yield   func(int) bool
	i, n    int
	pending bool
}

func (f *counted) Poll(cx *future.Context) future.Poll {
	for {
		if f.pending {
			if f.call.Poll(cx) == future.Pending {
				return future.Pending
			}
			f.pending = false
			f.i++
		}
		if f.i == f.n {
			return future.Ready
		}
		f.pending = true
		frame.Yield1(&f.call, cx, f.yield, f.i)
	}
}
