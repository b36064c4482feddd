package pin_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

// lexer points into itself twice.
type lexer struct {
	buf   [16]byte
	pos   pin.Self[byte]
	token pin.SelfSlice[byte]
	end   [2]byte
}

func TestSelfPointsIntoItsObject(t *testing.T) {
	a := newArena[lexer](t, pin.Options{})
	p := must(a.New(func(l *lexer) error {
		pin.Bind(l, &l.pos, &l.buf[3])
		pin.BindSlice(l, &l.token, l.buf[4:8])
		return nil
	}))
	defer p.Release()
	l := p.Get()
	runtime.GC()
	*l.pos.Get() = 'x'
	copy(l.token.Get(), "word")
	if string(l.buf[3:8]) != "xword" {
		t.Errorf("%q", l.buf)
	}
	r := unsafeptr.RangeOf(l)
	if err := errors.Join(l.pos.Check(r), l.token.Check(r)); err != nil {
		t.Error(err)
	}
}

func TestUnboundSelfIsNil(t *testing.T) {
	l := new(lexer)
	if l.pos.Get() != nil || l.token.Get() != nil {
		t.Error("it is not nil")
	}
	if err := errors.Join(l.pos.Check(unsafeptr.RangeOf(l)), l.token.Check(unsafeptr.RangeOf(l))); err != nil {
		t.Error(err)
	}
}

func TestCopyOfASelfIsFound(t *testing.T) {
	l := new(lexer)
	pin.Bind(l, &l.pos, &l.end[1]) // the last byte but padding
	pin.BindSlice(l, &l.token, l.buf[:])
	c := *l
	r := unsafeptr.RangeOf(&c)
	for name, err := range map[string]error{"Self": c.pos.Check(r), "SelfSlice": c.token.Check(r)} {
		var e *pin.StaleSelfError
		if !errors.As(err, &e) || e.OwnerAddr != r.Base() || e.OwnerSize != r.Size() || e.Type != "uint8" {
			t.Fatalf("%s: %v", name, err)
		}
		if off := e.Points - unsafeptr.Addr(l); off >= r.Size() {
			t.Errorf("%s: points at %#x, the original is at %p", name, e.Points, l)
		}
	}
	if err := l.pos.Check(unsafeptr.RangeOf(l)); err != nil {
		t.Error(err)
	}
	// The original's, asked with the copy's range: it lies elsewhere itself.
	if l.pos.Check(r) == nil || l.token.Check(r) == nil {
		t.Error("a Self outside of the owner passed")
	}
	pin.Bind(&c, &c.pos, &c.buf[0])
	pin.BindSlice(&c, &c.token, c.buf[1:2:3])
	if err := errors.Join(c.pos.Check(r), c.token.Check(r)); err != nil {
		t.Errorf("after binding again: %v", err)
	}
}

func TestBindRefusesWhatLiesOutside(t *testing.T) {
	l, other := new(lexer), new(lexer)
	whole := make([]byte, 100)
	for name, f := range map[string]func(){
		"a field of another":       func() { pin.Bind(l, &l.pos, &other.buf[0]) },
		"a Self of another":        func() { pin.Bind(l, &other.pos, &l.buf[0]) },
		"nil":                      func() { pin.Bind(l, &l.pos, nil) },
		"a slice of another":       func() { pin.BindSlice(l, &l.token, other.buf[:1]) },
		"a SelfSlice of another":   func() { pin.BindSlice(l, &other.token, l.buf[:1]) },
		"a slice of the heap":      func() { pin.BindSlice(l, &l.token, whole) },
		"a slice of length 0":      func() { pin.BindSlice(l, &l.token, whole[:0]) },
		"a part as the owner":      func() { pin.Bind(&l.buf, &l.pos, &l.buf[0]) },
		"a capacity out of bounds": func() { s := []lexer{{}, {}}; pin.BindSlice(&s[0], &s[1].token, s[0].buf[:1]) },
	} {
		if e, ok := panicOf(f).(*pin.RangeError); !ok || e.OwnerSize == 0 || e.What == "" {
			t.Errorf("%s: %v", name, e)
		}
	}
	type ring struct {
		s    pin.SelfSlice[[8]byte]
		recs [2][8]byte
	}
	recs := make([]ring, 2)
	beyond := recs[0].recs[:1]
	pin.BindSlice(&recs[0], &recs[0].s, beyond) // its capacity ends with the array
	if l.pos.Get() != nil || l.token.Get() != nil {
		t.Error("a refused Bind has bound")
	}
}

func TestBindSliceOfNothing(t *testing.T) {
	l := new(lexer)
	for _, s := range [][]byte{nil, {}, l.buf[16:], l.buf[3:3:3]} {
		pin.BindSlice(l, &l.token, s)
		if err := l.token.Check(unsafeptr.RangeOf(l)); err != nil || len(l.token.Get()) != 0 {
			t.Error(err)
		}
	}
}

func TestSelfAllocatesNothing(t *testing.T) {
	l := new(lexer)
	if n := testing.AllocsPerRun(100, func() {
		pin.Bind(l, &l.pos, &l.buf[1])
		pin.BindSlice(l, &l.token, l.buf[1:2])
		if l.pos.Check(unsafeptr.RangeOf(l)) != nil || l.pos.Get() == nil {
			panic("stale")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleSelf() {
	type list struct {
		first pin.Self[int]
		nums  [3]int
	}
	p, _ := pin.New(func(l *list) error {
		l.nums = [3]int{7, 8, 9}
		pin.Bind(l, &l.first, &l.nums[0])
		return nil
	})
	defer p.Release()
	fmt.Println(*p.Get().first.Get())
	// Output: 7
}

func ExampleSelfSlice() {
	type line struct {
		buf  [80]byte
		word pin.SelfSlice[byte]
	}
	p, _ := pin.New(func(l *line) error {
		copy(l.buf[:], "hello, world")
		pin.BindSlice(l, &l.word, l.buf[7:12])
		return nil
	})
	defer p.Release()
	fmt.Printf("%s\n", p.Get().word.Get())
	// Output: world
}

func ExampleStaleSelfError() {
	type list struct {
		first pin.Self[int]
		nums  [3]int
	}
	a := new(list)
	pin.Bind(a, &a.first, &a.nums[0])
	b := *a // b.first points into a

	var stale *pin.StaleSelfError
	err := b.first.Check(unsafeptr.RangeOf(&b))
	fmt.Println(errors.As(err, &stale), stale.Points == unsafeptr.Addr(&a.nums[0]))
	// Output: true true
}
