package frame_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var schedules = map[string]func(*rand.Rand) func() bool{
	"always ready":   func(*rand.Rand) func() bool { return func() bool { return false } },
	"always pending": func(*rand.Rand) func() bool { return func() bool { return true } },
	"random":         func(rng *rand.Rand) func() bool { return func() bool { return rng.IntN(2) == 0 } },
}

// compare runs f in all ways and fails the test if they differ.
func compare(t *testing.T, f *function) {
	t.Helper()
	want := runNative(f)
	for name, schedule := range schedules {
		got := runCompiled(f, schedule(rand.New(rand.NewPCG(1, 2))))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s, %s: -function +future\n%s", f, name, diff)
		}
	}
}

func TestRandomFunctionsDoAsFutureWhatTheyDoInGo(t *testing.T) {
	for seed := range uint64(20000) {
		rng := rand.New(rand.NewPCG(seed, 7))
		names := 0
		f := generate(rng, &names, 3, true)
		compare(t, f)
		if t.Failed() {
			fmt.Println("seed", seed)
		}
	}
}
