package unsafeptr_test

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/pinion-go/pinion/unsafeptr"
)

// tagLaws checks what holds for every T.
func tagLaws[T any](t *testing.T) {
	t.Helper()
	l := unsafeptr.LayoutOf[T]()
	want := 0
	if l.Size > 0 {
		want = bits.Len(uint(min(l.Align, l.Size))) - 1
	}
	if got := unsafeptr.TagBits[T](); got != want {
		t.Errorf("%v: TagBits = %d, want %d for size %d and alignment %d", l.Type, got, want, l.Size, l.Align)
	}

	seen := map[unsafeptr.Tagged[T]]bool{}
	two := new([2]T)
	for _, p := range []*T{nil, &two[0], &two[1], new(T)} {
		for tag := range uint(1) << want {
			v := unsafeptr.Tag(p, tag)
			if v.Pointer() != p || v.Tag() != tag {
				t.Errorf("%v: Tag(%p, %d) gives back %p, %d", l.Type, p, tag, v.Pointer(), v.Tag())
			}
			if w := unsafeptr.Tag(p, tag); v != w {
				t.Errorf("%v: Tag(%p, %d) twice gives unequal values", l.Type, p, tag)
			}
			if seen[v] && l.Size > 0 {
				t.Errorf("%v: Tag(%p, %d) equals another", l.Type, p, tag)
			}
			seen[v] = true
		}
		for _, tag := range []uint{1 << want, 1<<want | 1, 8, 1 << 31, ^uint(0)} {
			e := tagPanic(func() { unsafeptr.Tag(p, tag) })
			if e == nil {
				t.Errorf("%v: tag %d did not panic with %d bits", l.Type, tag, want)
			} else if *e != (unsafeptr.TagError{Type: l.Type, Addr: addrOf(p), Tag: tag, Bits: want}) {
				t.Errorf("%v: tag %d panics with %+v", l.Type, tag, *e)
			}
		}
	}
}

// tagPanic returns the *TagError that f panics with, or nil.
func tagPanic(f func()) (e *unsafeptr.TagError) {
	defer func() {
		if v := recover(); v != nil {
			e = v.(*unsafeptr.TagError)
		}
	}()
	f()
	return nil
}

func TestTaggedGivesBackPointerAndTagForEveryType(t *testing.T) {
	tagLaws[bool](t)
	tagLaws[byte](t)
	tagLaws[uint16](t)
	tagLaws[float32](t)
	tagLaws[int64](t)
	tagLaws[uintptr](t)
	tagLaws[complex64](t)
	tagLaws[complex128](t)
	tagLaws[string](t)
	tagLaws[[]byte](t)
	tagLaws[any](t)
	tagLaws[error](t)
	tagLaws[*int](t)
	tagLaws[map[int]int](t)
	tagLaws[func()](t)
	tagLaws[struct{}](t)
	tagLaws[[0]uint64](t)
	tagLaws[[3]byte](t)
	tagLaws[[3]uint16](t)
	tagLaws[struct {
		a byte
		b uint16
	}](t)
	tagLaws[struct {
		a *int
		b byte
	}](t)
	tagLaws[object](t)
	tagLaws[relOwner](t)
	tagLaws[unsafeptr.Tagged[int]](t)
}

func TestTaggedZeroValueIsNilWithoutTag(t *testing.T) {
	var v unsafeptr.Tagged[int64]
	if v.Pointer() != nil || v.Tag() != 0 || v != unsafeptr.Tag[int64](nil, 0) {
		t.Errorf("zero Tagged: %p, %d", v.Pointer(), v.Tag())
	}
}

func TestTaggedIsOneWordThatTheCollectorSees(t *testing.T) {
	l := unsafeptr.LayoutOf[unsafeptr.Tagged[int]]()
	if l.Size != unsafeptr.LayoutOf[uintptr]().Size || len(l.PointerWords()) != 1 {
		t.Errorf("Tagged has %d bytes and pointer words %v", l.Size, l.PointerWords())
	}
}

// gc aligns a type by its strictest field, so a Tagged address is always inside
// its object: the collector would otherwise hold on to the neighbour.
func TestTaggedAddressLiesInItsObject(t *testing.T) {
	mem := new([4]uint32)
	for i := range mem {
		for tag := range uint(4) {
			v := unsafeptr.Tag(&mem[i], tag)
			word := *asWord(&v)
			if off := word - addrOf(&mem[i]); off != uintptr(tag) {
				t.Errorf("element %d, tag %d: stored %d bytes into the element", i, tag, off)
			}
		}
	}
}

func asWord[T any](p *unsafeptr.Tagged[T]) *uintptr {
	// SAFETY: a Tagged is one word, which is read as a number.
	return (*uintptr)(unsafe.Pointer(p))
}

func TestTagRefusesAMisalignedPointer(t *testing.T) {
	mem := new([4]uint32)
	odd := &unsafeptr.BytesOf(mem[:])[1]
	// SAFETY: only the address is used: Tag does not read what p points to.
	p := (*uint32)(unsafe.Pointer(odd))
	e := tagPanic(func() { unsafeptr.Tag(p, 1) })
	if e == nil {
		t.Fatal("a misaligned pointer was accepted")
	}
	for _, part := range []string{fmt.Sprintf("%p", p), "uint32", "multiple of 4"} {
		if !strings.Contains(e.Error(), part) {
			t.Errorf("%q does not say %q", e, part)
		}
	}
}

func TestTagErrorSaysTagBitsAndType(t *testing.T) {
	e := tagPanic(func() { unsafeptr.Tag(new(struct{}), 1) })
	if e == nil {
		t.Fatal("a tag on a zero-size type was accepted")
	}
	var target *unsafeptr.TagError
	if !errors.As(error(e), &target) {
		t.Error("not an error")
	}
	for _, part := range []string{"tag 1 ", "0 bits", "*struct {}", "larger alignment"} {
		if !strings.Contains(e.Error(), part) {
			t.Errorf("%q does not say %q", e, part)
		}
	}
}

