package streams

import (
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// FuzzStreamAgreesWithPackageBytes cuts any text into any chunks.
func FuzzStreamAgreesWithPackageBytes(f *testing.F) {
	f.Add([]byte("one two\nthree"), uint16(1), uint64(1))
	f.Add([]byte("\xe2\x82 \xf0\x9f\x93\n\xc3\n\x85\xa0"), uint16(2), uint64(2))
	f.Add([]byte("a\u2003b\u3000c\u0085"), uint16(3), uint64(3))
	for i, text := range texts() {
		f.Add(text, uint16(1+i*7), uint64(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, chunk uint16, seed uint64) {
		var faults fault.Ledger
		res, err := Run(t.Context(), Config{
			Sources: sources([][]byte{text}), AtOnce: 1, Chunk: 1 + int(chunk), Seed: seed, Faults: &faults,
		})
		if err != nil || faults.Total() > 0 {
			t.Fatalf("error %v, faults %v", err, faults.List())
		}
		want := simpleTally(text)
		want.Sum = [32]byte{} // that of a single stream was compared by Run
		if res.Tally != want {
			t.Errorf("%+v, want %+v", res.Tally, want)
		}
	})
}
