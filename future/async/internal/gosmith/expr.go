package gosmith

import (
	"fmt"
	"slices"
	"strings"
)

// expressions has the ways to make a value of each type.
var expressions = map[string]table[string]{}

// expr makes an expression of the type, nested at most d deep.
func (g *gen) expr(typ string, d int) string {
	if d > 0 {
		if e, ok := expressions[typ].pick(g, d-1); ok {
			return e
		}
	}
	return g.simple(typ)
}

// simple makes an expression without operands.
func (g *gen) simple(typ string) string {
	if g.chance(75) {
		if e := g.read(typ); e != "" {
			return e
		}
	}
	return g.literal(typ)
}

// literal makes a value that is not nil, nearly always.
func (g *gen) literal(typ string) string {
	num := func() string { return fmt.Sprint(g.r.IntN(12) - 2) }
	switch typ {
	case "int", "Num":
		return num()
	case "uint8":
		return fmt.Sprint(g.r.IntN(256))
	case "string":
		return fmt.Sprintf("%q", oneOf(g, "", "a", "bc", "dé", "xyz"))
	case "bool":
		return oneOf(g, "true", "false")
	case "[]int", "[3]int":
		return fmt.Sprintf("%s{%s, %s, %s}", typ, num(), num(), num())
	case "map[string]int":
		return fmt.Sprintf("map[string]int{%q: %s}", g.key(), num())
	case "*int":
		return "new(int)"
	case "*[3]int":
		return "(&[3]int{" + num() + "})"
	case "T0":
		return "(T0{a: " + num() + ", b: " + num() + "})"
	case "*T0":
		return "(&T0{a: " + num() + "})"
	case "*T1":
		return "(&T1{T0: " + g.literal(g.embedded()) + ", c: " + num() + "})"
	case "any":
		return "any(" + num() + ")"
	case "error":
		return "error(rt.Fault(" + num() + "))"
	case "func(int) int":
		return "(func(i int) int { return i + " + num() + " })"
	case "Shape":
		return "Shape(" + g.literal("T0") + ")"
	case "Box[int]":
		return "(Box[int]{v: " + num() + "})"
	case "rt.Source":
		return "rt.Source(" + oneOf(g, "new(rt.Counter)", "rt.Fixed("+num()+")") + ")"
	case "V":
		return "*new(V)"
	}
	panic("gosmith: no literal of " + typ)
}

// embedded returns the type that T1 embeds.
func (g *gen) embedded() string {
	if g.covers["embedded by pointer"] {
		return "*T0"
	}
	return "T0"
}

func (g *gen) key() string { return oneOf(g, "k", "l", "a") }

// varying makes a number that is not constant, where a constant could be one
// that the language forbids, as an index or a divisor.
func (g *gen) varying(d int) string {
	if d > 0 && !g.fn.plain && g.chance(40) {
		return fmt.Sprintf("rt.Point(%d)", g.id())
	}
	if g.chance(90) {
		if e := g.read("int"); e != "" {
			return e
		}
	}
	return fmt.Sprintf("rt.Note(%d, %s)", g.id(), g.expr("int", d-1))
}

// index makes an index below length, or now and then one that may be out of range.
func (g *gen) index(length string, d int) string {
	if g.risk() {
		return g.varying(d)
	}
	return fmt.Sprintf("uint(%s)%%%s", g.varying(d), length)
}

// risk is true where a program dares to panic.
func (g *gen) risk() bool { return g.chance(4) }

// calls makes a suspending operation with one result of the type, or a plain one
// where none may suspend.
func (g *gen) leaf(typ string, d int) string {
	if g.fn.plain || g.chance(20) {
		return fmt.Sprintf("rt.Note[%s](%d, %s)", typ, g.id(), g.expr(typ, d))
	}
	return fmt.Sprintf("rt.Echo[%s](%d, %s)", typ, g.id(), g.expr(typ, d))
}

// sprintf fills the operands in, each of the type that it names.
func (g *gen) fill(format string, d int, typs ...string) string {
	args := make([]any, len(typs))
	for i, t := range typs {
		args[i] = g.expr(t, d)
	}
	return fmt.Sprintf(format, args...)
}

// common are the ways to make a value of any type.
func common(typ string) table[string] {
	of := func(construct string) string { return typ + ": " + construct }
	return table[string]{
		{of("variable"), 12, func(g *gen, d int) (string, bool) { e := g.read(typ); return e, e != "" }},
		{of("leaf"), 5, func(g *gen, d int) (string, bool) { return g.leaf(typ, d), true }},
		{of("generic function"), 2, func(g *gen, d int) (string, bool) {
			if g.fn.plain || !g.mayInstantiate(typ) {
				return "", false
			}
			return fmt.Sprintf("either[%s](n-1, %s, %s)", typ, g.expr(typ, d), g.expr(typ, d)), true
		}},
		{of("element of a slice literal"), 1, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("[]%s{%s, %s}[%s]", typ, g.expr(typ, d), g.expr(typ, d), g.index("2", d)), true
		}},
		{of("function of the program"), 6, func(g *gen, d int) (string, bool) { return g.callOf(d, typ) }},
		{of("literal called at once"), 1, func(g *gen, d int) (string, bool) { return g.calledAtOnce(typ, d) }},
		{of("type assertion"), 1, func(g *gen, d int) (string, bool) {
			if g.risk() {
				return fmt.Sprintf("%s.(%s)", g.expr("any", d), typ), true
			}
			return fmt.Sprintf("rt.Echo[any](%d, %s).(%s)", g.id(), g.expr(typ, d), typ), !g.fn.plain
		}},
		{of("pointer read"), 1, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(*new(%s(%s)))", paren(typ), g.expr(typ, d)), true
		}},
		{of("value of a map literal"), 1, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("map[int]%s{%s: %s}[%s]", typ, g.varying(d), g.expr(typ, d), g.varying(d)), true
		}},
	}
}

// paren makes a type that can stand before a conversion's operand.
func paren(typ string) string {
	if strings.HasPrefix(typ, "*") || strings.HasPrefix(typ, "func") {
		return "(" + typ + ")"
	}
	return typ
}

func init() {
	for _, typ := range types {
		expressions[typ] = append(common(typ), special[typ]...)
	}
	expressions["int"] = slices.Concat(expressions["int"], ofInt, beside, inTurn)
	expressions["V"] = common("V")[:4] // the others want a type that is known
}
