package unsafeptr_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"weak"

	"github.com/pinion-go/pinion/unsafeptr"
)

// A relOwner has Rels that lead backwards, forwards and to the owner itself.
type relOwner struct {
	self   unsafeptr.Rel[relOwner]
	before [5]uint32
	fwd    unsafeptr.Rel[uint32]
	back   unsafeptr.Rel[uint32]
	none   unsafeptr.Rel[uint32]
	after  [5]uint32
}

func newRelOwner() relOwner {
	var o relOwner
	o.self.Set(&o)
	o.fwd.Set(&o.after[3])
	o.back.Set(&o.before[1])
	for i := range 5 {
		o.before[i], o.after[i] = uint32(10+i), uint32(20+i)
	}
	return o
}

// check reports an error for each Rel of o that does not lead to its place in o.
func (o *relOwner) check() error {
	switch {
	case o.self.Get() != o:
		return fmt.Errorf("self leads to %#x, owner is at %#x", addrOf(o.self.Get()), addrOf(o))
	case o.fwd.Get() != &o.after[3] || *o.fwd.Get() != 23:
		return fmt.Errorf("fwd leads to %#x, target is at %#x", addrOf(o.fwd.Get()), addrOf(&o.after[3]))
	case o.back.Get() != &o.before[1] || *o.back.Get() != 11:
		return fmt.Errorf("back leads to %#x, target is at %#x", addrOf(o.back.Get()), addrOf(&o.before[1]))
	case o.none.Get() != nil || !o.none.IsNil():
		return fmt.Errorf("none leads to %#x", addrOf(o.none.Get()))
	}
	return nil
}

func TestRelZeroValueIsNil(t *testing.T) {
	var r unsafeptr.Rel[int]
	if r.Get() != nil || !r.IsNil() {
		t.Errorf("zero Rel: Get %v, IsNil %t", r.Get(), r.IsNil())
	}
}

func TestRelSetNilMakesItNil(t *testing.T) {
	o := newRelOwner()
	o.fwd.Set(nil)
	if o.fwd.Get() != nil || !o.fwd.IsNil() {
		t.Errorf("after Set(nil): Get %v, IsNil %t", o.fwd.Get(), o.fwd.IsNil())
	}
	o.fwd.Set(&o.after[0])
	if o.fwd.IsNil() || o.fwd.Get() != &o.after[0] {
		t.Error("cannot be set again")
	}
}

func TestRelPointsAtItsOwnAddress(t *testing.T) {
	type owner struct {
		self unsafeptr.Rel[owner]
		n    int
	}
	o := &owner{n: 7}
	o.self.Set(o)
	if unsafeptr.Addr(&o.self) != unsafeptr.Addr(o) {
		t.Fatal("the Rel is not at the start of its owner")
	}
	if o.self.IsNil() || o.self.Get() != o || o.self.Get().n != 7 {
		t.Errorf("self leads to %p, want %p", o.self.Get(), o)
	}
	o.self.Set(nil)
	if !o.self.IsNil() {
		t.Error("cannot tell nil from itself")
	}
}

// Among the bytes are those next to the Rel and in it: the distances -1, 0 and 1.
func TestRelReachesEveryByteOfItsOwner(t *testing.T) {
	type owner struct {
		before [19]byte
		rel    unsafeptr.Rel[byte]
		after  [19]byte
	}
	o := new(owner)
	all := unsafeptr.Bytes(o)
	for i := range all {
		o.rel.Set(&all[i])
		if o.rel.IsNil() || o.rel.Get() != &all[i] {
			t.Errorf("byte %d: Rel leads to %p, want %p", i, o.rel.Get(), &all[i])
		}
	}
}

func TestRelReachesFarInALargeObject(t *testing.T) {
	type owner struct {
		low  unsafeptr.Rel[byte]
		mem  [1 << 22]byte
		high unsafeptr.Rel[byte]
	}
	o := new(owner)
	o.low.Set(&o.mem[len(o.mem)-1])
	o.high.Set(&o.mem[0])
	if o.low.Get() != &o.mem[len(o.mem)-1] || o.high.Get() != &o.mem[0] {
		t.Error("a Rel lost its target 4 MiB away")
	}
}

func TestRelLeadsIntoTheCopyOfItsOwner(t *testing.T) {
	for name, move := range moves[relOwner]() {
		t.Run(name, func(t *testing.T) {
			o := newRelOwner()
			p := move(o)
			if p == &o {
				t.Fatal("not moved")
			}
			if err := p.check(); err != nil {
				t.Errorf("copy: %v", err)
			}
			*p.fwd.Get() = 99
			if p.after[3] != 99 {
				t.Error("a write through the copy's Rel is not in the copy")
			}
			if err := o.check(); err != nil {
				t.Errorf("original: %v", err)
			}
		})
	}
}

