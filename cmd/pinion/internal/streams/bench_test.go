package streams

import (
	"bytes"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// BenchmarkRead reads the same texts as streams of either form, in chunks and
// interleaved, and the plain way, one after the other: what the streams do on top of that are a
// wake, a poll and a copy for each chunk.
func BenchmarkRead(b *testing.B) {
	text := bytes.Repeat([]byte("a line of a few words\n"), 1000)
	texts := make([][]byte, 256)
	for i := range texts {
		texts[i] = text
	}
	list := sources(texts)
	total := int64(len(text) * len(texts))
	for _, f := range []form{byHand, byAsync} {
		name := "streams"
		if f.async {
			name = "async"
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(total)
			b.ReportAllocs()
			chunks := int64(0)
			for b.Loop() {
				var faults fault.Ledger
				var done Reading
				r := newRun(b.Context(), Config{Sources: list, AtOnce: len(list), Chunk: 1024, Faults: &faults}, f)
				if _, err := r.read(&done); err != nil || faults.Total() > 0 {
					b.Fatal(err, faults.List())
				}
				r.cancel()
				chunks += done.Chunks
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(chunks), "ns/chunk")
		})
	}
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(total)
		b.ReportAllocs()
		in := newPlainBuffer()
		for b.Loop() {
			for _, text := range texts {
				if _, err := readPlain(in, bytes.NewReader(text)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
