package gosmith

import (
	"fmt"
	"strings"
)

// filled is a production that fills operands into a format.
func filled(format string, typs ...string) func(*gen, int) (string, bool) {
	return func(g *gen, d int) (string, bool) { return g.fill(format, d, typs...), true }
}

// suspending is a production that is left out where nothing may suspend.
func suspending(f func(g *gen, d int) string) func(*gen, int) (string, bool) {
	return func(g *gen, d int) (string, bool) {
		if g.fn.plain {
			return "", false
		}
		return f(g, d), true
	}
}

// ofInt are the numbers. Most of them read something that a call beside them may
// change.
var ofInt = table[string]{
	{"int: point", 12, suspending(func(g *gen, d int) string { return fmt.Sprintf("rt.Point(%d)", g.id()) })},
	{"int: sum", 12, func(g *gen, d int) (string, bool) {
		return g.fill("(%s "+oneOf(g, "+", "-", "*", "&", "|", "^", "&^")+" %s)", d, "int", "int"), true
	}},
	{"int: sum of three", 6, func(g *gen, d int) (string, bool) {
		return g.fill("(%s "+oneOf(g, "+", "-")+" %s "+oneOf(g, "*", "+")+" %s)", d, "int", "int", "int"), true
	}},
	{"int: division", 2, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("(%s %s (%s | 1))", g.expr("int", d), oneOf(g, "/", "%"), g.varying(d)), true
	}},
	{"int: division that may panic", 1, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("(%s / %s)", g.expr("int", d), g.varying(d)), g.chance(20)
	}},
	{"int: shift", 1, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("(%s << (uint(%s) %% 8))", g.varying(d), g.varying(d)), true
	}},
	{"int: negation", 1, filled("(- %s)", "int")},
	{"int: complement", 1, filled("(^ %s)", "int")},
	{"int: conversion of a byte", 1, filled("int(%s)", "uint8")},
	{"int: conversion of a named type", 1, filled("int(%s)", "Num")},
	{"int: length of a string", 2, filled("len(%s)", "string")},
	{"int: length of a slice", 1, filled("len(%s)", "[]int")},
	{"int: length of a map", 1, filled("len(%s)", "map[string]int")},
	{"int: length of an array", 1, filled("len(%s)", "[3]int")},
	{"int: min and max", 1, func(g *gen, d int) (string, bool) {
		return g.fill(oneOf(g, "min", "max")+"(%s, %s)", d, "int", "int"), true
	}},
	{"int: field", 4, func(g *gen, d int) (string, bool) {
		v := g.read("T0")
		return v + "." + oneOf(g, "a", "b", "arr[1]"), v != ""
	}},
	{"int: field through a pointer", 3, filled("%s.b", "*T0")},
	{"int: promoted field", 1, filled("%s.a", "*T1")},
	{"int: field of a call's result", 2, func(g *gen, d int) (string, bool) {
		e, ok := g.callOf(d, oneOf(g, "T0", "*T0"))
		return e + ".a", ok
	}},
	{"int: element of a slice", 3, func(g *gen, d int) (string, bool) {
		v := g.read("[]int")
		return fmt.Sprintf("%s[%s]", v, g.index("3", d)), v != "" && g.chance(60)
	}},
	{"int: element of an array", 3, func(g *gen, d int) (string, bool) {
		v := g.read("[3]int")
		return fmt.Sprintf("%s[%s]", v, g.index("3", d)), v != ""
	}},
	{"int: element through an array pointer", 2, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("%s[%s]", g.expr("*[3]int", d), g.index("3", d)), true
	}},
	{"int: element of a call's result", 2, func(g *gen, d int) (string, bool) {
		e, ok := g.callOf(d, oneOf(g, "[]int", "[3]int"))
		return fmt.Sprintf("%s[%s]", e, g.index("2", d)), ok
	}},
	{"int: byte of a string", 1, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("int((%s + \"ab\")[%s])", g.expr("string", d), g.index("2", d)), true
	}},
	{"int: map read", 3, filled("%s[%s]", "map[string]int", "string")},
	{"int: dereference", 3, func(g *gen, d int) (string, bool) { return "(*" + g.expr("*int", d) + ")", true }},
	{"int: method of a value", 2, suspending(func(g *gen, d int) string {
		return g.expr("T0", d) + ".Get(n-1, " + g.expr("int", d) + ")"
	})},
	{"int: method of a pointer", 2, suspending(func(g *gen, d int) string {
		return g.expr("*T0", d) + ".Put(n-1, " + g.expr("int", d) + ")"
	})},
	{"int: method of an addressable variable", 2, func(g *gen, d int) (string, bool) {
		v := g.target("T0")
		if v == nil || g.fn.plain {
			return "", false
		}
		g.use(v)
		return v.name + ".Put(n-1, " + g.expr("int", d) + ")", true
	}},
	{"int: promoted method", 2, suspending(func(g *gen, d int) string {
		return g.expr("*T1", d) + "." + oneOf(g, "Get", "Put") + "(n-1, " + g.expr("int", d) + ")"
	})},
	{"int: method of a library type", 2, suspending(func(g *gen, d int) string {
		return fmt.Sprintf("(&rt.Reg{V: %s}).Add(%d, %s)", g.expr("int", d), g.id(), g.expr("int", d))
	})},
	{"int: method of a literal", 1, suspending(func(g *gen, d int) string {
		return fmt.Sprintf("(rt.Reg{V: %s}).Get(%d)", g.expr("int", d), g.id())
	})},
	{"int: interface method", 2, suspending(func(g *gen, d int) string {
		recv := g.expr("Shape", d)
		if strings.HasPrefix(strings.TrimLeft(recv, "("), "Shape(") { // of a type that gc knows: it would read the receiver early
			recv = fmt.Sprintf("rt.Note[Shape](%d, %s)", g.id(), recv)
		}
		return recv + ".Get(n-1, " + g.expr("int", d) + ")"
	})},
	{"int: interface method with a twin", 3, suspending(func(g *gen, d int) string {
		return fmt.Sprintf("%s.Next(%d)", g.expr("rt.Source", d), g.id())
	})},
	{"int: method expression", 1, suspending(func(g *gen, d int) string {
		return "T0.Get(" + g.expr("T0", d) + ", n-1, " + g.expr("int", d) + ")"
	})},
	{"int: method value", 1, suspending(func(g *gen, d int) string {
		return "(" + g.expr("T0", d) + ".Get)(n-1, " + g.expr("int", d) + ")"
	})},
	{"int: generic method", 2, suspending(func(g *gen, d int) string {
		return "(&Box[int]{v: " + g.expr("int", d) + "}).Swap(n-1, " + g.expr("int", d) + ")"
	})},
	{"int: field of a generic type", 1, filled("%s.v", "Box[int]")},
	{"int: f(g()) of several values", 3, suspending(func(g *gen, d int) string {
		pair := fmt.Sprintf("rt.Two(%d)", g.id())
		if g.chance(50) {
			if e, ok := g.callOf(d, "int", "int"); ok {
				pair = e
			}
		}
		return oneOf(g, "rt.Fold", "rt.Mix") + "(" + pair + ")"
	})},
	{"int: variadic call", 2, suspending(func(g *gen, d int) string {
		return fmt.Sprintf("rt.Sum(%d, %s)", g.id(), g.fill("%s, %s, %s", d, "int", "int", "int"))
	})},
	{"int: variadic call of a slice", 2, suspending(func(g *gen, d int) string {
		return fmt.Sprintf("rt.Sum(%d, %s...)", g.id(), g.expr("[]int", d))
	})},
	{"int: call of a function variable", 3, func(g *gen, d int) (string, bool) {
		v := g.read("func(int) int")
		return v + "(" + g.expr("int", d) + ")", v != ""
	}},
	{"int: f()(g())", 2, suspending(func(g *gen, d int) string {
		return fmt.Sprintf("rt.Maker(%d)(%s)", g.id(), g.expr("int", d))
	})},
	{"int: receive", 2, func(g *gen, d int) (string, bool) {
		return "<-rt.Full(" + g.expr("int", d) + ")", true
	}},
	{"int: copy", 1, filled("copy(%s, %s)", "[]int", "[]int")},
	{"int: element of a keyed literal", 1, filled("[]int{2: %s, 0: %s}[2]", "int", "int")},
	{"int: field of a literal", 1, filled("(T0{b: %s, a: %s}).a", "int", "int")},
	{"int: comparison to a number", 1, filled("map[bool]int{true: %s}[%s]", "int", "bool")},
}
