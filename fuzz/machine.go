package fuzz

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// An Op is one thing that can be done to a state.
type Op[S any] struct {
	// Name identifies the op in texts. It has no spaces and no semicolons.
	Name string
	// Args is how many arguments the op takes, at most MaxArgs.
	Args int
	// Do does it. It must cope with any arguments and any state, by doing nothing
	// if need be. An error, a panic, and the end of the goroutine are failures.
	Do func(s *S, args Args) error
}

// A Machine is a state and what can be done to it: the system under test and a
// model of it, side by side. An input is a sequence of ops; see the package
// comment for its form. Runs must be independent of each other and, so that
// failures can be shrunk, do the same for the same input.
//
// A Machine is not changed by its methods, which may be called from any goroutine
// as far as its functions allow.
type Machine[S any] struct {
	// New returns the state in which a run starts.
	New func() (*S, error)
	// Ops are at most 128. The position of an op is its opcode in saved inputs:
	// add new ones at the end.
	Ops []Op[S]
	// Check returns the invariant that does not hold, if any. It is called before
	// the first op and after each. It may be nil.
	Check func(*S) error
	// End is called at the end of each run, failed or not, and gives back
	// whatever the state holds. It may be nil. It returns what is wrong in the end.
	End func(*S) error
}

// hangAfter is how long a run may take before it counts as one that hangs.
const hangAfter = 30 * time.Second

// Run does the ops of any input and returns nil, or a *Failure.
func (m *Machine[S]) Run(input []byte) error {
	table := m.table()
	if f := m.run(decode(input, table), table); f != nil {
		return f
	}
	return nil
}

// Shrink runs an input that may fail, and tries to make it smaller for at most
// a few seconds. It returns nil if the input does not fail, and else the *Failure
// of the smallest input it has found.
func (m *Machine[S]) Shrink(input []byte) error {
	table := m.table()
	steps := decode(input, table)
	worst := m.run(steps, table)
	if worst == nil {
		return nil
	}
	if !worst.hung {
		b := &budget{runs: 500, end: time.Now().Add(5 * time.Second)}
		shrink(steps, b, func(s []step) bool {
			f := m.run(s, table)
			if f == nil || f.kind() != worst.kind() {
				return false // what fails in another way is another bug
			}
			worst = f
			return true
		})
	}
	worst.From = len(steps)
	return worst
}

// Fuzz is the body of a fuzz target. A failing input is shrunk op by op and
// printed as readable ops.
func (m *Machine[S]) Fuzz(f *testing.F) {
	m.table() // a wrong table is better reported here than by every worker
	f.Fuzz(func(t *testing.T, input []byte) {
		if m.Run(input) == nil {
			return
		}
		if err := m.Shrink(input); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("fuzz: the input fails at times only: the machine does not do the same at every run\n[]byte(%+q)", input)
	})
}

// Encode returns the input for ops that are written as text: a name and its
// arguments in decimal, separated by spaces; ops separated by semicolons or ends of
// lines. Its error is an [*OpsError].
func (m *Machine[S]) Encode(ops string) ([]byte, error) {
	table := m.table()
	steps, err := parse(ops, table)
	if err != nil {
		return nil, err
	}
	return encode(steps, table), nil
}

// Decode returns the ops of any input as text, from which Encode makes an input
// that means the same.
func (m *Machine[S]) Decode(input []byte) string {
	table := m.table()
	return strings.Join(formatAll(decode(input, table), table), "; ")
}

// Random returns an input of n random ops, the same for the same seed.
func (m *Machine[S]) Random(seed uint64, n int) []byte {
	table := m.table()
	rnd := rand.New(rand.NewPCG(seed, uint64(n)))
	steps := make([]step, min(n, maxSteps))
	for i := range steps {
		steps[i].op = rnd.IntN(len(table))
		for k := range table[steps[i].op].args {
			steps[i].args[k] = byte(rnd.IntN(opBit))
		}
	}
	return encode(steps, table)
}

// table returns the names and numbers of arguments of the ops, and panics if
// there is something wrong with them.
func (m *Machine[S]) table() []opInfo {
	if len(m.Ops) == 0 || len(m.Ops) > maxOps {
		panic(fmt.Sprintf("fuzz: a Machine has from 1 to %d ops, not %d", maxOps, len(m.Ops)))
	}
	table := make([]opInfo, len(m.Ops))
	names := make(map[string]bool, len(m.Ops))
	for i, op := range m.Ops {
		switch {
		case op.Name == "" || strings.ContainsAny(op.Name, "; \t\r\n"):
			panic(fmt.Sprintf("fuzz: op %d is called %q; a name has no spaces and no semicolons", i, op.Name))
		case names[op.Name]:
			panic(fmt.Sprintf("fuzz: two ops are called %q", op.Name))
		case op.Args < 0 || op.Args > MaxArgs:
			panic(fmt.Sprintf("fuzz: op %q takes %d arguments; it can take from 0 to %d", op.Name, op.Args, MaxArgs))
		case op.Do == nil:
			panic(fmt.Sprintf("fuzz: op %q does nothing: its Do is nil", op.Name))
		}
		names[op.Name] = true
		table[i] = opInfo{op.Name, op.Args}
	}
	return table
}

// run does steps, and gives up waiting for them when they take too long.
func (m *Machine[S]) run(steps []step, table []opInfo) *Failure {
	var s *S
	var at atomic.Int64 // the op that is being done
	at.Store(-1)
	play := func() (err error) {
		if s, err = m.New(); err != nil {
			return err
		}
		return m.play(s, steps, &at)
	}
	err, hung := within(hangAfter, play)
	f := &Failure{Err: err, At: int(at.Load()), hung: hung}
	if m.End != nil && f.At >= 0 && !hung {
		patience := hangAfter
		if err != nil {
			patience = time.Second // what was wrong first counts
		}
		end, hung := within(patience, func() error { return m.End(s) })
		if err == nil {
			f.Err, f.At, f.hung = end, len(steps), hung
		}
	}
	if f.Err == nil {
		return nil
	}
	f.Ops, f.Input = formatAll(steps, table), encode(steps, table)
	return f
}

// play does the steps to s.
func (m *Machine[S]) play(s *S, steps []step, at *atomic.Int64) error {
	at.Store(0)
	check := func() error {
		if m.Check == nil {
			return nil
		}
		return m.Check(s)
	}
	if err := check(); err != nil {
		return err
	}
	for i, step := range steps {
		at.Store(int64(i))
		if err := m.Ops[step.op].Do(s, step.args); err != nil {
			return err
		}
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}
