package async

import (
	"slices"
	"testing"
)

const judged = `
-- a/a.go --
package a

import (
	"fmt"
	"io"
	tm "time"

	"example.com/m/conn"
	"example.com/m/low"
	"github.com/pinion-go/pinion/future"
)

var (
	global  *int
	globals []*int
	fns     []func()
	any_    any
	ch      = make(chan *int)
	_       = fmt.Sprint
	_       = tm.Now
)

type T struct {
	n   int
	buf [8]byte
	p   *T
}

func (t *T) inc()       { t.n++ }
func (t *T) self() *T   { return t }
func (t T) val()        {}
func (t *T) bytes() []byte { return t.buf[:] }

type setter interface{ set(*int) }
type keeps struct{ p *int }

func (k *keeps) set(p *int) { k.p = p }

// What stays.

//pinion:async
func Echo(c *conn.Conn) (err error) { // want +buf
	var buf [512]byte
	for c.Left > 0 {
		n, err := c.Read(buf[:])
		if err != nil {
			return err
		}
		if _, err = c.Write(buf[:n]); err != nil {
			return err
		}
	}
	return nil
}

//pinion:async
func PointerMethod() { // want +t
	var t T
	t.inc()
	future.Yield()
	t.inc()
}

//pinion:async
func LocalPointer() int { // want +x
	x := 1
	p := &x
	future.Yield()
	*p = 2
	return x
}

//pinion:async
func LocalClosure() int { // want +x
	x := 1
	f := func() { x++ }
	future.Yield()
	f()
	return x
}

//pinion:async
func Inner(p *int) { // want
	future.Yield()
	*p++
}

//pinion:async
func CallsMarked() int { // want +x
	x := 1
	Inner(&x)
	return x
}

//pinion:async
func CallsMarkedElsewhere() int { // want +x
	x := 1
	low.Harmless(&x)
	return x
}

//pinion:async
func Locks() { // want +mu
	var mu future.Mutex
	if mu.Lock() != nil {
		return
	}
	defer mu.Unlock()
	future.Yield()
}

//pinion:async
func Deferred(c *conn.Conn) (n int) { // want +x
	var x int
	defer c.Put(nil, &x)
	defer func() { x++; n = x }()
	return 1
}

//pinion:async
func Parameter(n int) { // want +n
	p := &n
	future.Yield()
	*p = 3
}

//pinion:async
func (t T) Receiver() { // want +t
	t.inc()
	future.Yield()
}

//pinion:async
func NamedResult() (r int) { // want +r
	p := &r
	future.Yield()
	*p = 3
	return
}

//pinion:async
func PerIteration() (n int) { // want +x +i
	for range 3 {
		x := n
		p := &x
		future.Yield()
		n += *p
	}
	for i := 0; i < 3; i++ {
		p := &i
		future.Yield()
		*p++
	}
	return n
}

//pinion:async
func Variadic(c *conn.Conn) { // want +x +b
	var x int
	var b [4]byte
	args := []any{&x}
	c.Put(b[:], &x, 1<<20, nil)
	c.Put(b[:], args...)
	c.Put(nil)
}

//pinion:async
func LargeConstant() { // want -x
	var x int
	conn.Count(1<<63, &x, nil)
}

//pinion:async
func LeafOfFunction() { // want +x +y
	x, y := 1, 2
	conn.Count(uint64(tm.Second), &x, func() { y++ })
}

//pinion:async
func InterfaceLeaf(r conn.Reader) { // want +b
	var b [4]byte
	r.Read(b[:])
}

//pinion:async
func SiblingThatForgets(c *conn.Conn) { // want +x
	var x int
	future.Yield()
	c.Prod(&x)
}

//pinion:async
func InPlace(c *conn.Conn) { // want +b
	func() {
		var b [4]byte
		c.Read(b[:])
	}()
}

//pinion:async
func DeferredBody(c *conn.Conn) { // want +b
	defer func() {
		var b [4]byte
		c.Read(b[:])
	}()
}

//pinion:async
func Recursive(p *int, n int) { // want +x
	x := n
	if n > 0 {
		Recursive(&x, n-1)
	}
	future.Yield()
	*p += x
}

//pinion:async
func Receives(in chan int) { // want +x
	var x int
	p := &x
	x = <-in
	*p++
}

// What does not.

//pinion:async
func StoredInGlobal() { // want -x
	var x int
	global = &x
}

//pinion:async
func ReturnedInStruct() (s struct{ p *int }) { // want -x
	var x int
	s.p = &x
	future.Yield()
	return s
}

//pinion:async
func ReturnedClosure() func() { // want -x
	var x int
	future.Yield()
	return func() { x++ }
}

//pinion:async
func Sent() { // want -x
	var x int
	ch <- &x
}

//pinion:async
func SentBySelect() { // want -x
	var x int
	select {
	case ch <- &x:
	case <-ch:
	}
}

//pinion:async
func Goroutine() { // want -x
	var x int
	go func() { x++ }()
}

//pinion:async
func GoCall() { // want -x
	var x int
	go Inner(&x)
}

//pinion:async
func ByInterface(s setter) { // want -x
	var x int
	s.set(&x)
}

//pinion:async
func ByFunctionValue(f func(*int)) { // want -x
	var x int
	f(&x)
}

func two(p *int)   { one(p) }
func one(p *int)   { zero_(p) }
func zero_(p *int) { globals = append(globals, p) }

//pinion:async
func TwoLevelsDown() { // want -x
	var x int
	two(&x)
}

//pinion:async
func MarkedKeeps(p *int) { // want
	future.Yield()
	global = p
}

//pinion:async
func MarkedPasses(p *int) { // want
	future.Yield()
	MarkedKeeps(p)
}

//pinion:async
func MarkedTwoLevelsDown() { // want -x
	var x int
	MarkedPasses(&x)
}

//pinion:async
func MarkedElsewhereKeeps() { // want -x
	var x int
	low.Keeps(&x)
}

//pinion:async
func MarkedElsewhereLetsLeafKeep(c *conn.Conn) { // want -b
	var b [4]byte
	low.LetsLeafKeep(c, b[:])
}

//pinion:async
func LeafThatKeeps(c *conn.Conn) { // want -b
	var b [4]byte
	c.Keep(b[:])
}

//pinion:async
func LeafReceiverKept() { // want -c
	var c conn.Conn
	c.Keep(nil)
}

//pinion:async
func InterfaceKeeps(r conn.Reader) { // want -b
	var b [4]byte
	r.Keep(b[:])
}

//pinion:async
func SiblingThatKeeps(c *conn.Conn) { // want -x
	var x int
	future.Yield()
	c.Poke(&x)
}

//pinion:async
func AppendedToOuter() { // want -x
	var list []*int
	for range 3 {
		x := 1
		list = append(list, &x)
		future.Yield()
	}
}

//pinion:async
func StoredInOuter() (n int) { // want -i -x
	var p, q *int
	for i := 0; i < 3; i++ {
		x := 1
		if p == nil {
			p, q = &x, &i
		}
		future.Yield()
		n += *p + *q
	}
	return n
}

//pinion:async
func StoredInOuterByClosures() { // want -i
	var list []func() int
	for i := 0; i < 3; i++ {
		list = append(list, func() int { i++; return i })
		future.Yield()
	}
}

//pinion:async
func ClosureInInit() (n int) { // want -i -f
	for i, f := 0, (func())(nil); i < 3; i++ {
		if f != nil {
			f()
		}
		f = func() { i++; _ = &f }
		future.Yield()
	}
	return
}

//pinion:async
func MethodValue() { // want -t
	var t T
	fns = append(fns, t.inc)
}

//pinion:async
func DeferInLoop() { // want -x -y
	for range 3 {
		var x, y int
		x++
		defer func() { x++ }()
		defer Inner(&y)
		future.Yield()
	}
}

//pinion:async
func DeferInGotoLoop() { // want -x
	n := 0
again:
	var x int
	defer func() { x++ }()
	future.Yield()
	if n++; n < 3 {
		goto again
	}
}

//pinion:async
func GotoLoop() { // want -x
	n := 0
	var first *int
again:
	x := n
	if first == nil {
		first = &x
	}
	future.Yield()
	if n++; n < 3 {
		goto again
	}
	_ = *first
}

//pinion:async
func ParameterStored(n int) { // want -n
	future.Yield()
	global = &n
}

//pinion:async
func ResultCaptured() (r int) { // want -r
	fns = append(fns, func() { _ = r })
	future.Yield()
	return
}

//pinion:async
func CapturedByValueByGc(c *conn.Conn) { // want -x
	var x struct{ n int }
	future.Yield()
	fns = append(fns, func() { _ = x })
	if false {
		x.n = 2
	}
}

//pinion:async
func ThroughLocalStruct() { // want -x
	var x int
	var t struct{ p *int }
	t.p = &x
	future.Yield()
	any_ = t
}

//pinion:async
func ThroughPointer(out **int) { // want -x
	var x int
	future.Yield()
	*out = &x
}

//pinion:async
func ThroughResultOfMethod() { // want -t
	var t T
	future.Yield()
	any_ = t.self().bytes()
}

//pinion:async
func Panics() { // want -x
	var x int
	future.Yield()
	panic(&x)
}

//pinion:async
func Awaited() { // want -x
	var x int
	_ = future.Await(low.HarmlessAsync(&x)).Poll
}

//pinion:async
func TwinByName() { // want -x
	var x int
	f := low.HarmlessAsync(&x)
	future.Yield()
	any_ = f
}

//pinion:async
func TwinByNamePolledByHand(cx *future.Context) { // want -x -f
	var x int
	var f InnerFuture
	f.Init(&x)
	f.Poll(cx)
	future.Yield()
}

//pinion:async
func OnAnotherSystem() { // want -x -y
	var x, y int
	const other = "x" == "y"
	if other {
		global = &x
	}
	switch other {
	case true:
		global = &y
	}
	future.Yield()
}

//pinion:async
func Writes(w io.Writer) { // want -b
	var b [4]byte
	future.Yield()
	w.Write(b[:])
}

//pinion:async
func Generic[P any](p P) { // want -x
	var x int
	future.Yield()
	y := &x
	_ = y
}

//pinion:async
func CallsGeneric() { // want -x
	var x int
	Generic(&x)
}

//pinion:async
func TypeSwitched(v any) { // want -v -v
	switch v := v.(type) {
	case int:
		future.Yield()
		_ = &v
	case string:
		future.Yield()
		any_ = &v
	}
}

//pinion:async
func Large() { // want -big
	var big [20 << 20]byte
	p := &big
	future.Yield()
	p[0]++
}

/* ............................................................................................................................................................................................................................................................... */ var _ = 1

//pinion:async
func FarRight() { // want +near -far
	var near int; _ = &near; near++; /* ............................................................................................................................................................................................................................................................... */ far := 1; p := &far; future.Yield(); *p++
}

/*line elsewhere.go:1:1*/
//pinion:async
func OfAnotherFile() { // want +x -y
	//line elsewhere.go:7
	var x, y int; p := &x; global = &y; future.Yield(); *p++
}
-- low/low.go --
package low

import (
	"example.com/m/conn"
	"github.com/pinion-go/pinion/future"
)

var kept *int

//pinion:async
func Harmless(p *int) { // want
	future.Yield()
	*p++
}

//pinion:async
func Keeps(p *int) { // want
	future.Yield()
	keep(p)
}

//pinion:async
func LetsLeafKeep(c *conn.Conn, b []byte) { // want
	c.Keep(b)
}

func keep(p *int) { kept = p }
` + conn

func TestWhatOutlivesItsCallIsBoxedAndNothingElse(t *testing.T) {
	t.Parallel()
	got, notes := verdicts(t, judged, "./...")
	for _, n := range notes {
		t.Error(n)
	}
	wantVerdicts(t, judged, got)
}

// The bodies of functions in other packages count, whichever packages are asked for.
func TestVerdictsDoNotDependOnThePatterns(t *testing.T) {
	t.Parallel()
	all, _ := verdicts(t, judged, "./...")
	one, notes := verdicts(t, judged, "./a")
	if notes != nil {
		t.Error(notes)
	}
	for name, verdict := range one {
		if all[name] != verdict {
			t.Errorf("%s: %q alone, %q with all others", name, verdict, all[name])
		}
	}
	if len(one) == 0 || slices.Contains([]string{one["CallsMarkedElsewhere"]}, "-x") {
		t.Errorf("the verdicts are %v", one)
	}
}
