package pin_test

import (
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

// value64 is the value of the benchmarks: 64 bytes.
type value64 [8]uint64

func benchArena[T any](b *testing.B, o pin.Options) *pin.Arena[T] {
	b.Helper()
	a, err := pin.NewArena[T](o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	})
	return a
}

func must[T any](p pin.Pin[T], err error) pin.Pin[T] {
	if err != nil {
		panic(err)
	}
	return p
}

var sink64 *value64

// BenchmarkPinRelease pins a new value of 64 bytes and releases it, and does the
// same with what one would use without this package.
func BenchmarkPinRelease(b *testing.B) {
	b.Run("arena", func(b *testing.B) {
		a := benchArena[value64](b, pin.Options{})
		b.ReportAllocs()
		for b.Loop() {
			must(a.New(nil)).Release()
		}
	})
	b.Run("arena/thousand", func(b *testing.B) { // pinned together, per value
		a := benchArena[value64](b, pin.Options{})
		pins := make([]pin.Pin[value64], 1000)
		b.ReportAllocs()
		for i := 0; i < b.N; i += len(pins) {
			for i := range pins {
				pins[i] = must(a.New(nil))
			}
			for _, p := range pins {
				p.Release()
			}
		}
	})
	b.Run("arena/init", func(b *testing.B) {
		a := benchArena[value64](b, pin.Options{})
		b.ReportAllocs()
		for b.Loop() {
			must(a.New(func(v *value64) error { v[0] = 1; return nil })).Release()
		}
	})
	b.Run("arena/pointers", func(b *testing.B) {
		a := benchArena[struct {
			next *value64
			rest [7]uint64
		}](b, pin.Options{})
		b.ReportAllocs()
		for b.Loop() {
			must(a.New(nil)).Release()
		}
	})
	b.Run("arena/drop", func(b *testing.B) {
		a := benchArena[dropped64](b, pin.Options{})
		b.ReportAllocs()
		for b.Loop() {
			must(a.New(nil)).Release()
		}
	})
	b.Run("arena/offheap", func(b *testing.B) {
		a := benchArena[value64](b, pin.Options{OffHeap: true})
		b.ReportAllocs()
		for b.Loop() {
			must(a.New(nil)).Release()
		}
	})
	b.Run("arena/debug", func(b *testing.B) {
		a := benchArena[value64](b, pin.Options{Debug: true})
		b.ReportAllocs()
		for b.Loop() {
			must(a.New(nil)).Release()
		}
	})
	b.Run("New", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(pin.New[value64](nil)).Release()
		}
	})
	b.Run("runtime.Pinner", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var pins runtime.Pinner
			v := new(value64)
			pins.Pin(v)
			pins.Unpin()
			sink64 = v
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink64 = new(value64)
		}
	})
}

type dropped64 struct {
	v     value64
	drops int
}

func (d *dropped64) Drop() { d.drops++ }

func BenchmarkGet(b *testing.B) {
	a := benchArena[value64](b, pin.Options{})
	p := must(a.New(nil))
	defer p.Release()
	b.Run("pin", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Get()[0]++
		}
	})
	b.Run("pointer", func(b *testing.B) {
		v := p.Get()
		b.ReportAllocs()
		for b.Loop() {
			v[0]++
		}
	})
}

func BenchmarkHoldUnhold(b *testing.B) {
	a := benchArena[value64](b, pin.Options{})
	p := must(a.New(nil))
	defer p.Release()
	b.ReportAllocs()
	for b.Loop() {
		p.Hold()
		p.Unhold()
	}
}

// BenchmarkCollect collects with a million pinned values of 64 bytes without pointers.
func BenchmarkCollect(b *testing.B) {
	const n = 1_000_000
	for name, o := range map[string]pin.Options{"heap": {}, "offheap": {OffHeap: true}} {
		b.Run(name, func(b *testing.B) {
			a := benchArena[value64](b, o)
			pins := make([]pin.Pin[value64], n)
			for i := range pins {
				pins[i] = must(a.New(nil))
			}
			b.ReportAllocs()
			for b.Loop() {
				runtime.GC()
			}
			b.StopTimer()
			for _, p := range pins {
				p.Release()
			}
		})
	}
}
