package gosmith

import (
	"fmt"
	"strings"
)

// places are the ways to write what an int can be assigned to. Evaluating the
// operands of a place may suspend, and what it stands in may be changed meanwhile.
var places table[string]

func init() {
	places = table[string]{
		{"place: variable", 8, func(g *gen, d int) (string, bool) {
			v := g.target("int")
			if v == nil {
				return "", false
			}
			return v.name, true
		}},
		{"place: field", 3, func(g *gen, d int) (string, bool) {
			v := g.target("T0")
			if v == nil {
				return "", false
			}
			return v.name + "." + oneOf(g, "a", "b", "arr[0]"), true
		}},
		{"place: field through a pointer", 3, filled("%s.a", "*T0")},
		{"place: promoted field", 1, filled("%s.b", "*T1")},
		{"place: element of a slice", 4, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("%s[%s]", g.expr("[]int", d), g.index("3", d)), true
		}},
		{"place: element of an array", 4, func(g *gen, d int) (string, bool) {
			v := g.target("[3]int")
			if v == nil {
				return "", false
			}
			g.use(v)
			return fmt.Sprintf("%s[%s]", v.name, g.index("3", d)), true
		}},
		{"place: element through an array pointer", 2, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("%s[%s]", g.expr("*[3]int", d), g.index("3", d)), true
		}},
		{"place: entry of a map", 4, filled("%s[%s]", "map[string]int", "string")},
		{"place: entry under bytes", 2, func(g *gen, d int) (string, bool) { return "gm[string(gby)]", true }},
		{"place: entry under a struct", 2, filled("gbox[%s]", "Box[int]")},
		{"place: dereference", 4, filled("*%s", "*int")},
	}
}

// place makes something that an int can be assigned to.
func (g *gen) place(d int) string {
	p, ok := places.pick(g, d)
	if !ok {
		return "g0"
	}
	return p
}

// busyPlace makes a place, mostly one whose operands are computed.
func (g *gen) busyPlace(d int) string {
	if g.fn.plain || g.chance(40) {
		return g.place(d)
	}
	switch p := fmt.Sprintf("rt.Point(%d)", g.id()); g.r.IntN(4) {
	case 0:
		return fmt.Sprintf("garr[uint(%s)%%3]", p)
	case 1:
		return fmt.Sprintf("gm[rt.Str(%d)]", g.id())
	case 2:
		return fmt.Sprintf("*rt.Echo(%d, &g%d)", g.id(), g.r.IntN(2))
	default:
		return fmt.Sprintf("rt.Echo(%d, gp).arr[uint(%s)%%3]", g.id(), p)
	}
}

// blankOr makes a place, or the blank identifier.
func (g *gen) blankOr(d int) string {
	if g.chance(30) {
		return "_"
	}
	return g.place(d)
}

var operators = []string{"+=", "-=", "*=", "|=", "&=", "^=", "&^="}

// assignments assign to what exists.
var assignments = table[done]{
	{"assign", 10, does(func(g *gen, d int) { g.line("%s = %s", g.place(2), g.expr("int", 2)) })},
	{"assign to a package variable", 6, does(func(g *gen, d int) {
		g.line("%s %s %s", oneOf(g, "g0", "g1", "gt.a", "garr[1]", "gp.b"), oneOf(g, "=", "+=", "^="), g.expr("int", 2))
	})},
	{"assign to a variable of any type", 6, func(g *gen, d int) (done, bool) {
		typ := oneOf(g, types...)
		v := g.target(typ)
		if v == nil {
			return done{}, false
		}
		g.line("%s = %s", v.name, g.expr(typ, 2))
		return done{}, true
	}},
	{"assign several", 8, does(func(g *gen, d int) {
		a, b, x, y := g.place(2), g.place(2), g.expr("int", 2), g.expr("int", 2)
		if g.fault.is(sequential) {
			g.line("%s = %s\n%s = %s", a, x, b, y)
			return
		}
		g.line("%s, %s = %s, %s", a, b, x, y)
	})},
	{"swap", 2, does(func(g *gen, d int) {
		a, b := g.place(0), g.place(0)
		if g.fault.is(sequential) {
			g.line("%s = %s\n%s = %s", a, b, b, a)
			return
		}
		g.line("%s, %s = %s, %s", a, b, b, a)
	})},
	{"assign several results", 4, when(canSuspend, func(g *gen, d int) {
		e, ok := "", false
		if g.chance(60) {
			e, ok = g.callOf(2, "int", "int")
		}
		if !ok {
			e = fmt.Sprintf("rt.Two(%d)", g.id())
		}
		g.line("%s, %s = %s", g.blankOr(2), g.place(2), e)
	})},
	{"assign a comma-ok form", 4, does(func(g *gen, d int) {
		var form string
		switch g.r.IntN(3) {
		case 0:
			form = g.fill("%s[%s]", 2, "map[string]int", "string")
		case 1:
			form = g.expr("any", 2) + ".(int)"
		case 2:
			form = "<-rt.Closed(" + g.expr("int", 2) + ")"
		}
		g.line("%s, %s = %s", g.place(2), "gb", form)
	})},
	{"op-assign", 10, does(func(g *gen, d int) {
		at, op, e := g.busyPlace(2), oneOf(g, operators...), g.expr("int", 2)
		if g.fault.is(leftTwice) {
			g.line("%s = %s %s (%s)", at, at, strings.TrimSuffix(op, "="), e)
			return
		}
		g.line("%s %s %s", at, op, e)
	})},
	{"op-assign that may panic", 1, does(func(g *gen, d int) {
		g.line("%s %s (%s%s)", g.place(2), oneOf(g, "/=", "%="), g.varying(2), oneOf(g, "", " | 1"))
	})},
	{"op-assign of a shift", 1, does(func(g *gen, d int) {
		g.line("%s %s uint(%s) %% 8", g.place(2), oneOf(g, "<<=", ">>="), g.varying(2))
	})},
	{"op-assign of a string", 2, func(g *gen, d int) (done, bool) {
		v := g.target("string")
		if v == nil {
			return done{}, false
		}
		g.line("%s += %s", v.name, g.short())
		return done{}, true
	}},
	{"increment", 4, does(func(g *gen, d int) { g.line("%s%s", g.busyPlace(2), oneOf(g, "++", "--")) })},
	{"delete", 1, does(func(g *gen, d int) { g.line("%s", g.fill("delete(%s, %s)", 2, "map[string]int", "string")) })},
	// A literal is not cleared where it stands: on clear([]int{m[b] + x}) gc 1.26 reports
	// an internal compiler error.
	{"clear", 1, does(func(g *gen, d int) { g.line("clear(%s)", g.leaf(oneOf(g, "[]int", "map[string]int"), 2)) })},
}
