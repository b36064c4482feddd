package unsafeptr_test

import (
	"fmt"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

func addrOf[T any](p *T) uintptr { return unsafeptr.Addr(p) }

func TestAddrIsWhatPercentPPrints(t *testing.T) {
	v := new([2]int)
	for _, p := range []*int{&v[0], &v[1]} {
		if got, want := fmt.Sprintf("%#x", unsafeptr.Addr(p)), fmt.Sprintf("%p", p); got != want {
			t.Errorf("Addr = %s, want %s", got, want)
		}
	}
}

func TestAddrOfNilIsZero(t *testing.T) {
	if got := unsafeptr.Addr[int](nil); got != 0 {
		t.Errorf("Addr(nil) = %#x", got)
	}
}

func TestAddrOrdersTheElementsOfAnArray(t *testing.T) {
	v := new([8]uint32)
	for i := range v {
		if got, want := unsafeptr.Addr(&v[i])-unsafeptr.Addr(v), uintptr(4*i); got != want {
			t.Errorf("element %d is %d bytes from the start, want %d", i, got, want)
		}
	}
}

// A local variable of 4 KiB that escaped would cost an allocation a run.
func TestNothingMakesItsArgumentEscape(t *testing.T) {
	type owner struct {
		rel unsafeptr.Rel[int]
		n   int
		big [4096]byte
	}
	sum := uintptr(0)
	count := func(ok bool) {
		if ok {
			sum++
		}
	}
	for name, f := range map[string]func(){
		"Addr":         func() { var v owner; sum += unsafeptr.Addr(&v) },
		"RangeOf":      func() { var v owner; sum += unsafeptr.RangeOf(&v).Base() },
		"RangeOfSlice": func() { var v owner; sum += unsafeptr.RangeOfSlice(v.big[:]).Size() },
		"Contains":     func() { var v owner; count(unsafeptr.Contains(unsafeptr.RangeOf(&v), &v.n)) },
		"ContainsSlice": func() {
			var v owner
			count(unsafeptr.ContainsSlice(unsafeptr.RangeOf(&v), v.big[1:]))
		},
		"OffsetOf": func() {
			var v owner
			off, _ := unsafeptr.OffsetOf(unsafeptr.RangeOf(&v), &v.n)
			sum += off
		},
		"Overlaps": func() { var v, w owner; count(unsafeptr.RangeOf(&v).Overlaps(unsafeptr.RangeOf(&w))) },
		"Bytes":    func() { var v owner; sum += uintptr(unsafeptr.Bytes(&v)[9]) },
		"BytesOf":  func() { var v owner; sum += uintptr(unsafeptr.BytesOf(v.big[:])[9]) },
		"Rel.Set":  func() { var v owner; v.rel.Set(&v.n); sum += uintptr(*v.rel.Get()) },
		"Rel.SetIn": func() {
			var v owner
			count(v.rel.SetIn(unsafeptr.RangeOf(&v), &v.n) == nil)
		},
		"Tag": func() { var v owner; sum += uintptr(unsafeptr.Tag(&v, 1).Pointer().n) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
	sink = sum
}