func TestRelFollowsAGrowingStack(t *testing.T) {
	onFreshStack(func() {
		o := newRelOwner()
		before := unsafeptr.Addr(&o)
		growStack(1024)
		if unsafeptr.Addr(&o) == before {
			t.Errorf("owner stayed at %#x", before)
		}
		if err := o.check(); err != nil {
			t.Error(err)
		}
	})
}

// After r = o.fwd, r leads elsewhere; the way round that the documentation gives does not.
func TestRelIsTransferredBySetOfGet(t *testing.T) {
	o := newRelOwner()
	o.none.Set(o.fwd.Get())
	if o.none.Get() != &o.after[3] {
		t.Error("Set(Get()) of another Rel does not lead to its target")
	}
}

func TestRelHoldsNoPointer(t *testing.T) {
	if path, typ, ok := unsafeptr.LayoutOf[relOwner]().FirstPointer(); ok {
		t.Errorf("%s is a %v: the collector would scan it", path, typ)
	}
	if l := unsafeptr.LayoutOf[unsafeptr.Rel[*int]](); l.Size != unsafeptr.LayoutOf[uintptr]().Size || l.Align != l.Size {
		t.Errorf("Rel has %d bytes, aligned to %d; want one word", l.Size, l.Align)
	}
}

// A Rel that was copied out of its owner must not be followed; held, it holds nothing.
func TestRelDoesNotKeepItsOwnerAlive(t *testing.T) {
	stray := new(unsafeptr.Rel[byte])
	gone := func() func() bool {
		o := new(struct {
			rel unsafeptr.Rel[byte]
			buf [120]byte
		})
		o.rel.Set(&o.buf[7])
		*stray = o.rel
		w := weak.Make(o)
		return func() bool { return w.Value() == nil }
	}()
	waitGone(t, gone)
	if stray.IsNil() {
		t.Error("Rel changed during a collection")
	}
}

func TestRelTargetLivesWithItsOwner(t *testing.T) {
	owners := make([]*relOwner, 500)
	for i := range owners {
		o := newRelOwner()
		owners[i] = &o
	}
	churn()
	for i, o := range owners {
		if err := o.check(); err != nil {
			t.Fatalf("owner %d after collections: %v", i, err)
		}
	}
}

// Random owners are set, copied over each other and moved to new memory; a
// model remembers only which element each Rel leads to.
func TestRelAgreesWithAModelOverCopiesAndMoves(t *testing.T) {
	const links, cells, slots = 4, 9, 6
	type owner struct {
		a, b [links / 2]unsafeptr.Rel[uint16]
		cell [cells]uint16
		c    [links / 2]unsafeptr.Rel[uint16]
	}
	type model [links]int // index of the cell, or -1
	rel := func(o *owner, i int) *unsafeptr.Rel[uint16] {
		if i < links/2 {
			return &o.a[i]
		}
		return &o.c[i-links/2]
	}

	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 0))
		owners := make([]owner, slots)
		models := make([]model, slots)
		for i := range models {
			models[i] = model{-1, -1, -1, -1}
		}
		for step := range 400 {
			i, j, k := rng.IntN(len(owners)), rng.IntN(len(owners)), rng.IntN(links)
			switch op := rng.IntN(6); op {
			case 0:
				rel(&owners[i], k).Set(nil)
				models[i][k] = -1
			case 1:
				c := rng.IntN(cells)
				rel(&owners[i], k).Set(&owners[i].cell[c])
				models[i][k] = c
			case 2:
				c := rng.IntN(cells)
				if err := rel(&owners[i], k).SetIn(unsafeptr.RangeOf(&owners[i]), &owners[i].cell[c]); err != nil {
					t.Fatalf("seed %d step %d: %v", seed, step, err)
				}
				models[i][k] = c
			case 3:
				err := rel(&owners[i], k).SetIn(unsafeptr.RangeOf(&owners[i]), &owners[j].cell[0])
				if (err == nil) != (i == j) {
					t.Fatalf("seed %d step %d: target in owner %d of owner %d: %v", seed, step, j, i, err)
				}
				if err == nil {
					models[i][k] = 0
				}
			case 4:
				owners[i] = owners[j]
				models[i] = models[j]
			case 5:
				owners = append(make([]owner, 0, slots+step%3), owners...)
			}
			for i := range owners {
				for k := range links {
					var want *uint16
					if c := models[i][k]; c >= 0 {
						want = &owners[i].cell[c]
					}
					r := rel(&owners[i], k)
					if r.Get() != want || r.IsNil() != (want == nil) {
						t.Fatalf("seed %d step %d: link %d of owner %d leads to %p, want %p", seed, step, k, i, r.Get(), want)
					}
				}
			}
		}
	}
}

