package gosmith

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"strings"
)

// Program is one generated program: a package with one file and a function Main.
// All packages are named prog, so that messages with the names of types compare.
type Program struct {
	Seed    uint64
	Package string // its folder in a batch
	Source  []byte
	Covers  map[string]bool // the constructs that it contains
}

// Generate makes the program of a seed. The same seed makes the same program.
func Generate(seed uint64) *Program { return generate(seed, nil) }

// generate plants the fault, if there is one, where the program would be affected
// by it. The program is otherwise that of the seed.
func generate(seed uint64, f *fault) *Program {
	g := &gen{
		r:         rand.New(rand.NewPCG(seed, 0x706e696f6e)),
		covers:    make(map[string]bool),
		fault:     f,
		ids:       9, // of one digit are what fresh appends
		oddLabels: make(map[string]bool),
		out:       new(text),
	}
	p := &Program{Seed: seed, Package: fmt.Sprintf("p%d", seed), Covers: g.covers}
	if f != nil {
		p.Package += f.suffix
	}
	g.program(p)
	src, err := format.Source([]byte(g.out.String()))
	if err != nil {
		panic(fmt.Sprintf("gosmith: the program of seed %d does not parse: %v\n%s", seed, err, g.out))
	}
	p.Source = src
	return p
}

// gen is the state of a generation.
type gen struct {
	r         *rand.Rand
	covers    map[string]bool
	fault     *fault
	out       *text
	scope     *scope
	fn        *function // around the statement that is being made
	funcs     []*signature
	ids       int // operations so far
	labels    int
	globals   []string // the package's variables
	start     []string // sets them at the start of Main, which may run several times
	uses      []use
	instances []string // types that the generic function is instantiated for
	oddLabels map[string]bool
	shaped    []shaped // named types of the package
	generic   bool     // nothing may instantiate functions of the program here
	size      int      // statements that may still be made in this function
}

// program makes the whole file.
func (g *gen) program(p *Program) {
	g.line("// Package prog is the program of seed %d.", p.Seed)
	g.line("package prog")
	g.line("import %q", rtPath)
	g.push()
	g.prelude()
	g.declare()
	g.shapedTypes()
	for _, f := range g.funcs {
		g.function(f)
	}
	g.iterator()
	g.catcher()
	g.main()
	g.pop()
}

const rtPath = "github.com/pinion-go/pinion/future/async/internal/gosmith/rt"

// main calls each function that can be called without arguments of note, with
// fuel of its own, and shows the package's variables after each.
func (g *gen) main() {
	g.line("//pinion:async\nfunc Main() {")
	g.push()
	g.fn = &function{sig: &signature{name: "Main"}}
	g.line("const n = 3")
	g.line("%s", strings.Join(g.start, "\n"))
	for i, f := range g.funcs {
		if f.recv != "" || f.generic != "" {
			continue
		}
		g.line("func() {\ndefer func() { rt.Caught(%d, recover()) }()\nrt.Refuel(%d)", g.id(), 60+g.r.IntN(100))
		switch len(f.results) {
		case 0:
			g.line("%s", g.call(f, 2))
		default:
			vars := make([]string, len(f.results))
			for k := range vars {
				vars[k] = fmt.Sprintf("r%d", k)
			}
			g.line("%s := %s", strings.Join(vars, ", "), g.call(f, 2))
			g.line("rt.Log(%d, %s)", g.id(), strings.Join(vars, ", "))
		}
		g.line("}()")
		if i%2 == 0 {
			g.line("rt.Log(%d, %s)", g.id(), strings.Join(g.globals, ", "))
		}
	}
	g.line("rt.Log(%d, %s)", g.id(), strings.Join(g.globals, ", "))
	g.pop()
	g.line("}")
}

// id numbers an operation, so that a line of the trace leads to its place.
func (g *gen) id() int {
	g.ids++
	return g.ids
}

// chance is true in p of 100 cases.
func (g *gen) chance(p int) bool { return g.r.IntN(100) < p }

func (g *gen) cover(construct string) { g.covers[construct] = true }

// oneOf chooses one of the values.
func oneOf[T any](g *gen, vs ...T) T { return vs[g.r.IntN(len(vs))] }
