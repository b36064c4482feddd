package fuzz_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future"
	"github.com/pinion-go/pinion/fuzz"
)

// exampleT is a test that prints what is reported to it.
type exampleT struct{ testing.TB }

func (exampleT) Helper()           {}
func (exampleT) Error(args ...any) { fmt.Println(args...) }

// pair waits for two futures, as it should.
type pair struct {
	a, b         fuzz.Leaf
	aDone, bDone bool
}

func (f *pair) Poll(cx *future.Context) future.Poll {
	f.aDone = f.aDone || f.a.Poll(cx) == future.Ready
	f.bDone = f.bDone || f.b.Poll(cx) == future.Ready
	return future.Poll(f.aDone && f.bDone)
}

// careless waits for two futures, but polls one that was Ready.
type careless struct{ a, b fuzz.Leaf }

func (f *careless) Poll(cx *future.Context) future.Poll {
	return f.a.Poll(cx) && f.b.Poll(cx)
}

// deaf waits for a value, and wakes nobody when it is there.
type deaf struct{ value *int }

func (f *deaf) Poll(cx *future.Context) future.Poll { return future.Poll(f.value != nil) }

func ExampleFuture() {
	var t exampleT // in a test, t *testing.T

	fuzz.Future(t, func() pair { return pair{a: fuzz.Leaf{Waits: 1}, b: fuzz.Leaf{Waits: 2}} })
	fuzz.Future(t, func() deaf { return deaf{} }, fuzz.Patience(time.Millisecond))
	// Output:
	// fuzz: broken rule: a future that is Pending has its waker woken (run as usual): it is Pending after 1 polls, no timer runs, and nobody has woken it for 1ms
}

func ExampleLeaf() {
	var t exampleT
	fuzz.Future(t, func() careless { return careless{a: fuzz.Leaf{ID: 3}, b: fuzz.Leaf{ID: 4, Waits: 1}} })
	// Output:
	// fuzz: broken rule: a future that was Ready is not polled again (run as usual): Leaf 3: it was polled after it was Ready
}

func ExampleCheck() {
	var t exampleT
	fuzz.Future(t, func() fuzz.Leaf { return fuzz.Leaf{Waits: 1, ID: 7} }, fuzz.Check(func(f *fuzz.Leaf) error {
		if id, err := f.Result(); err == nil && id != 8 {
			return fmt.Errorf("the result is %d, want 8", id)
		}
		return nil
	}))
	// Output:
	// fuzz: broken rule: the test's own Check (run as usual): the result is 7, want 8
}

func ExampleOption() {
	// A future that takes many polls, and may keep a test waiting.
	var t exampleT
	fuzz.Future(t, func() fuzz.Leaf { return fuzz.Leaf{Waits: 150} }, fuzz.MaxPolls(100), fuzz.Patience(time.Minute))
	// Output:
	// fuzz: broken rule: a future ends (run as usual): it is still Pending after 100 polls
}

func ExampleViolation() {
	err := error(&fuzz.Violation{Rule: fuzz.RuleMoved, Way: "run as usual", Err: errors.New("seen at another address")})
	if v, ok := errors.AsType[*fuzz.Violation](err); ok && v.Rule == fuzz.RuleMoved {
		fmt.Println(v)
	}
	// Output: fuzz: broken rule: a future stays where it was polled first (run as usual): seen at another address
}

func ExampleRule() {
	// Reports begin with the rule, so that like ones are found together.
	fmt.Println(fuzz.RuleWake)
	// Output: a future that is Pending has its waker woken
}

// counters is a state: a counter that forgets, beside a model that does not.
type counters struct{ counter, model int }

var counterMachine = &fuzz.Machine[counters]{
	New: func() (*counters, error) { return &counters{}, nil },
	Ops: []fuzz.Op[counters]{
		{Name: "add", Args: 1, Do: func(s *counters, args fuzz.Args) error {
			s.model += int(args[0])
			s.counter = (s.counter + int(args[0])) % 100
			return nil
		}},
		{Name: "nothing", Do: func(*counters, fuzz.Args) error { return nil }},
		{Name: "panic", Do: func(*counters, fuzz.Args) error { panic("no counter") }},
	},
	Check: func(s *counters) error {
		if s.counter != s.model {
			return fmt.Errorf("the counter is %d, want %d", s.counter, s.model)
		}
		return nil
	},
}

func ExampleMachine() {
	// func FuzzCounters(f *testing.F) { counterMachine.Fuzz(f) }

	input, _ := counterMachine.Encode("nothing; add 90; nothing; add 9; nothing; add 12; add 3")
	fmt.Println(errors.Unwrap(counterMachine.Run(input)))
	// Output: the counter is 11, want 111
}

func ExampleFailure() {
	input, _ := counterMachine.Encode("nothing; add 90; nothing; add 9; nothing; add 12; add 3")
	f, _ := errors.AsType[*fuzz.Failure](counterMachine.Shrink(input))
	fmt.Println(f)
	// Output:
	// fuzz: the counter is 0, want 100
	//
	// 2 ops, shrunk from 7:
	//     0  add 88
	// >   1  add 12
	//
	// to keep it, save this in testdata/fuzz/<target>/<name>:
	// go test fuzz v1
	// []byte("\x80X\x80\f")
}

func ExamplePanicError() {
	input, _ := counterMachine.Encode("panic")
	if pe, ok := errors.AsType[*fuzz.PanicError](counterMachine.Run(input)); ok {
		fmt.Println(pe.Value, pe.Goexit)
	}
	// Output: no counter false
}

func ExampleOpsError() {
	_, err := counterMachine.Encode("add 1; add 1 2")
	fmt.Println(err)
	// Output: fuzz: "add 1 2" is not an op: it has 2 arguments, add takes 1
}

func ExampleOp() {
	// Any bytes are ops: 0x80 is the opcode of the first one in the table.
	fmt.Println(counterMachine.Decode([]byte{0x80, 5, 0x81, 0x83, 7}))
	// Output: add 5; nothing; add 7
}

func ExampleArgs_Pick() {
	args := fuzz.Args{7, 1}
	colours := []string{"red", "green", "blue"}
	fmt.Println(colours[args.Pick(0, len(colours))], colours[args.Pick(1, len(colours))], colours[args.Pick(2, len(colours))])
	// Output: green green red
}
