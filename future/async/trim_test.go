package async

import (
	"go/types"
	"strings"
	"testing"
)

// In each case gc must see a body, or a declaration, that is left out where nothing
// names it.
const trimmedAway = `
-- a/a.go --
package a

import (
	"fmt"
	"io"
	"os"

	"github.com/pinion-go/pinion/future"
)

var kept *int

//pinion:async
func Unnamed(p *int) { // want
	future.Yield()
	fmt.Fprintln(os.Stderr, *p)
}

//pinion:async
func Called() { // want +x
	var x int
	Unnamed(&x)
}

//pinion:async
func inner(p *int) { // want
	future.Yield()
	kept = p
}

//pinion:async
func outer(p *int) { // want
	future.Yield()
	inner(p)
}

//pinion:async
func Blocking() { // want -x +y
	var x, y int
	f := func() { outer(&x); harmless(&y) }
	f()
	future.Yield()
}

//pinion:async
func harmless(p *int) { // want
	future.Yield()
	*p++
}

//pinion:async
func ByTwin() { // want -x
	var x int
	future.Await(namedAsync(&x))
}

//pinion:async
func named(p *int) { // want
	future.Yield()
	*p++
}

type stream struct{}

//pinion:async
func (stream) Read(p []byte) (int, error) { // want
	future.Yield()
	return len(p), nil
}

var _ io.Reader = stream{}

//pinion:async
func ThroughAnInterface() { // want -x
	var x [4]byte
	future.Yield()
	io.ReadFull(stream{}, x[:])
}

type box struct{ p *int }

//pinion:async
func (b *box) put(p *int) { // want
	future.Yield()
	b.p = p
}

//pinion:async
func Method() { // want -x +y
	var x, y int
	f := func() { new(box).put(&x); new(box).use(&y) }
	f()
	future.Yield()
}

//pinion:async
func (b *box) use(p *int) { // want
	future.Yield()
	*p++
}
`

func TestGcSeesTheBodiesOfAllThatIsNamed(t *testing.T) {
	t.Parallel()
	got, notes := verdicts(t, trimmedAway, "./a")
	for _, n := range notes {
		t.Error(n)
	}
	wantVerdicts(t, trimmedAway, got)
}

// gc wants the function of the directive declared, which nothing names.
const directed = `
-- a/a.go --
package a

import (
	_ "unsafe"

	"github.com/pinion-go/pinion/future"
)

//go:linkname F example.com/m/a.other

//pinion:async
func F() { // want +x
	var x int
	p := &x
	future.Yield()
	*p++
}
`

func TestWhereTooMuchIsLeftOutGcIsAskedAgain(t *testing.T) {
	t.Parallel()
	got, notes := verdicts(t, directed, "./a")
	for _, n := range notes {
		t.Error(n)
	}
	wantVerdicts(t, directed, got)
}

func TestWhatNobodyNamesIsLeftOut(t *testing.T) {
	t.Parallel()
	dir := module(t, trimmedAway)
	l := newLoader(Config{Dir: dir, Env: offline(), Context: t.Context()})
	jobs, err := l.load([]string{"./a"})
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{loader: l, copies: make(map[funcKey]bool), leaves: &leaves{files: l.files, stubs: l.overlay}}
	for _, j := range jobs {
		j.stays, j.judged = make(map[types.Object]bool), make(map[types.Object]bool)
		o.declare(j)
		o.shadow(j)
	}
	trimmed := o.trim()
	s := jobs[0].translated[0]
	source := string(trimmed.source(jobs[0].unit, s))
	stub, err := keeping(s.stub, "sink", trimmed.without(s))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text, what string
		want       bool
	}{
		{source, "func Unnamed(", false},
		{source, "func Called(", false},
		{source, "func inner(", true},
		{source, "func harmless(", true},
		{source, "func (stream) Read(p []byte) (int, error) { for {} }", true},
		{source, "func (b *box) put(", true},
		{source, "b.p = p", true},
		{source, `_ "fmt"`, true},
		{source, `_ "os"`, true},
		{source, `_ "io"`, false},
		{string(stub), "namedFuture", true},
		{string(stub), "innerFuture", false},
		{string(stub), "ReadAsync", false},
	} {
		if got := strings.Contains(test.text, test.what); got != test.want {
			t.Errorf("gc is shown %q: %t, want %t, in\n%s", test.what, got, test.want, test.text)
		}
	}
}
