package fuzz

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// entry is a member of an intrusive list, whose first is at head.
type entry struct {
	next, prev *entry
	list       *entryList
	self       pin.Self[int]
	n          int
	forgetful  bool // Drop does not take it out
}

type entryList struct{ head, tail *entry }

func (e *entry) Drop() {
	if e.forgetful {
		return
	}
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		e.list.head = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		e.list.tail = e.prev
	}
}

func (e *entry) Invariants() error { return e.self.Check(unsafeptr.RangeOf(e)) }

// newEntry returns an init that appends to a list of each run.
func newEntry(forgetful bool) func(*entry) error {
	list := &entryList{}
	return func(e *entry) error {
		e.list, e.forgetful = list, forgetful
		pin.Bind(e, &e.self, &e.n)
		if e.prev = list.tail; e.prev != nil {
			e.prev.next = e
		} else {
			list.head = e
		}
		list.tail = e
		return nil
	}
}

var entryOps = []Op[entry]{
	{Name: "set", Args: 1, Do: func(e *entry, args Args) error { *e.self.Get() = int(args[0]); return nil }},
	{Name: "count", Do: func(e *entry, args Args) error {
		x := e.list.head
		for range maxPinned { // a list that is broken may be endless
			if x == nil {
				break
			}
			x.n++
			x = x.next
		}
		return nil
	}},
}

func FuzzEntry(f *testing.F) { Pinned(f, newEntry(false), entryOps...) }

// fate runs random ops and returns how they failed, if they did.
func fate[T any](m *Machine[herd[T]]) error {
	for seed := range uint64(30) {
		if err := m.Shrink(m.Random(seed, 100)); err != nil {
			return err
		}
	}
	return nil
}

func wantFate[T any](t *testing.T, want string, init func(*T) error, ops ...Op[T]) {
	t.Helper()
	err := fate(pinnedMachine(init, ops))
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("want %q, got %v", want, err)
	}
}

func TestPinnedFindsWritesToValuesThatAreGone(t *testing.T) {
	wantFate(t, "was written to", newEntry(true), entryOps...)
}

func TestPinnedFindsASelfPointerThatWasBoundTooEarly(t *testing.T) {
	wantFate(t, "was copied or moved after Bind", func(e *entry) error {
		var built entry
		pin.Bind(&built, &built.self, &built.n)
		*e = built
		e.forgetful = true
		return nil
	})
}

func TestPinnedFindsOpsThatFail(t *testing.T) {
	wantFate(t, "this op fails", nil, Op[int]{Name: "fail", Do: func(n *int, args Args) error {
		if *n++; *n > 3 {
			return errors.New("this op fails")
		}
		return nil
	}})
	wantFate(t, "index out of range", nil, Op[[4]int]{Name: "panic", Args: 3, Do: func(a *[4]int, args Args) error {
		a[args[2]%5]++
		return nil
	}})
	wantFate(t, "no memory", func(*int) error { return errors.New("no memory") })
}

func TestPinnedFindsDropsThatPanic(t *testing.T) {
	wantFate(t, "two of them", func(d *dropsOnce) error { d.n++; return nil }, Op[dropsOnce]{Name: "again", Do: func(d *dropsOnce, args Args) error {
		d.n++
		return nil
	}})
}

type dropsOnce struct{ n int }

func (d *dropsOnce) Drop() {
	if d.n > 1 {
		panic("two of them")
	}
}

func TestPinnedFindsInvariantsThatDoNotHold(t *testing.T) {
	wantFate(t, "7 is odd", nil, Op[even]{Name: "set", Args: 1, Do: func(e *even, args Args) error {
		if *e = even(args[0] &^ 1); args[0] == 70 {
			*e = 7
		}
		return nil
	}})
}

type even int

func (e *even) Invariants() error {
	if *e%2 != 0 {
		return fmt.Errorf("%d is odd", *e)
	}
	return nil
}

func TestPinnedPassesTypesThatAreAsTheyShouldBe(t *testing.T) {
	wantFate(t, "", newEntry(false), entryOps...)
	wantFate[struct{}](t, "", nil)
	wantFate[[3]string](t, "", nil, Op[[3]string]{Name: "append", Args: 2, Do: func(a *[3]string, args Args) error {
		a[args.Pick(0, 3)] += string(rune(args[1]))
		return nil
	}})
}

func TestPinnedRefusesOpsWithTooManyArguments(t *testing.T) {
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "from 0 to 3") {
			t.Errorf("%q", v)
		}
	}()
	pinnedMachine(nil, []Op[int]{{Name: "four", Args: 4, Do: func(*int, Args) error { return nil }}})
}

func ExamplePinned() {
	// A counter with a pointer to itself, and the fuzz target for it:
	//
	//	func FuzzCounter(f *testing.F) { fuzz.Pinned(f, newCounter, add) }
	type counter struct {
		n    int
		self pin.Self[int]
	}
	newCounter := func(c *counter) error {
		pin.Bind(c, &c.self, &c.n)
		return nil
	}
	add := Op[counter]{Name: "add", Args: 1, Do: func(c *counter, args Args) error {
		if *c.self.Get() += int(args[0]); c.n > 200 {
			return fmt.Errorf("the counter is at %d", c.n)
		}
		return nil
	}}

	// What a crash looks like:
	m := pinnedMachine(newCounter, []Op[counter]{add})
	input, _ := m.Encode("pin:new; pin:new; add 0 90; pin:hold 1; add 0 90; add 1 10; add 0 60; pin:release 0")
	f := m.Shrink(input).(*Failure)
	fmt.Println(f.Err)
	fmt.Println(strings.Join(f.Ops, "; "))
	// Output:
	// the counter is at 201
	// pin:new; add 0 66; add 0 78; add 0 57
}
