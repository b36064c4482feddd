package gosmith

import "fmt"

// special are the ways to make a value that only its type has.
var special = map[string]table[string]{
	"bool": {
		{"bool: comparison of numbers", 10, func(g *gen, d int) (string, bool) {
			return g.fill("(%s "+oneOf(g, "==", "!=", "<", "<=", ">", ">=")+" %s)", d, "int", "int"), true
		}},
		{"bool: comparison of strings", 2, filled("(%s < %s)", "string", "string")},
		{"bool: comparison of structs", 1, filled("(%s == %s)", "T0", "T0")},
		{"bool: comparison of arrays", 1, filled("(%s != %s)", "[3]int", "[3]int")},
		{"bool: comparison of interfaces", 1, filled("(%s == %s)", "any", "any")},
		{"bool: comparison of an interface and a value", 1, filled("(%s == any(%s))", "any", "int")},
		{"bool: comparison with nil", 1, func(g *gen, d int) (string, bool) {
			return g.fill("(%s != nil)", d, oneOf(g, "error", "*T0", "any", "[]int", "map[string]int")), true
		}},
		{"bool: and", 8, func(g *gen, d int) (string, bool) {
			if g.fault.is(noShortCircuit) {
				return fmt.Sprintf("func(a, b bool) bool { return a && b }(%s, %s)", g.expr("bool", d), g.flag(d)), true
			}
			return fmt.Sprintf("(%s && %s)", g.expr("bool", d), g.flag(d)), true
		}},
		{"bool: or", 8, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(%s || %s)", g.expr("bool", d), g.flag(d)), true
		}},
		{"bool: not", 3, filled("!%s", "bool")},
		{"bool: flag", 8, suspending(func(g *gen, d int) string { return fmt.Sprintf("rt.Flag(%d)", g.id()) })},
	},
	"string": {
		{"string: concatenation", 6, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(%s + %s)", g.expr("string", d), g.short()), true
		}},
		{"string: concatenation of three", 3, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(%s + %s + %s)", g.short(), g.expr("string", d), g.short()), true
		}},
		{"string: leaf", 8, suspending(func(g *gen, d int) string { return fmt.Sprintf("rt.Str(%d)", g.id()) })},
		{"string: slice", 2, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(%s + \"abc\")[%s:3]", g.expr("string", d), g.index("3", d)), true
		}},
		{"string: conversion of bytes", 1, filled("string([]byte{%s, %s})", "uint8", "uint8")},
		{"string: conversion of a rune", 1, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("string(rune('a' + uint(%s)%%20))", g.varying(d)), true
		}},
		{"string: field", 2, filled("%s.s", "T0")},
		{"string: field through a pointer", 2, filled("%s.s", "*T0")},
		{"string: method of an error", 1, filled("%s.Error()", "error")},
	},
	"uint8": {
		{"uint8: conversion", 4, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("uint8(%s)", g.varying(d)), true
		}},
		{"uint8: sum", 4, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(uint8(%s) + %s)", g.varying(d), g.expr("uint8", d)), true
		}},
		{"uint8: byte of a string", 2, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(%s + \"ab\")[%s]", g.expr("string", d), g.index("2", d)), true
		}},
	},
	"Num": {
		{"Num: conversion", 4, filled("Num(%s)", "int")},
		{"Num: sum", 3, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(Num(%s) + %s)", g.varying(d), g.expr("Num", d)), true
		}},
		{"Num: method", 4, suspending(func(g *gen, d int) string { return "Num(" + g.expr("int", d) + ").Next(n-1)" })},
	},
	"[]int": {
		{"[]int: literal", 6, filled("[]int{%s, %s, %s}", "int", "int", "int")},
		{"[]int: append", 4, func(g *gen, d int) (string, bool) {
			v := g.read("[]int")
			if v == "" {
				return "", false
			}
			// How much append allocates is nobody's business: what is appended to
			// has no room, and never shares it with the result.
			return fmt.Sprintf("append(%s[:len(%s):len(%s)], %s, %s)", v, v, v, g.expr("int", d), g.expr("int", d)), true
		}},
		{"[]int: append of a slice", 1, filled("append([]int{%s}, %s...)", "int", "[]int")},
		{"[]int: slice", 2, func(g *gen, d int) (string, bool) {
			v := g.read("[]int")
			return fmt.Sprintf("%s[uint(%s)%%uint(len(%s)+1):]", v, g.varying(d), v), v != ""
		}},
		{"[]int: slice of an array variable", 3, func(g *gen, d int) (string, bool) {
			v := g.target("[3]int")
			if v == nil {
				return "", false
			}
			g.use(v)
			return fmt.Sprintf("%s[:%s]", v.name, g.index("4", d)), true
		}},
		{"[]int: slice through an array pointer", 2, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("%s[%s:]", g.arrayPointer(d), g.index("3", d)), true
		}},
		{"[]int: full slice", 1, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("%s[:%s:3]", g.arrayPointer(d), g.index("3", d)), true
		}},
		{"[]int: make", 1, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("make([]int, uint(%s)%%4, 4)", g.varying(d)), true
		}},
		{"[]int: field", 1, filled("%s.sl", "*T1")},
		{"[]int: nil", 1, func(g *gen, d int) (string, bool) { return "[]int(nil)", g.chance(20) }},
	},
	"[3]int": {
		{"[3]int: literal", 4, filled("[3]int{%s, %s, %s}", "int", "int", "int")},
		{"[3]int: keyed literal", 2, filled("[3]int{2: %s, 0: %s}", "int", "int")},
		{"[3]int: field", 2, filled("%s.arr", "T0")},
		{"[3]int: dereference", 2, filled("(*%s)", "*[3]int")},
		{"[3]int: conversion of a slice", 1, filled("[3]int(append(%s[:0:0], 1, 2, 3, %s))", "[]int", "int")},
	},
	"map[string]int": {
		{"map: literal", 4, filled("map[string]int{\"k\": %s, \"l\": %s}", "int", "int")},
		{"map: literal with computed keys", 4, func(g *gen, d int) (string, bool) {
			// No two keys may be the same constant.
			return fmt.Sprintf("map[string]int{%s: %s, rt.Note(%d, %s): %s}",
				g.expr("string", d), g.expr("int", d), g.id(), g.expr("string", d), g.expr("int", d)), true
		}},
		{"map: nil", 1, func(g *gen, d int) (string, bool) { return "map[string]int(nil)", g.chance(20) }},
	},
	"*int": {
		{"*int: address of a variable", 8, func(g *gen, d int) (string, bool) { return g.address("int") }},
		{"*int: new of a value", 3, filled("new(int(%s))", "int")},
		{"*int: address of a slice's element", 2, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("&%s[%s]", g.expr("[]int", d), g.index("3", d)), g.chance(50)
		}},
		{"*int: address of an array's element", 2, func(g *gen, d int) (string, bool) {
			v := g.target("[3]int")
			if v == nil {
				return "", false
			}
			g.use(v)
			return fmt.Sprintf("&%s[%s]", v.name, g.index("3", d)), true
		}},
		{"*int: address of a field", 2, filled("&%s.a", "*T0")},
		{"*int: nil", 1, func(g *gen, d int) (string, bool) { return "(*int)(nil)", g.chance(20) }},
	},
	"*[3]int": {
		{"*[3]int: address of a variable", 6, func(g *gen, d int) (string, bool) { return g.address("[3]int") }},
		{"*[3]int: address of a field", 2, filled("(&%s.arr)", "*T0")},
		{"*[3]int: literal", 2, filled("(&[3]int{%s, 1: %s})", "int", "int")},
		{"*[3]int: conversion of a slice", 1, filled("(*[3]int)(append(%s[:0:0], 1, 2, 3, %s))", "[]int", "int")},
	},
	"T0": {
		{"T0: literal", 5, filled("(T0{a: %s, s: %s, b: %s})", "int", "string", "int")},
		{"T0: dereference", 2, filled("(*%s)", "*T0")},
		{"T0: literal without names", 2, filled("(T0{%s, %s, %s, %s})", "int", "int", "string", "[3]int")},
	},
	"*T0": {
		{"*T0: address of a variable", 8, func(g *gen, d int) (string, bool) { return g.address("T0") }},
		{"*T0: address of a literal", 3, filled("(&T0{b: %s, a: %s})", "int", "int")},
		{"*T0: nil", 1, func(g *gen, d int) (string, bool) { return "(*T0)(nil)", g.chance(20) }},
	},
	"*T1": {
		{"*T1: address of a literal", 1, filled("(&T1{c: %s, sl: %s, p: %s})", "int", "[]int", "*int")},
		{"*T1: literal with what it embeds", 5, func(g *gen, d int) (string, bool) {
			return fmt.Sprintf("(&T1{T0: %s, c: %s})", g.expr(g.embedded(), d), g.expr("int", d)), true
		}},
	},
	"any": {
		{"any: conversion", 10, func(g *gen, d int) (string, bool) {
			return g.fill("any(%s)", d, oneOf(g, "int", "string", "bool", "Num", "[3]int", "T0", "*T0", "error", "Box[int]")), true
		}},
		{"any: conversion of what cannot be compared", 1, filled("any(%s)", "[]int")},
		{"any: nil", 1, func(g *gen, d int) (string, bool) { return "any(nil)", true }},
	},
	"error": {
		{"error: conversion", 4, filled("error(rt.Fault(%s))", "int")},
		{"error: nil", 2, func(g *gen, d int) (string, bool) { return "error(nil)", true }},
	},
	"func(int) int": {
		{"func: literal", 10, func(g *gen, d int) (string, bool) { return g.closure(), true }},
		{"func: made by a call", 2, suspending(func(g *gen, d int) string { return fmt.Sprintf("rt.Maker(%d)", g.id()) })},
	},
	"Shape": {
		{"Shape: conversion", 6, func(g *gen, d int) (string, bool) {
			return g.fill("Shape(%s)", d, oneOf(g, "T0", "*T0", "*T1")), true
		}},
	},
	"Box[int]": {
		{"Box: literal", 5, filled("(Box[int]{v: %s, k: %s})", "int", "int")},
	},
	"rt.Source": {
		{"rt.Source: conversion", 5, filled("rt.Source(rt.Fixed(%s))", "int")},
		{"rt.Source: pointer", 5, func(g *gen, d int) (string, bool) { return "rt.Source(new(rt.Counter))", true }},
	},
}

// arrayPointer makes what can be sliced. It is no call of a generic function: on
// the slice of its result gc 1.26 reports an internal compiler error.
func (g *gen) arrayPointer(d int) string {
	if g.chance(70) {
		if v := g.read("*[3]int"); v != "" {
			return "(*[3]int)(" + v + ")"
		}
	}
	return g.literal("*[3]int")
}

// flag makes an operand that leaves a trace if it is evaluated, mostly.
func (g *gen) flag(d int) string {
	if g.chance(30) {
		return g.expr("bool", d)
	}
	if g.fn.plain {
		return fmt.Sprintf("rt.Note(%d, %s)", g.id(), g.expr("bool", d))
	}
	return fmt.Sprintf("rt.Flag(%d)", g.id())
}

// short makes a string of which a loop that appends to itself does not make a
// very long one.
func (g *gen) short() string {
	if !g.fn.plain && g.chance(60) {
		return fmt.Sprintf("rt.Str(%d)", g.id())
	}
	return g.literal("string")
}

// address takes the address of a variable of the type.
func (g *gen) address(typ string) (string, bool) {
	v := g.target(typ)
	if v == nil {
		return "", false
	}
	g.use(v)
	return "(&" + v.name + ")", true
}
