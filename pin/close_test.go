package pin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

func TestCloseListsWhatLivesAndFreesNothing(t *testing.T) {
	for name, o := range allOptions {
		t.Run(name, func(t *testing.T) {
			a := newArena[[4]uint64](t, o)
			pinned, held := must(a.New(nil)), must(a.New(nil))
			pinned.Hold()
			pinned.Get()[0] = 42
			v := held.Get()
			v[1] = 43
			held.Hold()
			held.Release()

			var leak *pin.LeakError
			for range 2 {
				if err := a.Close(); !errors.As(err, &leak) {
					t.Fatalf("Close: %v", err)
				}
			}
			if leak.Pinned != 1 || leak.Held != 1 || leak.Busy != 0 || len(leak.Leaks) != 2 || leak.Type != "[4]uint64" {
				t.Fatalf("%+v", leak)
			}
			byAddr := map[uintptr]pin.Leak{leak.Leaks[0].Addr: leak.Leaks[0], leak.Leaks[1].Addr: leak.Leaks[1]}
			if l := byAddr[pinned.Addr()]; l.Done || l.Gen != 1 || l.Holds != 1 {
				t.Errorf("the pinned one: %+v", l)
			}
			if l := byAddr[held.Addr()]; !l.Done || l.Gen != 1 || l.Holds != 1 {
				t.Errorf("the held one: %+v", l)
			}
			for _, l := range leak.Leaks {
				if got := strings.Contains(l.Where, "TestCloseListsWhatLivesAndFreesNothing") && strings.Contains(l.Where, "close_test.go:"); got != o.Trace {
					t.Errorf("with Trace %t, Where is %q", o.Trace, l.Where)
				}
			}
			for _, want := range []string{fmt.Sprintf("%#x", pinned.Addr()), "1 values are pinned, 1 are held", "generation 1", "released"} {
				if !strings.Contains(leak.Error(), want) {
					t.Errorf("%q lacks %q", leak, want)
				}
			}

			if _, err := a.New(nil); !errors.Is(err, pin.ErrClosed) {
				t.Errorf("New: %v", err)
			}
			if pinned.Get()[0] != 42 || v[1] != 43 || a.Check(pinned) != nil || a.Len() != 1 {
				t.Error("Close harmed what lives")
			}
			pinned.Unhold()
			pinned.Release()
			held.Unhold()
			for range 2 {
				if err := a.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := a.New(nil); !errors.Is(err, pin.ErrClosed) {
				t.Errorf("New: %v", err)
			}
			for _, p := range []pin.Pin[[4]uint64]{pinned, held} {
				staleOf(t, "Get after Close", func() { p.Get() })
				staleOf(t, "Unhold after Close", p.Unhold)
				var e *pin.StaleError
				if err := a.Check(p); !errors.As(err, &e) || e.Foreign {
					t.Errorf("Check after Close: %v", err)
				}
			}
			if err := a.Invariants(); err != nil {
				t.Error(err)
			}
			for range a.All() {
				t.Error("a closed arena has values")
			}
		})
	}
}

func TestCloseInCallbacksIsRefused(t *testing.T) {
	a := newArena[calls](t, pin.Options{})
	busy := func() {
		var leak *pin.LeakError
		if err := a.Close(); !errors.As(err, &leak) || leak.Busy != 1 || leak.Pinned != 0 {
			t.Errorf("%v", err)
		}
	}
	p := must(a.New(func(c *calls) error {
		busy()
		c.drop = busy
		return nil
	}))
	p.Release()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestLeakListIsBounded(t *testing.T) {
	a := newArena[int](t, pin.Options{})
	for range 1000 {
		must(a.New(nil))
	}
	var leak *pin.LeakError
	if err := a.Close(); !errors.As(err, &leak) || len(leak.Leaks) != 32 || leak.Pinned != 1000 {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(leak.Error(), "and 968 more") {
		t.Errorf("%v", leak)
	}
	for p := range a.All() {
		p.Release()
	}
}

func ExampleLeakError() {
	arena, _ := pin.NewArena[int](pin.Options{})
	p, _ := arena.New(nil)
	var leak *pin.LeakError
	fmt.Println(errors.As(arena.Close(), &leak), leak.Pinned, leak.Leaks[0].Addr == p.Addr())
	p.Release()
	fmt.Println(arena.Close())
	// Output:
	// true 1 true
	// <nil>
}

func ExampleLeak() {
	fmt.Println(pin.Leak{Addr: 0xc000, Gen: 5, Holds: 2, Done: true})
	// Output: 0xc000, generation 5, released, held 2 times
}
