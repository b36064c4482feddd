//go:build (linux || darwin) && !pinion_heap

package pin_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

const offHeapHere = true

// faults reports whether f touches memory that it may not.
func faults(f func()) (yes bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			_ = v.(runtime.Error)
			yes = true
		}
	}()
	f()
	return false
}

var sinkByte byte

func TestUseOfAValueThatIsGoneFaultsInAGuardedArena(t *testing.T) {
	a := newArena[[100]byte](t, pin.Options{OffHeap: true, Debug: true})
	p, neighbour := must(a.New(nil)), must(a.New(nil))
	v, w := p.Get(), neighbour.Get()
	v[99], w[0] = 1, 2
	p.Hold()
	p.Release()
	if faults(func() { v[0]++ }) {
		t.Fatal("a held value is inaccessible")
	}
	p.Unhold()
	if !faults(func() { sinkByte = v[0] }) || !faults(func() { v[99] = 1 }) {
		t.Error("a reclaimed value can be read or written")
	}
	if w[0] != 2 {
		t.Error("its neighbour was harmed")
	}
	q := must(a.New(nil))
	if q.Addr() != p.Addr() || *q.Get() != [100]byte{} {
		t.Errorf("the slot of %v was given out as %v", p, q)
	}
	v[0] = 1 // the same memory, now q's
	q.Release()
	neighbour.Release()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if !faults(func() { sinkByte = w[0] }) {
		t.Error("values of a closed arena can be read")
	}
	if _, ok := neighbour.Try(); ok {
		t.Error("a handle of a closed arena is live")
	}
}

func TestStatsCountGuards(t *testing.T) {
	a := newArena[[100]byte](t, pin.Options{OffHeap: true, Debug: true, Capacity: 50})
	if s := a.Stats(); s.Guarded != 50 || s.Slots != 50 {
		t.Errorf("%+v", s)
	}
}

func TestOffHeapMemoryIsNotTheCollectors(t *testing.T) {
	const n = 1 << 16
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	a := newArena[value64](t, pin.Options{OffHeap: true, Capacity: n})
	for range n {
		must(a.New(nil)).Get()[7] = 1
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > n*64/2 {
		t.Errorf("the Go heap grew by %d bytes for %d bytes off-heap", grown, n*80)
	}
	for p := range a.All() {
		p.Release()
	}
}
