package fuzz

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// A stack of small numbers with planted bugs, and what is needed to see them.
type stack struct {
	real  []byte
	model []byte
	ended *int
}

var errBug = errors.New("the stack differs from its model")

func stackMachine(ended *int) *Machine[stack] {
	return &Machine[stack]{
		New: func() (*stack, error) { return &stack{ended: ended}, nil },
		Ops: []Op[stack]{
			{Name: "push", Args: 1, Do: func(s *stack, a Args) error {
				s.model = append(s.model, a[0])
				if a[0] != 77 || len(s.real) < 2 { // the bug
					s.real = append(s.real, a[0])
				}
				return nil
			}},
			{Name: "pop", Do: func(s *stack, a Args) error {
				if n := len(s.model); n > 0 {
					s.real, s.model = s.real[:n-1], s.model[:n-1]
				}
				return nil
			}},
			{Name: "panic", Do: func(s *stack, a Args) error { panic(errBug) }},
			{Name: "goexit", Do: func(s *stack, a Args) error { runtime.Goexit(); return nil }},
			{Name: "fail", Do: func(s *stack, a Args) error { return errBug }},
			{Name: "fault", Do: func(s *stack, a Args) error { var p *stack; p.real = nil; return nil }},
		},
		Check: func(s *stack) error {
			if string(s.real) != string(s.model) {
				return fmt.Errorf("%w: %v, %v", errBug, s.real, s.model)
			}
			return nil
		},
		End: func(s *stack) error {
			*s.ended++
			if len(s.model) == 3 {
				return errors.New("three are left")
			}
			return nil
		},
	}
}

func TestEachWayToFailIsAFailureAtItsOp(t *testing.T) {
	for ops, at := range map[string]int{
		"push 1; fail; push 2":         1,
		"push 1; push 2; panic":        2,
		"goexit":                       0,
		"push 1; fault":                1,
		"push 1; push 2; push 77; pop": 2,
		"push 1; push 2; push 3":       3, // in End
		"push 1; pop; pop":             -2,
		"":                             -2,
		"push 77; pop; push 77; push 77; push 8;;": 5,
	} {
		ended := 0
		m := stackMachine(&ended)
		input, err := m.Encode(ops)
		if err != nil {
			t.Fatal(err)
		}
		err = m.Run(input)
		if ended != 1 {
			t.Errorf("%q: End was called %d times", ops, ended)
		}
		f, ok := errors.AsType[*Failure](err)
		if at == -2 {
			if err != nil {
				t.Errorf("%q: %v", ops, err)
			}
			continue
		}
		if !ok || f.At != at || string(f.Input) != string(input) {
			t.Errorf("%q: %v", ops, err)
		}
	}
}

func TestAPanicIsReportedWithItsStack(t *testing.T) {
	m := stackMachine(new(int))
	for ops, want := range map[string]string{"panic": "TestAPanic", "fault": "nil pointer", "goexit": "Goexit"} {
		input, _ := m.Encode(ops)
		err := m.Run(input)
		pe, ok := errors.AsType[*PanicError](err)
		if want == "TestAPanic" {
			want = "machine_test.go"
			if !errors.Is(err, errBug) {
				t.Errorf("%s: the value is lost: %v", ops, err)
			}
		}
		if !ok || !strings.Contains(pe.Error(), want) || pe.Goexit != (ops == "goexit") {
			t.Errorf("%s: %v", ops, err)
		}
	}
}

func TestAFailureOfNewIsAFailure(t *testing.T) {
	m := stackMachine(new(int))
	m.New = func() (*stack, error) { return nil, errBug }
	f, ok := errors.AsType[*Failure](m.Run(nil))
	if !ok || f.At != -1 || !errors.Is(f, errBug) || !strings.Contains(f.Error(), "before the first op") {
		t.Errorf("%v", f)
	}
}

func TestAShrunkFailureIsPrintedAsOpsAndReplays(t *testing.T) {
	m := stackMachine(new(int))
	input, err := m.Encode("push 5; push 6; pop; push 9; push 8; pop; pop; push 1; push 2; push 77; push 4; push 4")
	if err != nil {
		t.Fatal(err)
	}
	err = m.Shrink(input)
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		t.Fatal(err)
	}
	if got, want := strings.Join(f.Ops, "; "), "push 0; push 0; push 77"; got != want {
		t.Errorf("shrunk to %q, want %q", got, want)
	}
	for _, want := range []string{"3 ops, shrunk from 12", ">   2  push 77", "go test fuzz v1\n[]byte(\"\\x80\\x80\\x80M\")"} {
		if !strings.Contains(f.Error(), want) {
			t.Errorf("%q is not in\n%s", want, f)
		}
	}
	again, ok := errors.AsType[*Failure](m.Run(f.Input))
	if !ok || again.At != f.At {
		t.Errorf("the shrunk input gives %v", again)
	}
	if err := m.Shrink(nil); err != nil {
		t.Errorf("an input that does not fail was shrunk to %v", err)
	}
}

func TestRandomInputsAreTheSameForTheSameSeed(t *testing.T) {
	m := stackMachine(new(int))
	if a, b := m.Random(1, 40), m.Random(1, 40); string(a) != string(b) {
		t.Errorf("%q, %q", a, b)
	}
	if a, b := m.Random(1, 40), m.Random(2, 40); string(a) == string(b) {
		t.Errorf("%q twice", a)
	}
	if n := len(decode(m.Random(1, 40), m.table())); n != 40 {
		t.Errorf("%d ops", n)
	}
}

func TestAWrongTableIsReported(t *testing.T) {
	do := func(*stack, Args) error { return nil }
	for want, ops := range map[string][]Op[stack]{
		"from 1 to 128 ops":     nil,
		"no spaces":             {{Name: "a b", Do: do}},
		"two ops are called":    {{Name: "a", Do: do}, {Name: "a", Do: do}},
		"takes 5 arguments":     {{Name: "a", Args: 5, Do: do}},
		"its Do is nil":         {{Name: "a"}},
		"1 to 128 ops, not 129": make([]Op[stack], 129),
	} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.Contains(v, want) {
					t.Errorf("want %q, got %q", want, v)
				}
			}()
			m := Machine[stack]{Ops: ops}
			_ = m.Run(nil)
		}()
	}
}
