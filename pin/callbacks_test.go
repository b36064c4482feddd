package pin_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

func TestInitThatFailsLeavesTheSlotUsable(t *testing.T) {
	for name, o := range allOptions {
		t.Run(name, func(t *testing.T) {
			o.Capacity = 1 // so that a slot that is lost is missed
			a := newArena[[2]uint64](t, o)
			for range 3 {
				if p, err := a.New(func(v *[2]uint64) error { v[0] = 1; return errInit }); err != errInit || !p.IsZero() {
					t.Fatalf("error: %v, %v", p, err)
				}
				if v := panicOf(func() { _, _ = a.New(func(v *[2]uint64) error { v[0] = 2; panic("init") }) }); v != "init" {
					t.Fatalf("panic: %v", v)
				}
				done := make(chan bool)
				go func() {
					returned := false
					defer func() { done <- returned }()
					_, _ = a.New(func(v *[2]uint64) error { v[0] = 3; runtime.Goexit(); return nil })
					returned = true
				}()
				if <-done {
					t.Fatal("Goexit in init did not end the goroutine")
				}
				if err := a.Invariants(); err != nil {
					t.Fatal(err)
				}
				p := must(a.New(nil))
				if *p.Get() != [2]uint64{} {
					t.Errorf("it holds %v", *p.Get())
				}
				p.Release()
			}
		})
	}
}

func TestFailedInitIsNotDropped(t *testing.T) {
	a := newArena[dropCounter](t, pin.Options{})
	drops := 0
	if _, err := a.New(func(d *dropCounter) error { d.drops = &drops; return errInit }); err != errInit {
		t.Fatal(err)
	}
	if drops != 0 {
		t.Error("a value that was never complete was dropped")
	}
}

func TestInitMayUseTheArena(t *testing.T) {
	for name, o := range allOptions {
		t.Run(name, func(t *testing.T) {
			a := newArena[[5]uint64](t, o)
			var inner []pin.Pin[[5]uint64]
			outer := must(a.New(func(v *[5]uint64) error {
				addr := unsafeptr.Addr(v)
				for i := range 90 { // the arena grows while this slot is being built
					p := must(a.New(nil))
					p.Get()[0] = uint64(i)
					inner = append(inner, p)
				}
				inner[7].Release()
				must(a.New(nil)).Release()
				v[0] = uint64(addr)
				return a.Invariants()
			}))
			if outer.Get()[0] != uint64(outer.Addr()) {
				t.Error("the value was moved while it was built")
			}
			outer.Release()
			for i, p := range inner {
				if v, ok := p.Try(); ok != (i != 7) || ok && v[0] != uint64(i) {
					t.Fatalf("value %d: %v, %t", i, v, ok)
				} else if ok {
					p.Release()
				}
			}
		})
	}
}

func TestDropMayUseTheArena(t *testing.T) {
	for name, o := range map[string]pin.Options{"growing": {}, "debug": {Debug: true}, "trace": {Trace: true}} {
		t.Run(name, func(t *testing.T) {
			a := newArena[calls](t, o)
			var order []string
			child := must(a.New(func(c *calls) error {
				c.drop = func() { order = append(order, "child") }
				return nil
			}))
			var made []pin.Pin[calls]
			parent := must(a.New(func(c *calls) error {
				c.drop = func() {
					child.Release()
					for range 200 {
						made = append(made, must(a.New(nil)))
					}
					if err := a.Invariants(); err != nil {
						t.Error(err)
					}
					order = append(order, "parent")
				}
				return nil
			}))
			parent.Release()
			if got := strings.Join(order, " "); got != "child parent" {
				t.Errorf("dropped: %s", got)
			}
			for _, p := range made {
				if p.Addr() == parent.Addr() {
					t.Error("the slot was used again before Drop had ended")
				}
				p.Release()
			}
		})
	}
}

// calls is a value of which Drop does what the test says.
type calls struct{ drop func() }

func (c *calls) Drop() {
	if c.drop != nil {
		c.drop()
	}
}

func TestReleaseOfItselfInDropIsStale(t *testing.T) {
	a := newArena[calls](t, pin.Options{})
	p := must(a.New(nil))
	var found any
	p.Get().drop = func() { found = panicOf(p.Release) }
	p.Release()
	if _, ok := found.(*pin.StaleError); !ok {
		t.Errorf("%v", found)
	}
}

func TestPanicAndGoexitInDropLeaveTheSlotUsable(t *testing.T) {
	a := newArena[calls](t, pin.Options{Capacity: 1})
	p := must(a.New(nil))
	p.Get().drop = func() { panic(errInit) }
	if v := panicOf(p.Release); v != errInit {
		t.Errorf("Release panics with %v", v)
	}
	p = must(a.New(nil))
	p.Get().drop = func() { panic(errInit) }
	p.Hold()
	p.Release()
	if v := panicOf(p.Unhold); v != errInit {
		t.Errorf("Unhold panics with %v", v)
	}
	p = must(a.New(nil))
	p.Get().drop = runtime.Goexit
	var wg sync.WaitGroup
	wg.Go(func() { p.Release(); t.Error("Release returned") })
	wg.Wait()
	if err := a.Invariants(); err != nil {
		t.Fatal(err)
	}
	must(a.New(nil)).Release()
}

func TestPanicInDropShowsWhereItHappened(t *testing.T) {
	a := newArena[calls](t, pin.Options{})
	p := must(a.New(nil))
	p.Get().drop = func() { panicHere() }
	var stack string
	func() {
		defer func() {
			_ = recover()
			buf := make([]byte, 1<<16)
			stack = string(buf[:runtime.Stack(buf, false)])
		}()
		p.Release()
	}()
	if !strings.Contains(stack, "panicHere") {
		t.Errorf("the stack at the deferred call lacks the place of the panic:\n%s", stack)
	}
}

//go:noinline
func panicHere() { panic("here") }

type file struct{ name string }

func (f *file) Drop() { fmt.Println("dropped", f.name) }

func ExampleDropper() {
	arena, _ := pin.NewArena[file](pin.Options{})
	p, _ := arena.New(func(f *file) error { f.name = "a.txt"; return nil })
	p.Release()
	// Output: dropped a.txt
}
