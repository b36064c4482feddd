package fuzz_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seeds are the inputs in testdata/fuzz that were written by hand, as text. The
// files are made from it by
//
//	go test ./fuzz -run TestSeeds -update
//
// Inputs that a fuzzer has found may stand beside them.
var seeds = map[string]struct {
	machine interface {
		Encode(string) ([]byte, error)
		Run([]byte) error
	}
	ops map[string]string
}{
	"FuzzArena":      {&arenaMachine, arenaSeeds},
	"FuzzFuture":     {&loopMachine, loopSeeds},
	"FuzzMoveSafety": {&moveMachine, moveSeeds},
	"FuzzUnsafeptr":  {&unsafeMachine, unsafeSeeds},
}

var update = flag.Bool("update", false, "write the seeds in testdata/fuzz")

func TestSeedsAreWhatTheirTextSaysAndPass(t *testing.T) {
	for target, s := range seeds {
		if target == "FuzzFuture" {
			wantEachOp(t, s.ops)
		}
		for name, ops := range s.ops {
			input, err := s.machine.Encode(ops)
			if err != nil {
				t.Errorf("%s/%s: %v", target, name, err)
				continue
			}
			if err := s.machine.Run(input); err != nil {
				t.Errorf("%s/%s: %v", target, name, err)
			}
			file := filepath.Join("testdata", "fuzz", target, name)
			want := fmt.Sprintf("go test fuzz v1\n[]byte(%+q)\n", input)
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%s is not what its text says: %v; run go test ./fuzz -run TestSeeds -update", file, err)
			}
		}
	}
}

// wantEachOp checks that the seeds of the loops' machine reach each of its ops.
func wantEachOp(t *testing.T, seeds map[string]string) {
	reached := map[string]bool{}
	for _, ops := range seeds {
		for op := range strings.SplitSeq(ops, "; ") {
			name, _, _ := strings.Cut(op, " ")
			reached[name] = true
		}
	}
	for _, op := range loopMachine.Ops {
		if !reached[op.Name] {
			t.Errorf("no seed has the op %q", op.Name)
		}
	}
}
