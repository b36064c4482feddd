package bench

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

func BenchmarkPairs(b *testing.B) {
	for _, p := range Pairs() {
		b.Run(p.Name+"/"+p.Ours.Name, p.Ours.Run)
		b.Run(p.Name+"/"+p.Theirs.Name, p.Theirs.Run)
	}
}

// TestWorkloadsRun runs every way of every workload once, so that a broken one
// does not wait for somebody to measure.
func TestWorkloadsRun(t *testing.T) {
	for _, p := range Pairs() {
		for _, s := range []Side{p.Ours, p.Theirs} {
			if p.Slow() {
				continue // see TestChildrenRun and TestTheCompilerTakesItsPackage
			}
			t.Run(p.Name+"/"+s.Name, func(t *testing.T) {
				r := testing.Benchmark(func(b *testing.B) {
					if b.N == 1 {
						s.Run(b)
					}
				})
				if r.N == 0 {
					t.Error("the workload failed")
				}
			})
		}
	}
}

func TestChildrenRun(t *testing.T) {
	for kind := range children {
		m, err := measureChild(kind, 1000)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if len(m) == 0 {
			t.Errorf("%s: no metrics", kind)
		}
	}
}

func TestTheCompilerTakesItsPackage(t *testing.T) {
	dir, err := asyncPackage(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := pinionAsync(dir); err != nil {
		t.Fatal(err)
	}
	if err := goVet(dir); err != nil {
		t.Fatal(err)
	}
}

func TestPairsCompareAMetric(t *testing.T) {
	for _, p := range Pairs() {
		if p.Name == "" || p.What == "" || p.Unit == "" || p.Ours.Run == nil || p.Theirs.Run == nil {
			t.Errorf("incomplete pair %+v", p)
		}
	}
}
