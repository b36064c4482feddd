package pin_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

func TestSingleValueLivesUntilReleaseAndHolds(t *testing.T) {
	drops := 0
	p := must(pin.New(func(d *dropCounter) error { d.drops, d.data = &drops, 5; return nil }))
	addr := p.Addr()
	runtime.GC()
	deep(64)
	if p.Get().data != 5 || p.Addr() != addr {
		t.Error("it did not stay")
	}
	p.Hold()
	p.Release()
	if drops != 0 {
		t.Error("dropped while held")
	}
	p.Unhold()
	if drops != 1 {
		t.Errorf("dropped %d times", drops)
	}
	staleOf(t, "Get", func() { p.Get() })
	staleOf(t, "Release", p.Release)
	staleOf(t, "Unhold", p.Unhold)
}

func TestSingleValuesAreCollectedAfterRelease(t *testing.T) {
	collected := make(chan struct{})
	func() {
		p := must(pin.New[[100]*int](nil))
		runtime.AddCleanup(p.Get(), func(struct{}) { close(collected) }, struct{}{})
		runtime.GC()
		runtime.GC()
		select {
		case <-collected:
			t.Error("collected while pinned")
		default:
		}
		p.Release()
	}()
	runtime.GC()
	<-collected
}

func TestManySingleValues(t *testing.T) {
	const n = 2000
	var pins []pin.Pin[node]
	for i := range n {
		pins = append(pins, must(pin.New(func(v *node) error { v.self, v.n = v, i; return nil })))
	}
	runtime.GC()
	for i, p := range pins {
		if v := p.Get(); v.self != v || v.n != i {
			t.Fatalf("value %d is %+v", i, *v)
		}
		if i%2 == 0 {
			p.Release()
		}
	}
	for i, p := range pins {
		if isStale(p) != (i%2 == 0) {
			t.Fatalf("value %d: stale %t", i, isStale(p))
		}
		if i%2 == 1 {
			p.Release()
		}
	}
}

func TestSingleInitThatFailsLeavesNothing(t *testing.T) {
	if p, err := pin.New(func(*int) error { return errInit }); err != errInit || !p.IsZero() {
		t.Errorf("%v, %v", p, err)
	}
	if v := panicOf(func() { _, _ = pin.New(func(*int) error { panic("init") }) }); v != "init" {
		t.Errorf("%v", v)
	}
}

func TestSinglePanicInDropReachesTheCaller(t *testing.T) {
	p := must(pin.New(func(c *calls) error { c.drop = func() { panic("drop") }; return nil }))
	if v := panicOf(p.Release); v != "drop" {
		t.Errorf("%v", v)
	}
	if !isStale(p) {
		t.Error("it lives on")
	}
}

func ExampleNew() {
	p, err := pin.New(func(buf *[4096]byte) error {
		copy(buf[:], "one buffer")
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Release()
	fmt.Printf("%s\n", p.Get()[:10])
	// Output: one buffer
}
