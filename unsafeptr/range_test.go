package unsafeptr_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

// All pairs of intervals of a small array, compared with sets of bytes.
func TestRangesOfASmallArrayAreSetsOfItsBytes(t *testing.T) {
	const n = 7
	var mem [n]byte
	for a := range n + 1 {
		for b := a; b <= n; b++ {
			r := unsafeptr.RangeOfSlice(mem[a:b:b])
			for c := range n {
				for d := c; d <= n; d++ {
					s := mem[c:d]
					common := max(0, min(b, d)-max(a, c))
					wantIn := common == d-c && (c < d || a <= c && c < b)
					// An empty slice at the end of its array keeps the array's
					// start as its address, by gc's rule; c < n rules that out.
					if got := unsafeptr.ContainsSlice(r, s); got != wantIn {
						t.Errorf("[%d,%d) contains [%d,%d): got %t, want %t", a, b, c, d, got, wantIn)
					}
					if got := r.Overlaps(unsafeptr.RangeOfSlice(s)); got != (common > 0) {
						t.Errorf("[%d,%d) overlaps [%d,%d): got %t, want %t", a, b, c, d, got, common > 0)
					}
				}
				wantIn := a <= c && c < b
				if got := unsafeptr.Contains(r, &mem[c]); got != wantIn {
					t.Errorf("[%d,%d) contains byte %d: got %t, want %t", a, b, c, got, wantIn)
				}
				off, ok := unsafeptr.OffsetOf(r, &mem[c])
				if ok != wantIn || ok && off != uintptr(c-a) || !ok && off != 0 {
					t.Errorf("OffsetOf byte %d in [%d,%d) = %d, %t", c, a, b, off, ok)
				}
			}
		}
	}
}

func TestRangeOfIsTheObjectAndNotItsSurroundings(t *testing.T) {
	type inner struct{ a, b uint64 }
	type outer struct {
		before inner
		in     inner
		after  inner
	}
	o := new(outer)
	r := unsafeptr.RangeOf(&o.in)
	if r.Size() != 16 || r.Base() != unsafeptr.Addr(&o.in) {
		t.Fatalf("RangeOf = %v, want the 16 bytes at %#x", r, unsafeptr.Addr(&o.in))
	}
	for name, c := range map[string]struct{ got, want bool }{
		"itself":          {unsafeptr.Contains(r, &o.in), true},
		"first field":     {unsafeptr.Contains(r, &o.in.a), true},
		"last field":      {unsafeptr.Contains(r, &o.in.b), true},
		"the one before":  {unsafeptr.Contains(r, &o.before), false},
		"its last field":  {unsafeptr.Contains(r, &o.before.b), false},
		"the one after":   {unsafeptr.Contains(r, &o.after), false},
		"its first field": {unsafeptr.Contains(r, &o.after.a), false},
		"the whole":       {unsafeptr.Contains(r, o), false},
		"a nil":           {unsafeptr.Contains[byte](r, nil), false},
		"another object":  {unsafeptr.Contains(r, new(inner)), false},
	} {
		if c.got != c.want {
			t.Errorf("contains %s: %t, want %t", name, c.got, c.want)
		}
	}
}

func TestWhatStraddlesTheEndIsNotContained(t *testing.T) {
	a := new([8]uint64)
	r := unsafeptr.RangeOfSlice(a[2:4])
	for i := range 5 {
		pair := (*[4]uint64)(a[i:])
		if unsafeptr.Contains(r, pair) {
			t.Errorf("%v contains 32 bytes at element %d", r, i)
		}
		if !r.Overlaps(unsafeptr.RangeOf(pair)) != (i >= 4) {
			t.Errorf("%v overlaps 32 bytes at element %d: want %t", r, i, i < 4)
		}
	}
}

