package fuzz_test

import (
	"reflect"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// places is the number of kinds of places that place knows.
const places = 12

// place copies v by one of the ways that Go has, and returns where it ended up. What
// keeps the value is the variable, the slice, and so on itself. free ends
// the place and may be nil.
func place[T any](v *T, kind int) (at func() *T, free func()) {
	heap := func(p *T) func() *T { return func() *T { return p } }
	switch kind % places {
	case 0: // assigned to a variable
		p := new(T)
		*p = *v
		return heap(p), nil
	case 1: // appended to a slice that then grows
		s := append([]T{*new(T)}, *v)
		for range 5 {
			s = append(s, *new(T))
		}
		return func() *T { return &s[1] }, nil
	case 2: // stored in a map that then grows
		m := map[int]T{}
		for i := range 20 {
			m[i] = *v
		}
		p := m[7]
		return heap(&p), nil
	case 3: // sent on a channel
		c := make(chan T, 2)
		c <- *v
		p := <-c
		return heap(&p), nil
	case 4: // boxed
		p := any(*v).(T)
		return heap(&p), nil
	case 5: // by reflect
		p := reflect.New(reflect.TypeFor[T]())
		p.Elem().Set(reflect.ValueOf(v).Elem())
		return func() *T { return p.Interface().(*T) }, nil
	case 6: // inside of something else
		p := &struct {
			_ byte
			a [2]T
		}{a: [2]T{1: *v}}
		return func() *T { return &p.a[1] }, nil
	case 7: // pinned in a block
		b, err := pin.NewBlock[T](2)
		if err != nil {
			panic(err)
		}
		*b.At(1) = *v
		return func() *T { return b.At(1) }, b.Close
	case 8: // pinned by itself
		h, err := pin.New(func(p *T) error { *p = *v; return nil })
		if err != nil {
			panic(err)
		}
		return h.Get, h.Release
	case 9: // by copy
		s := make([]T, 2)
		copy(s[1:], sliceOf(v))
		return func() *T { return &s[1] }, nil
	case 10: // passed to a function and returned by it
		p := identity(*v)
		return heap(&p), nil
	default: // byte by byte, of a type without pointers
		if unsafeptr.LayoutOf[T]().HasPointers() {
			return place(v, 0)
		}
		p := new(T)
		copy(unsafeptr.Bytes(p), unsafeptr.Bytes(v))
		return heap(p), nil
	}
}

//go:noinline
func identity[T any](v T) (same T) {
	same = v
	return
}

// sliceOf returns *v as a slice, by way of an array of one.
func sliceOf[T any](v *T) []T {
	a := [1]T{*v}
	return a[:]
}

// growStack uses about n KiB of stack.
//
//go:noinline
func growStack(n int) byte {
	var frame [1024]byte
	frame[n%len(frame)] = byte(n)
	if n == 0 {
		return frame[0]
	}
	return growStack(n-1) + frame[n%len(frame)]
}
