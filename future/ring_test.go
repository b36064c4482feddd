package future

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRingIsAQueue(t *testing.T) {
	for _, start := range []uint32{0, 1<<32 - 3, 1<<32 - 40, 1<<31 - 5} { // the counters wrap
		r := ring{head: start, tail: start}
		var model []uint32
		rng := rand.New(rand.NewPCG(1, uint64(start)))
		for i := range uint32(5000) {
			switch op := rng.IntN(10); {
			case op < 5 || len(model) == 0:
				r.push(i)
				model = append(model, i)
			case op < 9:
				if got := r.pop(); got != model[0] {
					t.Fatalf("start %d, step %d: popped %d, want %d", start, i, got, model[0])
				}
				model = model[1:]
			default:
				n := rng.IntN(len(model))
				r.toFront(n)
				v := model[n]
				model = slices.Insert(slices.Delete(model, n, n+1), 0, v)
			}
			if r.len() != len(model) {
				t.Fatalf("start %d, step %d: %d entries, want %d", start, i, r.len(), len(model))
			}
		}
		for _, want := range model {
			if got := r.pop(); got != want {
				t.Fatalf("start %d: popped %d, want %d", start, got, want)
			}
		}
	}
}

func TestRingDoesNotGrowWithoutNeed(t *testing.T) {
	var r ring
	for range 10_000 {
		for v := range uint32(16) {
			r.push(v)
		}
		for range 16 {
			r.pop()
		}
	}
	if len(r.buf) != 16 {
		t.Errorf("the ring has room for %d entries, of which 16 were there at once", len(r.buf))
	}
}
