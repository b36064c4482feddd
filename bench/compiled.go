package bench

import (
	"testing"

	"github.com/pinion-go/pinion/bench/compiled"
)

// compiledPairs compare what the compiler makes of functions with what an expert
// makes of them; see package compiled.
func compiledPairs() []Pair {
	var pairs []Pair
	var ours, theirs uintptr
	for _, f := range compiled.Functions() {
		pairs = append(pairs, Pair{
			Name: "Compiled/" + f.Name, What: "poll of a compiled future: " + f.What,
			Ours: Side{"compiled", callsOf(f.Compiled)}, Theirs: Side{"by hand", callsOf(f.Hand)},
			Mark: 1.1, Unit: "ns/op", Allocs: true,
		})
		ours += f.Compiled.Size
		theirs += f.Hand.Size
	}
	return append(pairs, Pair{
		Name: "CompiledFrames", What: "frames of these futures together",
		Ours: Side{"compiled", bytesOf(ours)}, Theirs: Side{"by hand", bytesOf(theirs)},
		Mark: 1.1, Unit: "B",
	}, Pair{
		Name: "CompiledChild", What: "await of a compiled function that does not suspend",
		Ours: Side{"compiled", awaitedCalls}, Theirs: Side{"plain call", plainCalls},
		More: 15, Unit: "ns/op", Allocs: true,
	})
}

// callsOf calls a function with operations that are pending once, and as often with
// such as are ready at once.
func callsOf(w compiled.Way) func(b *testing.B) {
	return func(b *testing.B) {
		l := newLoop(b)
		defer shutdown(b, l)
		b.ReportAllocs()
		for _, waits := range []bool{false, true} {
			w.Polls(l, (b.N+1)/2, waits, func(any) {})
		}
		b.ResetTimer()
		if err := l.RunUntilIdle(); err != nil {
			b.Fatal(err)
		}
	}
}

func bytesOf(n uintptr) func(b *testing.B) {
	return func(b *testing.B) {
		b.ReportMetric(float64(n), "B")
		b.ReportMetric(0, "ns/op") // nothing is run
	}
}

func awaitedCalls(b *testing.B) {
	l := newLoop(b)
	defer shutdown(b, l)
	b.ReportAllocs()
	compiled.AwaitedCalls(l, b.N, func(v any) { sink = v.(int) })
	b.ResetTimer()
	if err := l.RunUntilIdle(); err != nil {
		b.Fatal(err)
	}
}

func plainCalls(b *testing.B) {
	b.ReportAllocs()
	sink = compiled.PlainCalls(b.N)
}

// sink keeps results from being optimised away.
var sink int
