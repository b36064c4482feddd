package gosmith

import "fmt"

// iterators are loops over functions. The package's own iterator is a marked method, so
// that it is a future; those of package rt are not.
var iterators = table[done]{
	{"range over an iterator", 7, whenDeep(func(g *gen, d int) {
		g.ranges(d, "int", "none", fmt.Sprintf("rt.%s(%d, %s)", oneOf(g, "Count", "Watched"), g.id(), g.expr("int", 2)), "")
	})},
	{"range over an iterator of pairs", 4, whenDeep(func(g *gen, d int) {
		g.ranges(d, "int", "string", fmt.Sprintf("rt.Pairs(%d, %s)", g.id(), g.expr("string", 2)), "")
	})},
	{"range over an iterator without values", 1, whenDeep(func(g *gen, d int) {
		g.enter(g.label(), true)
		g.line("for range rt.Twice(%d) {", g.id())
		g.body(2, d)
		g.line("}")
		g.leave()
	})},
	{"range over a literal", 2, whenDeep(func(g *gen, d int) {
		body := g.literalBody(nil, true, nil, func() {
			g.statements(1, d-1)
			g.line("for yield(%s) && rt.Fuel() {", g.expr("int", 2))
			g.statements(1, d-1)
			g.line("}")
		})
		g.ranges(d, "int", "none", fmt.Sprintf("func(yield func(int) bool) {\n%s}", body), "")
	})},
	{"range over a marked iterator", 5, func(g *gen, d int) (done, bool) {
		if d < 1 || g.fn.plain {
			return done{}, false
		}
		g.ranges(d, "int", "none", fmt.Sprintf("(Iter{n-1, %s}).All", g.expr("int", 2)), "")
		return done{}, true
	}},
	{"range over an iterator that assigns to places", 1, whenDeep(func(g *gen, d int) {
		g.enter(g.label(), true)
		g.line("for %s, gs = range rt.Pairs(%d, gs) {", g.place(2), g.id())
		g.body(2, d)
		g.line("}")
		g.leave()
	})},
	{"yield", 40, func(g *gen, d int) (done, bool) {
		if !g.fn.yields {
			return done{}, false
		}
		g.line("if !yield(%s) {\nrt.Log(%d)", g.expr("int", 2), g.id())
		if g.chance(90) { // else it may be called again, which panics
			g.returns(1)
		}
		g.line("}")
		return done{}, true
	}},
	{"yield in an expression", 12, func(g *gen, d int) (done, bool) {
		if !g.fn.yields {
			return done{}, false
		}
		g.line("rt.Log(%d, %s, yield(%s) && %s)", g.id(), g.expr("int", 2), g.expr("int", 2), g.expr("bool", 2))
		return done{}, true
	}},
}

// iterator declares the marked iterator.
func (g *gen) iterator() {
	g.line("type Iter struct{ n, x int }")
	g.line("//pinion:async\nfunc (t Iter) All(yield func(int) bool) {\nn := t.n\nif n <= 0 || !rt.Fuel() {\nreturn\n}")
	g.push()
	g.fn = &function{sig: &signature{name: "All"}, yields: true}
	g.size = 3 + g.r.IntN(6)
	if g.chance(35) {
		g.recovers()
	}
	g.statements(1+g.r.IntN(4), 3)
	g.line("_ = yield(t.x) && yield(%s)", g.expr("int", 2))
	g.pop()
	g.line("}")
}