func TestZeroSizeIsContainedByItsAddressAndNotAtTheEnd(t *testing.T) {
	type owner struct {
		a   uint64
		mid struct{}
		b   uint64
	}
	o := new([2]owner)
	r := unsafeptr.RangeOf(&o[0])
	if off, ok := unsafeptr.OffsetOf(r, &o[0].mid); off != 8 || !ok {
		t.Errorf("OffsetOf a zero-size field = %d, %t, want 8, true", off, ok)
	}
	if unsafeptr.Contains(r, &o[1].mid) {
		t.Error("contains the zero-size field of its neighbour")
	}
	// The address of the second element is the end of the first.
	end := (*[0]owner)(o[1:])
	if unsafeptr.Addr(end) != r.Base()+r.Size() {
		t.Fatalf("array of length 0 at %#x, want the end of %v", unsafeptr.Addr(end), r)
	}
	if unsafeptr.Contains(r, end) {
		t.Error("contains a zero-size value at its end")
	}
	if unsafeptr.Contains[struct{}](r, nil) {
		t.Error("contains a nil pointer to a zero-size value")
	}
}

// gc gives a zero-size last field a byte of padding, so that it does not sit at the end.
func TestZeroSizeLastFieldIsContained(t *testing.T) {
	o := new(struct {
		n    uint64
		last struct{}
	})
	if !unsafeptr.Contains(unsafeptr.RangeOf(o), &o.last) {
		t.Error("a struct does not contain its zero-size last field")
	}
}

func TestEmptyRangesContainAndOverlapNothing(t *testing.T) {
	var mem [4]byte
	var zero struct{}
	var none []int
	full := unsafeptr.RangeOf(&mem)
	for name, r := range map[string]unsafeptr.Range{
		"zero Range":             {},
		"of nil":                 unsafeptr.RangeOf[int](nil),
		"of nil, zero size":      unsafeptr.RangeOf[struct{}](nil),
		"of a zero size":         unsafeptr.RangeOf(&zero),
		"of a nil slice":         unsafeptr.RangeOfSlice(none),
		"of an empty slice":      unsafeptr.RangeOfSlice([]int{}),
		"of mem[2:2]":            unsafeptr.RangeOfSlice(mem[2:2]),
		"of zero-size elements":  unsafeptr.RangeOfSlice(make([]struct{}, 1000)),
		"of a zero-length array": unsafeptr.RangeOf((*[0]byte)(mem[1:])),
	} {
		if r.Size() != 0 {
			t.Errorf("%s: size %d", name, r.Size())
		}
		if r.Overlaps(r) || r.Overlaps(full) || full.Overlaps(r) {
			t.Errorf("%s: overlaps something", name)
		}
		if unsafeptr.Contains(r, &mem[2]) || unsafeptr.Contains(r, &zero) ||
			unsafeptr.Contains[int](r, nil) || unsafeptr.Contains[struct{}](r, nil) ||
			unsafeptr.ContainsSlice(r, none) || unsafeptr.ContainsSlice(r, mem[2:2]) {
			t.Errorf("%s: contains something", name)
		}
	}
}

func TestOnlyNilHasTheZeroRange(t *testing.T) {
	var zero struct{}
	for name, c := range map[string]struct {
		r    unsafeptr.Range
		want bool
	}{
		"zero Range":     {unsafeptr.Range{}, true},
		"nil":            {unsafeptr.RangeOf[[9]int](nil), true},
		"nil slice":      {unsafeptr.RangeOfSlice[int](nil), true},
		"zero size":      {unsafeptr.RangeOf(&zero), false},
		"empty slice":    {unsafeptr.RangeOfSlice(make([]int, 0, 4)), false},
		"ordinary value": {unsafeptr.RangeOf(new(int)), false},
	} {
		if got := c.r.IsZero(); got != c.want {
			t.Errorf("%s: IsZero = %t, want %t", name, got, c.want)
		}
		if got := c.r == (unsafeptr.Range{}); got != c.want {
			t.Errorf("%s: equals the zero Range: %t, want %t", name, got, c.want)
		}
	}
}