func TestRelSetInRefusesWhatIsOutsideTheOwner(t *testing.T) {
	type owner struct {
		rel unsafeptr.Rel[uint64]
		n   [2]uint64
	}
	o := new([3]owner)
	stranger := new(uint64)
	mine := unsafeptr.RangeOf(&o[1])
	half := unsafeptr.RangeOfSlice(unsafeptr.Bytes(&o[1])[:unsafeptr.LayoutOf[owner]().Size-4])
	for name, c := range map[string]struct {
		rel    *unsafeptr.Rel[uint64]
		owner  unsafeptr.Range
		target *uint64
		what   string // empty if allowed
		addr   uintptr
	}{
		"target in owner":          {&o[1].rel, mine, &o[1].n[1], "", 0},
		"nil":                      {&o[1].rel, mine, nil, "", 0},
		"whole array as owner":     {&o[1].rel, unsafeptr.RangeOf(o), &o[2].n[0], "", 0},
		"another object":           {&o[1].rel, mine, stranger, "the target", addrOf(stranger)},
		"the owner before":         {&o[1].rel, mine, &o[0].n[1], "the target", addrOf(&o[0].n[1])},
		"the owner after":          {&o[1].rel, mine, &o[2].n[0], "the target", addrOf(&o[2].n[0])},
		"across the owner's end":   {&o[1].rel, half, &o[1].n[1], "the target", addrOf(&o[1].n[1])},
		"Rel in another":           {&o[0].rel, mine, &o[1].n[0], "the Rel", addrOf(&o[0].rel)},
		"Rel in another, nil":      {&o[0].rel, mine, nil, "the Rel", addrOf(&o[0].rel)},
		"both in another":          {&o[0].rel, mine, &o[0].n[0], "the Rel", addrOf(&o[0].rel)},
		"no owner":                 {&o[1].rel, unsafeptr.Range{}, &o[1].n[0], "the Rel", addrOf(&o[1].rel)},
		"owner without the Rel":    {&o[1].rel, unsafeptr.RangeOf(&o[1].n), &o[1].n[0], "the Rel", addrOf(&o[1].rel)},
		"owner without the target": {&o[1].rel, unsafeptr.RangeOf(&o[1].rel), &o[1].n[0], "the target", addrOf(&o[1].n[0])},
	} {
		t.Run(name, func(t *testing.T) {
			old := &o[1].n[0]
			if c.rel == &o[0].rel {
				old = &o[0].n[1]
			}
			c.rel.Set(old)
			err := c.rel.SetIn(c.owner, c.target)
			if c.what == "" {
				if err != nil || c.rel.Get() != c.target {
					t.Errorf("got %v, leads to %p, want %p", err, c.rel.Get(), c.target)
				}
				return
			}
			var e *unsafeptr.RangeError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a RangeError", err)
			}
			want := unsafeptr.RangeError{
				Op: "Rel.SetIn", What: c.what, Addr: c.addr, Size: e.Size,
				OwnerAddr: c.owner.Base(), OwnerSize: c.owner.Size(),
			}
			if *e != want {
				t.Errorf("got %+v\nwant %+v", *e, want)
			}
			if c.rel.Get() != old {
				t.Error("refused, but the Rel has changed")
			}
			for _, part := range []string{c.what, fmt.Sprintf("%#x", c.addr), c.owner.String(), "use a pointer"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func BenchmarkFollow(b *testing.B) {
	type node struct {
		ptr *node
		rel unsafeptr.Rel[node]
	}
	ring := new([64]node)
	for i := range ring {
		ring[i].ptr = &ring[(i+7)%64]
		ring[i].rel.Set(&ring[(i+7)%64])
	}
	b.Run("Rel", func(b *testing.B) {
		b.ReportAllocs()
		n := &ring[0]
		for b.Loop() {
			n = n.rel.Get()
		}
		sink = n
	})
	b.Run("pointer", func(b *testing.B) {
		b.ReportAllocs()
		n := &ring[0]
		for b.Loop() {
			n = n.ptr
		}
		sink = n
	})
}

func BenchmarkSet(b *testing.B) {
	type node struct {
		ptr *int
		rel unsafeptr.Rel[int]
		n   int
	}
	n := new(node)
	sink = n
	b.Run("Rel", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n.rel.Set(&n.n)
		}
	})
	b.Run("pointer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n.ptr = &n.n
		}
	})
}
