package frame_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/future/frame"
	"github.com/pinion-go/pinion/unsafeptr"
)

var schedules = map[string]func(*rand.Rand) func() bool{
	"always ready":   func(*rand.Rand) func() bool { return func() bool { return false } },
	"always pending": func(*rand.Rand) func() bool { return func() bool { return true } },
	"random":         func(rng *rand.Rand) func() bool { return func() bool { return rng.IntN(2) == 0 } },
}

// compare runs f in all ways, and fails the test if they differ. It returns the
// trace.
func compare(t *testing.T, f *function) []string {
	t.Helper()
	want := runNative(f)
	for name, schedule := range schedules {
		got := runCompiled(f, schedule(rand.New(rand.NewPCG(1, 2))))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s, %s: -function +future\n%s", f, name, diff)
		}
	}
	return want
}

func TestRandomFunctionsDoAsFuturesWhatTheyDoInGo(t *testing.T) {
	n := uint64(20000)
	if testing.Short() {
		n = 2000
	}
	for seed := range n {
		rng := rand.New(rand.NewPCG(seed, 7))
		names := 0
		if compare(t, generate(rng, &names, 3, true)); t.Failed() {
			t.Fatal("seed", seed)
		}
	}
}

func fn(name string, body ...statement) *function { return &function{name, body} }

func do(o op) statement                        { return statement{op: o} }
func doWith(o op, v int) statement             { return statement{op: o, v: v} }
func doFunc(o op, f *function) statement       { return statement{op: o, f: f} }
func recovers(name string) *function           { return fn(name, do(opYield), do(opRecover), do(opRecover)) }
func panics(name string, v int) *function      { return fn(name, do(opYield), doWith(opPanic, v)) }
func exits(name string) *function              { return fn(name, do(opYield), do(opGoexit)) }
func calls(name string, f *function) *function { return fn(name, doFunc(opCall, f)) }

// Each of these is one rule of the language, with the end that it must have.
func TestRulesOfDeferPanicAndRecover(t *testing.T) {
	for _, d := range []op{opDefer, opDeferAsync} {
		for rule, c := range map[string]struct {
			f    *function
			want string // in the trace, nearly at the end
		}{
			"a recovered function returns its named result": {
				fn("f", doFunc(d, recovers("g")), doWith(opResult, 7), doWith(opPanic, 1)), "result 7"},
			"the result of a return statement stands, too": {
				fn("f", doFunc(d, panics("g", 2)), doFunc(d, fn("h")), doWith(opReturn, 3)), "recovered int(2)"},
			"recover sees the panic of the deferred call before": {
				fn("f", doFunc(d, recovers("g")), doFunc(d, panics("h", 2)), doWith(opPanic, 1)), "result 0"},
			"recover in what a deferred function calls is nil": {
				fn("f", doFunc(d, calls("g", recovers("h"))), doWith(opPanic, 1)), "recovered int(1)"},
			"recover and panic again goes on": {
				fn("f", doFunc(d, fn("g", do(opPanicAgain))), doWith(opPanic, 1)), "recovered int(1)"},
			"a panic with nil is a PanicNilError": {
				fn("f", doFunc(d, fn("g", do(opPanicAgain))), do(opPanicNil)),
				"recovered *runtime.PanicNilError(panic called with nil argument)"},
			"values that cannot be compared": {
				fn("f", doFunc(d, fn("g", doWith(opPanicUncomp, 2))), doWith(opPanicUncomp, 1)), "recovered []int([2])"},
			"Goexit makes the deferred calls, in which recover is nil": {
				fn("f", doFunc(d, recovers("g")), do(opGoexit)), "recovered <nil>(<nil>)"},
			"Goexit in a deferred call hides the panic": {
				fn("f", doFunc(d, recovers("g")), doFunc(d, exits("h")), doWith(opPanic, 1)), "recovered <nil>(<nil>)"},
			"a panic during Goexit": {
				fn("f", doFunc(d, panics("g", 2)), do(opGoexit)), "recovered int(2)"},
			"a panic during Goexit that is recovered": {
				fn("f", doFunc(d, recovers("g")), doFunc(d, panics("h", 2)), do(opGoexit)), "recovered <nil>(<nil>)"},
			"a panic during Goexit in a callee, recovered": {
				fn("f", doFunc(d, recovers("g")), doFunc(d, recovers("k")),
					doFunc(opCall, fn("i", doFunc(d, panics("h", 2)), do(opGoexit)))), "recovered <nil>(<nil>)"},
			"a panic in a callee, passed on and recovered": {
				fn("f", doFunc(d, recovers("g")), doFunc(opCall, fn("i", doFunc(d, fn("h")), doFunc(opCall, panics("j", 1))))), "result 0"},
			"a deferred nil function panics when it is called": {
				fn("f", doFunc(d, recovers("g")), doWith(opDeferOther, 3), do(opPrint)), "result 0"},
			"defer recover() in a deferred function recovers": {
				fn("f", doFunc(d, fn("g", doWith(opDeferOther, 0))), doWith(opPanic, 1)), "result 0"},
			"defer recover() in the panicking function does not": {
				fn("f", doWith(opDeferOther, 0), doWith(opPanic, 1)), "recovered int(1)"},
		} {
			t.Run(opNames[d]+"/"+rule, func(t *testing.T) {
				trace := compare(t, c.f)
				if got := trace[len(trace)-2]; got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
			})
		}
	}
}