func TestTaggedKeepsItsObjectAliveUnderEveryTag(t *testing.T) {
	for tag := range uint(1) << unsafeptr.TagBits[object]() {
		o, gone := tracked()
		v := new(unsafeptr.Tagged[object])
		*v = unsafeptr.Tag(o, tag)
		o = nil
		churn()
		if gone() {
			t.Fatalf("tag %d: collected while a Tagged was held", tag)
		}
		if p := v.Pointer(); p.id != 0x1d || v.Tag() != tag {
			t.Errorf("tag %d: object reads %#x after collections", tag, p.id)
		}
		runtime.KeepAlive(v)
		waitGone(t, gone)
	}
}

func TestTaggedRunsNoFinalizerWhileHeld(t *testing.T) {
	ended := make(chan struct{})
	v := func() *unsafeptr.Tagged[object] {
		o := &object{id: 5}
		runtime.SetFinalizer(o, func(*object) { close(ended) })
		v := unsafeptr.Tag(o, 3)
		return &v
	}()
	churn()
	select {
	case <-ended:
		t.Fatal("finalizer ran while a Tagged was held")
	default:
	}
	runtime.KeepAlive(v)
	v = nil
	waitGone(t, func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
}

// A list that nothing else refers to, built among garbage.
func TestTaggedListSurvivesCollections(t *testing.T) {
	type node struct {
		id   uint64
		next unsafeptr.Tagged[node]
	}
	const n = 20_000
	bits := unsafeptr.TagBits[node]()
	var head unsafeptr.Tagged[node]
	for i := range uint64(n) {
		head = unsafeptr.Tag(&node{id: i, next: head}, uint(i)%(1<<bits))
		sink = make([]byte, 32)
	}
	churn()
	want := uint64(n)
	for v := head; v.Pointer() != nil; v = v.Pointer().next {
		want--
		if p := v.Pointer(); p.id != want || v.Tag() != uint(want)%(1<<bits) {
			t.Fatalf("node %d reads as %d with tag %d", want, p.id, v.Tag())
		}
	}
	if want != 0 {
		t.Errorf("list ends %d nodes early", want)
	}
}

func TestTaggedFollowsAGrowingStack(t *testing.T) {
	onFreshStack(func() {
		var v [3]uint32
		before := unsafeptr.Addr(&v)
		tagged := unsafeptr.Tag(&v[1], 3)
		v[1] = 77
		growStack(1024)
		if unsafeptr.Addr(&v) == before {
			t.Errorf("variable stayed at %#x", before)
		}
		ok := tagged.Pointer() == &v[1] && *tagged.Pointer() == 77 && tagged.Tag() == 3
		if !ok {
			t.Error("after growth, the Tagged does not lead to its variable")
		}
	})
}

// A small integer in a pointer word makes the stack copier stop the program.
func TestTaggedNilSurvivesAGrowingStack(t *testing.T) {
	onFreshStack(func() {
		var v [8]unsafeptr.Tagged[uintptr]
		max := uint(1)<<unsafeptr.TagBits[uintptr]() - 1
		for i := range v {
			v[i] = unsafeptr.Tag[uintptr](nil, uint(i)&max)
		}
		growStack(1024)
		runtime.GC()
		for i := range v {
			if v[i].Pointer() != nil || v[i].Tag() != uint(i)&max {
				t.Errorf("element %d: not nil with tag %d any more", i, uint(i)&max)
			}
		}
	})
}

func TestTaggedAgreesWithAStructOverCopies(t *testing.T) {
	type pair struct {
		p   *uint32
		tag uint
	}
	rng := rand.New(rand.NewPCG(3, 4))
	mem := new([8]uint32)
	var got [16]unsafeptr.Tagged[uint32]
	var want [16]pair
	for step := range 20_000 {
		i, j := rng.IntN(16), rng.IntN(16)
		switch rng.IntN(4) {
		case 0:
			w := pair{&mem[rng.IntN(8)], uint(rng.IntN(4))}
			got[i], want[i] = unsafeptr.Tag(w.p, w.tag), w
		case 1:
			w := pair{nil, uint(rng.IntN(4))}
			got[i], want[i] = unsafeptr.Tag(w.p, w.tag), w
		case 2:
			got[i], want[i] = got[j], want[j]
		case 3:
			w := pair{want[j].p, uint(rng.IntN(4))}
			got[i], want[i] = unsafeptr.Tag(got[j].Pointer(), w.tag), w
		}
		if g := (pair{got[i].Pointer(), got[i].Tag()}); g != want[i] {
			t.Fatalf("step %d: got %v, want %v", step, g, want[i])
		}
		if (got[i] == got[j]) != (want[i] == want[j]) {
			t.Fatalf("step %d: %v == %v: %t", step, want[i], want[j], got[i] == got[j])
		}
	}
}

func BenchmarkTagged(b *testing.B) {
	type pair struct {
		p   *uint64
		tag uint8
	}
	n := new(uint64)
	b.Run("Tagged", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint64
		v := unsafeptr.Tag(n, 1)
		for b.Loop() {
			v = unsafeptr.Tag(v.Pointer(), v.Tag()^1)
			sum += *v.Pointer() + uint64(v.Tag())
		}
		sink = sum
	})
	b.Run("struct", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint64
		v := pair{n, 1}
		for b.Loop() {
			v = pair{v.p, v.tag ^ 1}
			sum += *v.p + uint64(v.tag)
		}
		sink = sum
	})
}
