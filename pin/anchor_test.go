package pin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// anchored is a value as a future is one: it looks at its anchor whenever it is used.
type anchored struct {
	before [3]uint64
	anchor pin.Anchor
	after  [3]uint64
}

func (a *anchored) use() { a.anchor.Check() }

// moved returns what f panics with as a *MovedError, nil if it does not panic.
func moved(t *testing.T, f func()) (err *pin.MovedError) {
	t.Helper()
	defer func() {
		if v := recover(); v != nil {
			err = v.(*pin.MovedError)
		}
	}()
	f()
	return nil
}

func TestAnchorIsSilentWhileItStays(t *testing.T) {
	a := new(anchored)
	if a.anchor.Pinned() {
		t.Error("a fresh anchor says that it is pinned")
	}
	for range 3 {
		a.use()
		if err := a.anchor.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if !a.anchor.Pinned() {
		t.Error("a checked anchor says that it is not pinned")
	}
}

func TestAnchorMayMoveWhileFresh(t *testing.T) {
	fresh := anchored{}
	s := []anchored{fresh}
	for range 10 {
		s = append(s, fresh)
	}
	m := map[int]anchored{1: s[3]}
	got := m[1]
	got.use()
}

func TestAnchorCatchesEveryKindOfMove(t *testing.T) {
	pinnedOne := func() *anchored {
		a := new(anchored)
		a.use()
		return a
	}
	moves := map[string]func(a *anchored) *anchored{
		"copied":        func(a *anchored) *anchored { c := *a; return &c },
		"appended":      func(a *anchored) *anchored { s := append([]anchored(nil), *a); return &s[0] },
		"stored in map": func(a *anchored) *anchored { m := map[int]anchored{0: *a}; c := m[0]; return &c },
		"boxed":         func(a *anchored) *anchored { c := any(*a).(anchored); return &c },
		"sent": func(a *anchored) *anchored {
			ch := make(chan anchored, 1)
			ch <- *a
			c := <-ch
			return &c
		},
		"returned": func(a *anchored) *anchored { c := func() anchored { return *a }(); return &c },
		"grown slice": func(*anchored) *anchored {
			s := make([]anchored, 1)
			s[0].use()
			s = append(s, make([]anchored, 10)...)
			return &s[0]
		},
		"shifted by one": func(*anchored) *anchored {
			s := make([]anchored, 2)
			s[0].use()
			copy(s[1:], s)
			return &s[1]
		},
	}
	for name, move := range moves {
		t.Run(name, func(t *testing.T) {
			a := pinnedOne()
			b := move(a)
			for range 2 { // a check that failed has to fail again
				err := moved(t, b.use)
				if err == nil {
					t.Fatal("the move went unnoticed")
				}
				if err.Pinned == 0 || err.Now != unsafeptr.Addr(&b.anchor) || err.Now == err.Pinned {
					t.Errorf("%+v for an anchor at %#x", err, unsafeptr.Addr(&b.anchor))
				}
			}
			var e *pin.MovedError
			if err := b.anchor.Err(); !errors.As(err, &e) {
				t.Errorf("Err is %v", err)
			}
			if !b.anchor.Pinned() {
				t.Error("the copy of a pinned anchor is fresh")
			}
			a.use() // the original stays good
		})
	}
}

func TestAnchorOverwrittenByAFreshValueIsFresh(t *testing.T) {
	a := new(anchored)
	a.use()
	*a = anchored{}
	if a.anchor.Pinned() {
		t.Error("the new value is pinned")
	}
	a.use()
}

//go:noinline
func deep(n int) byte {
	var frame [1024]byte
	frame[n%len(frame)] = byte(n)
	if n == 0 {
		return frame[0]
	}
	return deep(n-1) + frame[0]
}

func TestAnchorOnAStackNoticesItsGrowth(t *testing.T) {
	type result struct {
		before, after uintptr
		err           error
	}
	done := make(chan result)
	go func() {
		var a anchored // stays on the stack, as TestAnchorAllocatesNothing shows
		a.use()
		before := unsafeptr.Addr(&a)
		deep(256)
		done <- result{before, unsafeptr.Addr(&a), a.anchor.Err()}
	}()
	r := <-done
	if moved := r.before != r.after; moved != (r.err != nil) {
		t.Errorf("the stack moved it: %t, the anchor says %v", moved, r.err)
	}
}

func TestAnchorAllocatesNothing(t *testing.T) {
	n := testing.AllocsPerRun(100, func() {
		var a anchored
		a.use()
		if a.anchor.Err() != nil || !a.anchor.Pinned() {
			panic("moved")
		}
	})
	if n != 0 {
		t.Errorf("checking an anchor allocates %v times", n)
	}
}

func TestMovedErrorNamesBothAddressesAndTheWayOut(t *testing.T) {
	msg := (&pin.MovedError{Pinned: 0x1000, Now: 0x2000}).Error()
	for _, want := range []string{"0x1000", "0x2000", "Arena"} {
		if !strings.Contains(msg, want) {
			t.Errorf("%q lacks %q", msg, want)
		}
	}
}

func ExampleAnchor() {
	type machine struct {
		anchor pin.Anchor
		state  int
	}
	step := func(m *machine) error {
		if err := m.anchor.Err(); err != nil {
			return err
		}
		m.state++
		return nil
	}
	m := new(machine)
	fmt.Println(step(m))

	copied := *m
	fmt.Println(step(&copied) != nil)
	// Output:
	// <nil>
	// true
}

func ExampleMovedError() {
	a := new(pin.Anchor)
	a.Check()
	b := *a
	var moved *pin.MovedError
	fmt.Println(errors.As(b.Err(), &moved), moved.Now != moved.Pinned)
	// Output: true true
}

func BenchmarkAnchorCheck(b *testing.B) {
	a := new(anchored)
	b.ReportAllocs()
	for b.Loop() {
		a.use()
	}
}