func TestRangeOfSliceCountsLengthNotCapacity(t *testing.T) {
	s := make([]uint32, 3, 10)
	r := unsafeptr.RangeOfSlice(s)
	if r.Size() != 12 {
		t.Errorf("size %d, want 12", r.Size())
	}
	if unsafeptr.ContainsSlice(r, s[:4]) || unsafeptr.Contains(r, &s[:4][3]) {
		t.Error("contains an element beyond the length")
	}
	if !unsafeptr.ContainsSlice(unsafeptr.RangeOfSlice(s[:cap(s)]), s[3:10]) {
		t.Error("s[:cap(s)] does not contain s[3:10]")
	}
}

func TestEqualRangesAreTheSameBytes(t *testing.T) {
	a := new([4]uint64)
	if unsafeptr.RangeOf(a) != unsafeptr.RangeOfSlice(a[:]) {
		t.Error("an array and the slice of all of it differ")
	}
	if unsafeptr.RangeOf(a) == unsafeptr.RangeOf(&a[0]) || unsafeptr.RangeOf(&a[0]) == unsafeptr.RangeOf(&a[1]) {
		t.Error("different parts are equal")
	}
}

func TestRangeKeepsItsObjectAlive(t *testing.T) {
	o, gone := tracked()
	r := unsafeptr.RangeOf(&o.payload[len(o.payload)-1])
	o = nil
	churn()
	if gone() {
		t.Fatal("collected while a Range of a part of it was held")
	}
	runtime.KeepAlive(r)
	waitGone(t, gone)
}

func TestRangeFollowsAGrowingStack(t *testing.T) {
	onFreshStack(func() {
		var v struct {
			n   int
			buf [32]byte
		}
		r := unsafeptr.RangeOf(&v)
		before := r.Base()
		growStack(1024)
		if r.Base() == before {
			t.Errorf("base stayed at %#x", before)
		}
		if off, ok := unsafeptr.OffsetOf(r, &v.buf[5]); !ok || r != unsafeptr.RangeOf(&v) || off != unsafeptr.Addr(&v.buf[5])-unsafeptr.Addr(&v) {
			t.Errorf("after growth: range %s, variable at %#x", r.String(), unsafeptr.Addr(&v))
		}
	})
}

func TestRangeStringIsBaseAndSize(t *testing.T) {
	v := new([24]byte)
	if got, want := unsafeptr.RangeOf(v).String(), fmt.Sprintf("[%p,+24)", v); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := (unsafeptr.Range{}).String(); got != "[0x0,+0)" {
		t.Errorf("zero Range prints as %s", got)
	}
}

func TestOverlapIsSymmetricAndFollowsFromContainment(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	mem := make([]uint16, 64)
	part := func() []uint16 {
		a := rng.IntN(len(mem))
		return mem[a : a+rng.IntN(len(mem)-a)]
	}
	for range 20_000 {
		s, u := part(), part()
		r, q := unsafeptr.RangeOfSlice(s), unsafeptr.RangeOfSlice(u)
		if r.Overlaps(q) != q.Overlaps(r) {
			t.Fatalf("%v and %v overlap in one direction only", r, q)
		}
		in := unsafeptr.ContainsSlice(r, u)
		if in && len(u) > 0 && !r.Overlaps(q) {
			t.Fatalf("%v contains %v without overlap", r, q)
		}
		if in && unsafeptr.ContainsSlice(q, s) && r != q {
			t.Fatalf("%v and %v contain each other and differ", r, q)
		}
	}
}

func BenchmarkContains(b *testing.B) {
	v := new([64]uint64)
	r := unsafeptr.RangeOf(v)
	n := 0
	b.Run("Contains", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if unsafeptr.Contains(r, &v[i&63]) {
				n++
			}
			i++
		}
	})
	// Without pointer arithmetic one would look for the element.
	b.Run("search", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			p := &v[i&63]
			for j := range v {
				if &v[j] == p {
					n++
					break
				}
			}
			i++
		}
	})
	sink = n
}