// exitBeneath has a sync call whose deferred call panics while the goroutine ends:
// nothing that calls the future gets to run it again.
type exitBeneath struct {
	unwind frame.Unwind
	trace  *[]string
}

func (f *exitBeneath) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *exitBeneath) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	fn := func() { *f.trace = append(*f.trace, show(recover())) }
	f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
	func() {
		defer func() { panic("while ending") }()
		runtime.Goexit()
	}()
	return frame.Returned
}

func TestPanicDuringGoexitOfAnOrdinaryCalleeReachesTheDeferredCalls(t *testing.T) {
	m := new(machine)
	got := m.outcome(func() int { future.Block(&exitBeneath{trace: &m.trace}); return 1 })
	want := []string{"string(while ending)", "recovered <nil>(<nil>)", "goroutine ends: finished false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnwindIsThreeWords(t *testing.T) {
	if got, want := unsafeptr.LayoutOf[frame.Unwind]().Size, 3*unsafeptr.LayoutOf[uintptr]().Size; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

func TestResetUnwindServesAgain(t *testing.T) {
	for range 3 {
		c := &compiled{m: &machine{}, f: fn("f", doFunc(opDefer, recovers("g")), doWith(opResult, 4), doWith(opPanic, 1))}
		for range 3 {
			if err := future.Block(c); err != nil || c.result != 4 || !c.unwind.Exiting() {
				t.Fatal(err, c.result)
			}
			c.unwind.Reset()
			c.pc, c.result, c.started = 0, 0, false
			if c.unwind.Exiting() {
				t.Fatal("Reset has not reset")
			}
		}
	}
}

func TestRecoverWithoutAPanicIsNil(t *testing.T) {
	if v := (*frame.Unwind)(nil).Recover(); v != nil {
		t.Error(v)
	}
	if v := new(frame.Unwind).Recover(); v != nil {
		t.Error(v)
	}
}

type plain struct{ n int }

func (f *plain) Poll(cx *future.Context) future.Poll { return f.body(cx) }

//go:noinline
func (f *plain) body(cx *future.Context) future.Poll { f.n++; return future.Ready }

type oneDefer struct {
	unwind frame.Unwind
	n      int
}

func (f *oneDefer) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *oneDefer) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	fn := f.count
	f.unwind.Defer(func(u *frame.Unwind) { defer u.Caught(); defer fn(); u.Raise() })
	return frame.Returned
}

//go:noinline
func (f *oneDefer) count() { f.n++ }

type noDefer struct{ oneDefer }

func (f *noDefer) Poll(cx *future.Context) future.Poll {
	if !f.unwind.Exiting() && f.body(cx) == frame.Suspended {
		return future.Pending
	}
	return f.unwind.Run(cx)
}

func (f *noDefer) body(cx *future.Context) (step frame.Step) {
	defer f.unwind.Catch(cx, &step)
	f.count()
	return frame.Returned
}

// looped polls fresh values of one future over and over.
type looped struct{ f func(cx *future.Context) }

func (l *looped) Poll(cx *future.Context) future.Poll { l.f(cx); return future.Ready }

func BenchmarkUnwind(b *testing.B) {
	bench := func(name string, f func(b *testing.B, cx *future.Context)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			future.Block(&looped{func(cx *future.Context) { f(b, cx) }})
		})
	}
	bench("future without Unwind", func(b *testing.B, cx *future.Context) {
		var f plain
		for b.Loop() {
			f.Poll(cx)
		}
	})
	bench("future without defer", func(b *testing.B, cx *future.Context) {
		var f noDefer
		for b.Loop() {
			f.unwind.Reset()
			f.Poll(cx)
		}
	})
	bench("future with one defer", func(b *testing.B, cx *future.Context) {
		var f oneDefer
		for b.Loop() {
			f.unwind.Reset()
			f.Poll(cx)
		}
	})
	b.Run("function with one defer", func(b *testing.B) {
		var f oneDefer
		b.ReportAllocs()
		for b.Loop() {
			func() { defer f.count() }()
		}
	})
	f := fn("f", doFunc(opDefer, fn("g", do(opRecover))), doWith(opPanic, 1))
	bench("future that recovers", func(b *testing.B, cx *future.Context) {
		for b.Loop() {
			(&compiled{m: new(machine), f: f}).Poll(cx)
		}
	})
	b.Run("function that recovers", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			new(machine).native(f)
		}
	})
}
