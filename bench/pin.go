package bench

import (
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

type value64 [64]byte

func pinPairs() []Pair {
	return []Pair{{
		Name: "Pin", What: "pin a 64 B value and release it",
		Ours: Side{"arena", pinArena}, Theirs: Side{"new+runtime.Pinner", pinPinner},
		Mark: 1.0 / 12, Unit: "ns/op", Allocs: true,
	}}
}

func pinArena(b *testing.B) {
	a, err := pin.NewArena[value64](pin.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		p, err := a.New(nil)
		if err != nil {
			b.Fatal(err)
		}
		p.Get()[0] = 1
		p.Release()
	}
	b.StopTimer()
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
}

func pinPinner(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		v := new(value64)
		var p runtime.Pinner
		p.Pin(v)
		v[0] = 1
		p.Unpin()
	}
}
