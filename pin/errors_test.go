package pin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

func TestEveryErrorSaysWhichRuleWasBrokenByWhatAndTheWayOut(t *testing.T) {
	for _, c := range []struct {
		err   error
		parts []string // of the text, in this order
	}{
		{pin.ErrFull, []string{"full", "release values", "Capacity"}},
		{pin.ErrClosed, []string{"closed", "before Close"}},
		{pin.ErrInitOver, []string{"Init has returned", "before that"}},
		{pin.ErrCorrupt, []string{"contradicts itself", "two goroutines"}},

		{&pin.StaleError{Type: "conn"}, []string{"zero Pin[conn]", "New has returned"}},
		{&pin.StaleError{Want: 5, Got: 6, Addr: 0xa0, Type: "conn"}, []string{"Pin[conn] of 0xa0", "generation is 5, the slot's is 6", "released; use Try"}},
		{&pin.StaleError{Want: 5, Got: 9, Addr: 0xa0, Type: "conn"}, []string{"generation is 5, the slot's is 9", "used again", "Hold to keep it"}},
		{&pin.StaleError{Want: 5, Got: 0, Addr: 0xa0, Type: "conn"}, []string{"generation is 5, the slot's is 0", "arena was closed", "after Close"}},
		{&pin.StaleError{Want: 5, Got: 5, Addr: 0xa0, Type: "conn", Foreign: true}, []string{"of another arena", "use it there"}},

		{&pin.HoldError{Addr: 0xa0, Gen: 7, Type: "conn"}, []string{"Pin[conn] of 0xa0, generation 7", "Unhold without Hold", "once for each"}},
		{&pin.HoldError{Addr: 0xa0, Gen: 7, Holds: 4294967295, Type: "conn"}, []string{"0xa0", "held 4294967295 times", "Unhold for each"}},

		{&pin.LeakError{Type: "conn", Pinned: 2, Held: 1, Busy: 3, Leaks: []pin.Leak{
			{Addr: 0xa0, Gen: 3, Where: "main.f f.go:1\nmain.main m.go:2"},
			{Addr: 0xb0, Gen: 5, Holds: 4, Done: true},
		}}, []string{
			"arena of conn", "2 values are pinned, 1 are held, 3 are being built or dropped", "release them",
			"0xa0, generation 3, pinned, held 0 times, from\n\t\tmain.f f.go:1\n\t\tmain.main m.go:2",
			"0xb0, generation 5, released, held 4 times", "and 1 more",
		}},

		{&pin.PoisonError{Addr: 0xa0, Offset: 8, Found: 1, Want: 0xdb, Type: "conn"}, []string{"reclaimed conn at 0xa0 was written to", "byte 8 is 0x1, not 0xdb", "release it later"}},
		{&pin.PointerError{Type: "conn", Path: "buf[0].next", Pointer: "*conn"}, []string{"type conn cannot be off-heap", "buf[0].next is a *conn", "unsafeptr.Rel"}},
		{&pin.PointerError{Type: "string", Pointer: "string"}, []string{"the value is a string", "leave OffHeap out"}},

		{&pin.RangeError{Op: "Bind", What: "the field", Addr: 0xa0, Size: 8, OwnerAddr: 0xb0, OwnerSize: 64}, []string{"Bind: the field [0xa0,+8)", "owner [0xb0,+64)", "pin other things by themselves"}},
		{&pin.StaleSelfError{Self: 0xa0, Points: 0xc0, Type: "byte", OwnerAddr: 0xb0, OwnerSize: 64}, []string{"Self at 0xa0", "a byte at 0xc0", "owner [0xb0,+64)", "copied or moved after Bind", "bind it again"}},
		{&pin.MovedError{Pinned: 0xa0, Now: 0xb0}, []string{"pinned at 0xa0 was found at 0xb0", "copied", "use it through a pointer"}},
		{&pin.CapacityError{Op: "NewBlock", Capacity: -1, Size: 64, Type: "conn"}, []string{"NewBlock of -1 values of type conn, 64 bytes each", "must not be negative"}},
		{&pin.CapacityError{Op: "NewArena", Capacity: 1 << 30, Size: 64, Type: "conn"}, []string{"NewArena of 1073741824 values", "no addresses", "ask for fewer"}},
		{&pin.RuntimeError{Assumption: "the sky is up", Found: "it fell", Version: "go9"}, []string{"(go9)", "the sky is up", "found that it fell", "build with a Go release"}},
	} {
		text := c.err.Error()
		if !strings.HasPrefix(text, "pin: ") {
			t.Errorf("%T does not say where it is from: %s", c.err, text)
		}
		rest := text
		for _, part := range c.parts {
			_, after, ok := strings.Cut(rest, part)
			if !ok {
				t.Errorf("%T lacks %q, in this order: %s", c.err, part, text)
				break
			}
			rest = after
		}
	}
}

func TestPrintedPinSaysWhatItIsAHandleOf(t *testing.T) {
	a := newArena[value64](t, pin.Options{})
	p := must(a.New(nil))
	want := fmt.Sprintf("Pin[pin_test.value64](%p, generation 1)", p.Get())
	if got := p.String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	p.Release()
	if got := fmt.Sprint(p); !strings.HasSuffix(got, ", generation 1)") {
		t.Errorf("a stale Pin prints as %s", got)
	}
	if got := fmt.Sprint(pin.Pin[int]{}); got != "Pin[int](0x0, generation 0)" {
		t.Errorf("the zero Pin prints as %s", got)
	}
}
