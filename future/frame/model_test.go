package frame_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"github.com/pinion-go/pinion/future"
)

// A function of the tests is a list of statements. It is run in two ways: as an
// ordinary function, in which defer, panic, recover and Goexit are Go's own, and as
// a future of the shape that the compiler gives to such a function. Both write what
// they do into a trace.

type function struct {
	name string
	body []statement
}

type statement struct {
	op op
	v  int       // what is panicked with, or assigned to the result
	f  *function // what is called or deferred, or is the iterator
	g  *function // the body of a range over an iterator
	in bool      // the iterator is a future itself
}

type op int

const (
	opPrint       op = iota
	opYield          // a suspension point
	opCall           // a call of f
	opDefer          // a deferred call of f, which has no suspension points
	opDeferAsync     // a deferred call of f
	opDeferOther     // a deferred call of something peculiar, see peculiar
	opRecover        // print recover()
	opPanic          // panic(v)
	opPanicAgain     // v := recover(); if v != nil { panic(v) }
	opPanicNil       // panic(nil)
	opPanicError     // a runtime.Error
	opPanicUncomp    // panic([]int{v})
	opGoexit
	opReturn    // return v
	opResult    // result = v
	opRange     // for range f { g }, with recover in it if v is even
	opEmit      // yield(v), in an iterator and what it calls
	opDeferEmit // defer yield(v)
	opNumber
)

var opNames = [opNumber]string{"print", "yield", "call", "defer", "deferasync", "deferother", "recover", "panic", "again", "panicnil", "panicerror", "panicuncomparable", "goexit", "return", "result", "range", "emit", "deferemit"}

func (f *function) String() string {
	var b strings.Builder
	b.WriteString("{")
	for i, s := range f.body {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(opNames[s.op])
		if s.v != 0 {
			fmt.Fprintf(&b, " %d", s.v)
		}
		if s.f != nil {
			b.WriteString(" " + s.f.String())
		}
		if s.g != nil {
			b.WriteString(" do " + s.g.String())
		}
	}
	b.WriteString("}")
	return b.String()
}

// machine runs functions.
type machine struct {
	trace []string
	yield func() bool      // whether a suspension point suspends
	emits []func(int) bool // of the iterators under way, the innermost last
}

func (m *machine) print(format string, args ...any) {
	m.trace = append(m.trace, fmt.Sprintf(format, args...))
}

func show(v any) string {
	if e, ok := v.(runtime.Error); ok {
		return fmt.Sprintf("%T(%v)", e, e)
	}
	return fmt.Sprintf("%T(%v)", v, v)
}

// cause panics or calls Goexit.
func cause(s statement) {
	switch s.op {
	case opPanic:
		panic(s.v)
	case opPanicNil:
		panic(nil)
	case opPanicError:
		var a []int
		a[s.v]++
	case opPanicUncomp:
		panic([]int{s.v})
	case opGoexit:
		runtime.Goexit()
	}
}

// native runs f as Go does. Deferred, its recover is that of a deferred function.
func (m *machine) native(f *function) (result int) {
	m.print("%s begins", f.name)
	for i, s := range f.body {
		switch s.op {
		case opPrint, opYield:
			m.print("%s %d", f.name, i)
		case opCall:
			m.print("%s got %d", f.name, m.native(s.f))
		case opDefer, opDeferAsync:
			defer m.native(s.f)
		case opDeferOther:
			switch s.v {
			case 0:
				defer recover()
			case 1:
				defer m.method()
			case 2:
				defer func() { m.print("literal: %s", show(recover())); result += 100 }()
			case 3:
				var none func()
				defer none()
			case 4:
				defer m.indirect()
			case 5:
				g := m.method
				defer g()
			}
		case opRecover:
			m.print("%s recovers %s", f.name, show(recover()))
		case opPanicAgain:
			if v := recover(); v != nil {
				panic(v)
			}
		case opReturn:
			return s.v
		case opResult:
			result = s.v
		case opRange:
			for v := range m.iterator(s.f) {
				if s.v%2 == 0 {
					m.print("%s: the body recovers %s", f.name, show(recover()))
				}
				r := m.native(s.g)
				m.print("%s: the body got %d and did %d", f.name, v, r)
				if r%4 == 1 {
					break
				} else if r%4 == 2 {
					return r
				}
			}
			m.print("%s is behind the range", f.name)
		case opEmit:
			if goOn := m.emit(s.v); !goOn && s.v%3 > 0 {
				return -s.v
			}
		case opDeferEmit:
			if n := len(m.emits) - 1; n >= 0 {
				defer m.emits[n](s.v)
			}
		default:
			cause(s)
		}
	}
	return result
}

