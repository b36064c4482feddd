package pin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/pin"
)

type outer struct {
	head  uint32
	inner struct {
		buf  [32]byte
		tail uint64
	}
	next *outer
}

func TestFieldHasItsOwnersLife(t *testing.T) {
	for name, o := range map[string]pin.Options{"heap": {}, "debug": {Debug: true}} {
		t.Run(name, func(t *testing.T) {
			a := newArena[outer](t, o)
			p := must(a.New(nil))
			v := p.Get()
			buf := pin.Field(p, func(o *outer) *[32]byte { return &o.inner.buf })
			elem := pin.Field(buf, func(b *[32]byte) *byte { return &b[31] }) // a field of a field
			tail := pin.Field(p, func(o *outer) *uint64 { return &o.inner.tail })
			all := pin.Field(p, func(o *outer) *outer { return o })
			if buf.Get() != &v.inner.buf || elem.Get() != &v.inner.buf[31] || tail.Get() != &v.inner.tail || all != p {
				t.Fatal("a field's handle gives something else")
			}
			elem.Hold()
			p.Release()
			for _, stale := range []bool{isStale(p), isStale(buf), isStale(elem), isStale(tail)} {
				if !stale {
					t.Error("a field's handle survived its owner")
				}
			}
			if s := a.Stats(); s.Held != 1 {
				t.Errorf("a hold of an element does not hold the owner: %+v", s)
			}
			elem.Unhold()
			if s := a.Stats(); s.Held != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func isStale[T any](p pin.Pin[T]) bool {
	_, ok := p.Try()
	return !ok
}

func TestReleaseOfAFieldReleasesTheOwner(t *testing.T) {
	a := newArena[outer](t, pin.Options{})
	p := must(a.New(nil))
	pin.Field(p, func(o *outer) *uint64 { return &o.inner.tail }).Release()
	if a.Len() != 0 || !isStale(p) {
		t.Error("the owner lives on")
	}
}

func TestFieldOfAGuardedValueFindsItsHeaderFarAway(t *testing.T) {
	a := newArena[[9000]byte](t, pin.Options{OffHeap: true, Debug: true})
	for range 20 {
		p := must(a.New(nil))
		f := pin.Field(p, func(b *[9000]byte) *byte { return &b[8999] })
		*f.Get() = 1
		f.Hold()
		f.Release()
		f.Unhold()
		if !isStale(f) || !isStale(p) {
			t.Fatal("it is not stale")
		}
	}
}

func TestFieldOutsideOfTheValuePanics(t *testing.T) {
	a := newArena[outer](t, pin.Options{})
	p, other := must(a.New(nil)), must(a.New(nil))
	defer p.Release()
	defer other.Release()
	heap := new(uint64)
	for name, sel := range map[string]func(*outer) *uint64{
		"heap":      func(*outer) *uint64 { return heap },
		"nil":       func(*outer) *uint64 { return nil },
		"neighbour": func(*outer) *uint64 { return &other.Get().inner.tail },
	} {
		e, ok := panicOf(func() { pin.Field(p, sel) }).(*pin.RangeError)
		if !ok {
			t.Errorf("%s: no *RangeError", name)
			continue
		}
		if e.Op != "Field" || e.OwnerAddr != p.Addr() || e.OwnerSize == 0 || !strings.Contains(e.Error(), fmt.Sprintf("%#x", p.Addr())) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if v := panicOf(func() { pin.Field(p, func(*outer) *uint64 { panic("sel") }) }); v != "sel" {
		t.Errorf("a panic in sel: %v", v)
	}
}

func TestFieldOfAStaleHandlePanics(t *testing.T) {
	a := newArena[outer](t, pin.Options{})
	p := must(a.New(nil))
	p.Release()
	staleOf(t, "Field", func() {
		pin.Field(p, func(*outer) *uint64 { t.Error("sel was called"); return nil })
	})
}

func ExampleField() {
	type conn struct {
		fd  int
		buf [512]byte
	}
	arena, _ := pin.NewArena[conn](pin.Options{})
	c, _ := arena.New(nil)
	buf := pin.Field(c, func(c *conn) *[512]byte { return &c.buf })
	copy(buf.Get()[:], "for the kernel")
	fmt.Printf("%s\n", c.Get().buf[:14])

	c.Release()
	_, ok := buf.Try()
	fmt.Println(ok)
	// Output:
	// for the kernel
	// false
}

func ExampleRangeError() {
	p, _ := pin.New[[4]int](nil)
	defer p.Release()
	outside := new(int)
	defer func() {
		e, _ := recover().(*pin.RangeError)
		fmt.Println(e.Op, e.Addr == p.Addr(), e.OwnerAddr == p.Addr())
	}()
	pin.Field(p, func(*[4]int) *int { return outside })
	// Output: Field false true
}
