package gosmith

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// perBatch is how many programs are built at once.
const perBatch = 100

// TestPrograms compares the forms of random programs. More of them are run by
//
//	PINION_PROGRAMS=10000 go test ./future/async/internal/gosmith -run TestPrograms -timeout 0 -v
//
// PINION_SEED is the seed of the first. For so many there is .ci/nightly, which can go on
// where it was stopped and needs less room.
func TestPrograms(t *testing.T) {
	n, first := uint64(200), number(t, "PINION_SEED", 1000)
	if testing.Short() {
		n = 10
	}
	n = number(t, "PINION_PROGRAMS", n)
	start := time.Now()
	var j judge
	for seed := first; seed < first+n; seed += perBatch {
		// In a test of its own, whose folder goes when it ends.
		t.Run(fmt.Sprint("from ", seed), func(t *testing.T) {
			j.batch(t, some(seed, min(perBatch, first+n-seed)))
		})
		t.Logf("%d of %d programs in %v: %d differ, %d do not build, %d are rejected",
			min(seed+perBatch-first, n), n, time.Since(start).Round(time.Second), j.differ, j.broken, j.rejected)
	}
}

func number(t testing.TB, name string, otherwise uint64) uint64 {
	env := os.Getenv(name)
	if env == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(env, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// workdir returns a folder for a batch: one of PINION_KEEP, if that is set.
func workdir(t testing.TB) string {
	if keep := os.Getenv("PINION_KEEP"); keep != "" {
		dir, err := os.MkdirTemp(keep, "batch")
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	return t.TempDir()
}

// judge counts what came of the programs.
type judge struct{ differ, broken, rejected int }

// batch runs the programs in both forms. A failure names the seed and a file that is
// kept.
func (j *judge) batch(t testing.TB, programs []*Program) {
	b := &Batch{Dir: workdir(t), Root: root(t), Programs: programs, Flags: []string{notInlined}}
	if err := b.Write(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := b.Compile(); err != nil {
		t.Fatal(err)
	}
	compiled := time.Now()
	for p, why := range b.Rejected {
		j.rejected++
		t.Errorf("%s is rejected: %s", p, why)
	}
	broken, err := b.BuildWhatBuilds()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range broken {
		j.broken++
		t.Errorf("gc does not accept %s", line)
	}
	built := time.Now()
	outcomes, err := b.Run()
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != len(programs)-len(b.Rejected) {
		t.Errorf("%d of %d programs have an outcome", len(outcomes), len(programs)-len(b.Rejected))
	}
	t.Logf("compiled in %v, built in %v, ran in %v", compiled.Sub(begin).Round(time.Millisecond),
		built.Sub(compiled).Round(time.Millisecond), time.Since(built).Round(time.Millisecond))
	pended := 0
	for _, o := range outcomes {
		pended += o.Pended
		if o.Differs() {
			j.differ++
			t.Errorf("the forms differ: %s", o.Diff())
		}
	}
	if pended < len(outcomes) {
		t.Errorf("%d programs have been pending %d times in all", len(outcomes), pended)
	}
}
