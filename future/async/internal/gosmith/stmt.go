package gosmith

import (
	"fmt"
	"strings"
)

// done is what the production of a statement makes: it has written its lines.
type done struct{}

// statements are all that there are.
var statements table[done]

func init() {
	for _, t := range []table[done]{
		declarations, assignments, growth, branches, loops, iterators, jumpsOut, deferrals, channels, hidings, named,
	} {
		statements = append(statements, t...)
	}
}

// does is the production of a statement that is always possible.
func does(f func(g *gen, d int)) func(*gen, int) (done, bool) {
	return func(g *gen, d int) (done, bool) { f(g, d); return done{}, true }
}

// when is the production of a statement that is only possible at times.
func when(possible func(g *gen) bool, f func(g *gen, d int)) func(*gen, int) (done, bool) {
	return func(g *gen, d int) (done, bool) {
		if !possible(g) {
			return done{}, false
		}
		f(g, d)
		return done{}, true
	}
}

// statements makes n statements, nested at most d deep.
func (g *gen) statements(n, d int) {
	for range n {
		if g.size--; g.size < 0 {
			g.logs(1)
			return
		}
		statements.pick(g, d)
		if g.chance(40) {
			g.watch()
		}
	}
}

// watch writes some variables into the trace.
func (g *gen) watch() {
	var vals []string
	for range 1 + g.r.IntN(3) {
		typ := oneOf(g, "int", "int", "int", "string", "[]int", "[3]int", "T0", "*T0", "map[string]int", "any", "bool")
		if v := g.variable(typ); v != nil {
			g.use(v)
			vals = append(vals, v.name)
		}
	}
	if len(vals) > 0 {
		g.line("rt.Log(%d, %s)", g.id(), strings.Join(vals, ", "))
	}
}

// body makes the statements of a block, without the braces.
func (g *gen) body(n, d int) {
	g.push()
	g.statements(1+g.r.IntN(n), d-1)
	g.pop()
}

// logs writes values into the trace.
func (g *gen) logs(d int) {
	vals := make([]string, 1+g.r.IntN(3))
	for i := range vals {
		vals[i] = g.expr(oneOf(g, "int", "int", "int", "string", "bool", "[]int", "[3]int", "T0", "any", "uint8"), d)
	}
	g.line("rt.Log(%d, %s)", g.id(), strings.Join(vals, ", "))
}

// results returns new names of the types, for a declaration of several variables.
func (g *gen) declareAll(format string, typs ...string) {
	vars := make([]string, len(typs))
	for i := range vars {
		vars[i] = g.fresh()
		for k := range i {
			if vars[k] == vars[i] {
				vars[i] += "_"
			}
		}
	}
	g.line(format, strings.Join(vars, ", "))
	for i, typ := range typs {
		g.define(vars[i], typ)
	}
}

// declarations declare variables; their values are computed before.
var declarations = table[done]{
	{"define", 12, does(func(g *gen, d int) {
		typ := g.someType()
		g.declareAll("%s := "+escape(fmt.Sprintf("%s(%s)", paren(typ), g.expr(typ, 2))), typ)
	})},
	{"declare without a value", 2, does(func(g *gen, d int) {
		typ := oneOf(g, "int", "string", "[3]int", "T0", "any", "bool")
		g.declareAll("var %s "+typ, typ)
	})},
	{"declare with a value", 3, does(func(g *gen, d int) {
		typ := g.someType()
		g.declareAll("var %s "+escape(typ+" = "+g.expr(typ, 2)), typ)
	})},
	{"define several", 4, does(func(g *gen, d int) {
		a, b := "int", g.someType()
		e := fmt.Sprintf("int(%s), %s(%s)", g.expr(a, 2), paren(b), g.expr(b, 2))
		g.declareAll("%s := "+escape(e), a, b)
	})},
	{"define from several results", 4, func(g *gen, d int) (done, bool) {
		if g.fn.plain {
			return done{}, false
		}
		for _, f := range g.funcs {
			if f.recv == "" && len(f.results) == 2 && g.chance(40) {
				g.declareAll("%s := "+escape(g.call(f, 2)), f.results[0].typ, f.results[1].typ)
				return done{}, true
			}
		}
		g.declareAll("%s := "+fmt.Sprintf("rt.Two(%d)", g.id()), "int", "int")
		return done{}, true
	}},
	{"define a value and an error", 3, when(canSuspend, func(g *gen, d int) {
		g.declareAll("%s := "+fmt.Sprintf("rt.Try(%d)", g.id()), "int", "error")
	})},
	{"comma-ok map read", 3, does(func(g *gen, d int) {
		g.declareAll("%s := "+escape(g.fill("%s[%s]", 2, "map[string]int", "string")), "int", "bool")
	})},
	{"comma-ok assertion", 3, does(func(g *gen, d int) {
		typ := oneOf(g, "int", "string", "T0", "*T0", "Num", "error", "[3]int")
		g.declareAll("%s := "+escape(g.expr("any", 2)+".("+typ+")"), typ, "bool")
	})},
	{"comma-ok assertion to an interface", 1, does(func(g *gen, d int) {
		g.declareAll("%s := "+escape(g.expr("any", 2)+".(Shape)"), "Shape", "bool")
	})},
	{"comma-ok receive", 2, does(func(g *gen, d int) {
		g.declareAll("%s := "+escape("<-rt."+oneOf(g, "Full", "Closed")+"("+g.expr("int", 2)+")"), "int", "bool")
	})},
	{"log", 10, does(func(g *gen, d int) { g.logs(3) })},
	{"call without results", 4, when(canSuspend, func(g *gen, d int) {
		if g.chance(60) {
			if e, ok := g.callOf(3); ok {
				g.line("%s", e)
				return
			}
		}
		g.line("rt.Nop(%d)", g.id())
	})},
	{"call whose result is dropped", 3, when(canSuspend, func(g *gen, d int) {
		g.line("rt.Echo(%d, %s)", g.id(), g.expr("int", 2))
	})},
	{"blank assignment", 2, does(func(g *gen, d int) { g.line("_ = %s", g.expr(g.someType(), 2)) })},
	{"closure that changes what it captures", 4, does(func(g *gen, d int) {
		g.declareAll("%s := "+escape(g.closure()), "func(int) int")
	})},
	{"method value that is kept", 1, when(canSuspend, func(g *gen, d int) {
		m := fmt.Sprintf("m%d", g.id())
		g.line("%s := %s.%s", m, g.expr("*T0", 2), oneOf(g, "Get", "Put"))
		g.statements(1, d-1)
		g.line("rt.Log(%d, %s(n-1, %s))", g.id(), m, g.expr("int", 2))
	})},
}

func canSuspend(g *gen) bool { return !g.fn.plain }

func rarely(g *gen) bool { return g.chance(40) }

func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }
