package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

const pointed = `
-- a/a.go --
package a

import "github.com/pinion-go/pinion/future"

//pinion:async
func F() { // want +x
	var x int
	p := &x
	future.Yield()
	*p++
}
`

// rejected is accepted by go/types and not by gc, which wants unsafe imported.
const rejected = `-- a/b.go --
package a

//go:linkname one other
func one() {}
`

// Where gc cannot be run, or its words are not understood, every local in question
// is boxed, and the result says why.
func TestWithoutAnAnswerEverythingIsBoxed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, archive, env, note string }{
		{"gc rejects the package", pointed + rejected, "GOFLAGS=-mod=mod", "failed"},
		{"a name has the prefix of shadows", pointed + "-- a/b.go --\npackage a\n\nvar pinionShadowed int\n", "GOFLAGS=-mod=mod", "names that begin with"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, notes := verdictsIn(t, Config{Dir: module(t, test.archive), Env: append(offline(), test.env)}, "./a")
			if got["F"] != "-x" {
				t.Errorf("the verdict is %q, want everything boxed", got["F"])
			}
			if len(notes) != 1 || !strings.Contains(notes[0], test.note) {
				t.Errorf("the notes are %q, want one with %q", notes, test.note)
			}
		})
	}
}

func TestGcIsNotAskedWhenNothingIsPointedTo(t *testing.T) {
	_, notes := verdicts(t, `
-- a/a.go --
package a

import "github.com/pinion-go/pinion/future"

//pinion:async
func F(n int) (m int) {
	x := n
	future.Yield()
	return x
}
`+rejected, "./a")
	if notes != nil { // it would have complained
		t.Error(notes)
	}
}

const testFiles = pointed + `
-- a/in_test.go --
package a

import "github.com/pinion-go/pinion/future"

var kept *int

//pinion:async
func Inside() { // want +x -y
	var x, y int
	F()
	inner(&x)
	kept = &y
}

//pinion:async
func inner(p *int) { // want
	future.Yield()
	*p++
}

func Keep(p *int) { kept = p }
-- a/out_test.go --
package a_test

import (
	"example.com/m/a"
	"github.com/pinion-go/pinion/future"
)

//pinion:async
func Outside() { // want +x -y
	var x, y int
	p := &x
	a.Inside()
	future.Yield()
	a.Keep(&y)
	*p++
}
`

func TestFunctionsInTestFilesAreJudgedToo(t *testing.T) {
	t.Parallel()
	got, notes := verdictsIn(t, Config{Dir: module(t, testFiles), Tests: true, Env: offline()}, "./...")
	for _, n := range notes {
		t.Error(n)
	}
	wantVerdicts(t, testFiles, got)
}

func TestOnlyWhatGcIsSeenToAnalyseIsBelieved(t *testing.T) {
	const witness = "a/pinion_shadow_0.go:9:1: moved to heap: witness"
	for _, test := range []struct {
		name  string
		said  []string
		stays bool
		note  string
	}{
		{"the witness alone", []string{"# a", witness}, true, ""},
		{"the witness and another file's variable", []string{witness, "a/a.go:3:4: moved to heap: x"}, true, ""},
		{"nothing", []string{"# a"}, false, "says nothing about it"},
		{"the variable", []string{witness, "a/pinion_shadow_0.go:3:4: moved to heap: x"}, false, ""},
		{"the variable, from a Windows shell", []string{witness, `a\pinion_shadow_0.go:3:4: moved to heap: x`}, false, ""},
		{"the variable in the file of a test", []string{witness, "a/pinion_shadow_0_test.go:3:4: moved to heap: x"}, false, ""},
		{"one that is not there", []string{witness, "a/pinion_shadow_0.go:3:5: moved to heap: x"}, false, "speaks of x at 3:5"},
		{"one without a column", []string{witness, "a/pinion_shadow_0.go:3: moved to heap: x"}, false, "speaks of x at 3:0"},
		{"one of gc's own", []string{witness, "a/pinion_shadow_0.go:3: moved to heap: #state1"}, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			pkg := types.NewPackage("a", "a")
			x := types.NewVar(token.NoPos, pkg, "x", types.Typ[types.Int])
			j := &job{unit: &unit{pkg: pkg, stays: make(map[types.Object]bool), judged: make(map[types.Object]bool)}}
			o := &oracle{shadows: []*shadow{{
				job: j, source: &source{path: "a.go"},
				copies: []*copied{{
					decl: &ast.FuncDecl{Name: ast.NewIdent("F")}, witness: "witness",
					candidates: map[types.Object]bool{x: true}, escapes: make(map[types.Object]bool),
				}},
				where: map[place]types.Object{{3, 4}: x},
			}}}
			o.believe(test.said)
			if j.stays[x] != test.stays {
				t.Errorf("x stays: %v, want %v", j.stays[x], test.stays)
			}
			if got := strings.Join(o.notes, "; "); !strings.Contains(got, test.note) || test.note == "" && got != "" {
				t.Errorf("the notes are %q, want %q", got, test.note)
			}
		})
	}
}

// What is nothing to keep has no type of its own, and gets none in a shadow that gc
// would not accept.
func TestShadowsOfConstantsBuild(t *testing.T) {
	t.Parallel()
	got, notes := verdicts(t, `
-- a/a.go --
package a

import "github.com/pinion-go/pinion/future"

type (
	num  int
	flag bool
	word string
)

const yes flag = true

//pinion:async
func either[T any](a, b T) T {
	future.Yield()
	return a
}

//pinion:async
func F(n uint, set flag, w word) { // want +x
	var x int
	p := &x
	either[num](1, num(*p))
	either[num](1<<n, -1<<n)
	either[flag](true, n == 1)
	either[flag](yes, !(n == 1))
	either[[]int](nil, nil)
	either[any](nil, n == 2)
	either[word]("a", w+"b")
	either[func()](nil, F0)
	if set && true || yes || set || false {
		future.Yield()
	}
	for set && yes {
		future.Yield()
	}
	switch {
	case true && bool(set), n == 1 && true:
		future.Yield()
	}
	switch yes {
	case set && true:
		future.Yield()
	}
	*p++
}

func F0() {}
`, "./a")
	if got["F"] != "+x" || notes != nil {
		t.Errorf("the verdict is %q, with the notes %q", got["F"], notes)
	}
}