// iterator is an iterator that is f. What f calls may call yield as well.
func (m *machine) iterator(f *function) iter.Seq[int] {
	return func(yield func(int) bool) {
		m.emits = append(m.emits, yield)
		defer func() { m.emits = m.emits[:len(m.emits)-1] }()
		m.print("%s ends with %d", f.name, m.native(f))
	}
}

// emit calls the yield of the innermost iterator, whose body may begin another.
func (m *machine) emit(v int) (goOn bool) {
	n := len(m.emits) - 1
	if n < 0 {
		return false
	}
	yield := m.emits[n]
	m.emits = m.emits[:n]
	defer func() { m.emits = append(m.emits, yield) }()
	goOn = yield(v)
	m.print("yield says %t", goOn)
	return goOn
}

func (m *machine) method()   { m.print("method: %s", show(recover())) }
func (m *machine) indirect() { m.method() }

// outcome runs f on a goroutine of its own and adds to the trace how it ends.
func (m *machine) outcome(f func() int) []string {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		finished := false
		defer func() { m.print("goroutine ends: finished %t", finished) }()
		func() {
			returned := false
			defer func() {
				if !returned {
					m.print("recovered %s", show(recover()))
				}
			}()
			m.print("result %d", f())
			returned = true
		}()
		finished = true
	}()
	<-ended
	return m.trace
}

// runNative returns the trace of f as a function.
func runNative(f *function) []string {
	m := new(machine)
	return m.outcome(func() int { return m.native(f) })
}

// runCompiled returns the trace of f as a future under Block.
func runCompiled(f *function, yield func() bool) []string {
	m := &machine{yield: yield}
	return m.outcome(func() int {
		c := &compiled{m: m, f: f}
		if err := future.Block(c); err != nil {
			panic(err)
		}
		return c.result
	})
}

// without takes an operation out of f and what it calls. That of a native iterator in it
// may call its own yield all the same.
func (f *function) without(o op) {
	f.body = slices.DeleteFunc(f.body, func(s statement) bool { return s.op == o })
	for _, s := range f.body {
		if s.f != nil && (s.op != opRange || o != opEmit && o != opDeferEmit) {
			s.f.without(o)
		}
		if s.g != nil {
			s.g.without(o)
		}
	}
}

// generate returns a random function. Without async it has no suspension points.
func generate(rng *rand.Rand, names *int, depth int, async bool) *function {
	*names++
	f := &function{name: fmt.Sprintf("f%d", *names)}
	for range 1 + rng.IntN(5) {
		s := statement{op: op(rng.IntN(int(opNumber))), v: rng.IntN(9) + 1}
		switch s.op {
		case opDeferEmit:
			if async { // an error of the compiler
				continue
			}
		case opYield, opDeferAsync:
			if !async {
				continue
			}
		case opDeferOther:
			// Not the nil function: Go 1.26 may crash ("bad recovery") when one
			// is deferred by a function that a bounds check ends.
			if s.v = rng.IntN(6); s.v == 3 {
				continue
			}
		case opGoexit, opPanicNil, opPanicError, opPanicUncomp, opReturn:
			if rng.IntN(3) > 0 {
				continue
			}
		}
		switch s.op {
		case opCall, opDefer, opDeferAsync, opRange:
			if depth == 0 {
				continue
			}
			s.in = async && s.op == opRange && rng.IntN(2) == 0
			s.f = generate(rng, names, depth-1, async && s.op != opDefer && s.op != opRange || s.in)
			if s.op == opRange {
				s.g = generate(rng, names, depth-1, async)
			}
			if s.op == opDefer && async {
				s.f.without(opEmit)
				s.f.without(opDeferEmit)
			}
			if s.in { // what it defers could not suspend
				s.f.without(opGoexit)
			}
		}
		f.body = append(f.body, s)
	}
	return f
}
