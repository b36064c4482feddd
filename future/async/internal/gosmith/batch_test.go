package gosmith

import (
	"path/filepath"
	"testing"

	"github.com/pinion-go/pinion/future/async/internal/gosmith/rt"
)

// root returns the directory of the module pinion.
func root(t testing.TB) string {
	dir, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// traces builds the programs and returns what their blocking forms do.
func traces(t testing.TB, programs []*Program, flags ...string) map[string]rt.Outcome {
	b := &Batch{Dir: t.TempDir(), Root: root(t), Programs: programs, Flags: flags}
	if err := b.Write(); err != nil {
		t.Fatal(err)
	}
	if err := b.Build(); err != nil {
		t.Fatal(err)
	}
	outcomes, err := b.Run("-trace")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]rt.Outcome)
	for _, o := range outcomes {
		found[o.Program] = o
	}
	return found
}

func some(first, n uint64) (programs []*Program) {
	for seed := first; seed < first+n; seed++ {
		programs = append(programs, Generate(seed))
	}
	return programs
}

// TestTracesDoNotDependOnOptimisation also shows that the programs build, end, and
// do the same when they are run again.
func TestTracesDoNotDependOnOptimisation(t *testing.T) {
	n := uint64(20)
	if testing.Short() {
		n = 5
	}
	programs := some(100, n)
	fast := traces(t, programs)
	slow := traces(t, programs, "-gcflags="+batchPath+"/...=-N -l")
	var differ []*Program
	for _, p := range programs {
		a, b := fast[p.Package], slow[p.Package]
		if a.Differs() {
			t.Errorf("run again, the program of seed %d differs: %s", p.Seed, a.Diff())
		}
		if a.Compare(b.Want) != "" {
			differ = append(differ, p)
		}
	}
	if len(differ) == 0 {
		return
	}
	// There, gc must have inlined a literal. Otherwise the order is the same.
	optimised := traces(t, differ, notInlined)
	for _, p := range differ {
		a, b := optimised[p.Package], slow[p.Package]
		if d := a.Compare(b.Want); d != "" {
			t.Errorf("without optimisation, the program of seed %d differs: %s", p.Seed, d)
		}
	}
}
