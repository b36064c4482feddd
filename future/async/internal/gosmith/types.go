package gosmith

import (
	"fmt"
	"strings"
)

// Types are written as Go spells them, here and wherever a function of the
// generator takes or returns one.
var types = []string{
	"int", "string", "bool", "uint8", "Num", "[]int", "[3]int", "map[string]int", "*int", "*[3]int",
	"T0", "*T0", "*T1", "any", "error", "func(int) int", "Shape", "Box[int]", "rt.Source",
}

// someType chooses a type for a variable. Numbers are frequent, because nearly
// everything can be computed from them and changes them.
func (g *gen) someType() string {
	if g.chance(40) {
		return "int"
	}
	return oneOf(g, types...)
}

// zero returns the zero value of a type.
func zero(typ string) string {
	switch typ {
	case "int", "uint8", "Num":
		return "0"
	case "string":
		return `""`
	case "bool":
		return "false"
	case "[3]int", "T0", "Box[int]":
		return typ + "{}"
	case "V":
		return "*new(V)"
	}
	return "nil"
}

// prelude declares the package's types and variables.
func (g *gen) prelude() {
	g.line("type Num int")
	g.line("type T0 struct { a, b int; s string; arr [3]int }")
	embedded := "T0"
	if g.chance(40) {
		embedded = "*T0"
		g.cover("embedded by pointer")
	} else {
		g.cover("embedded by value")
	}
	g.line("type T1 struct { %s; c int; sl []int; p *int }", embedded)
	g.line("type Shape interface { Get(n, x int) int }")
	g.line("type Box[V any] struct { v V; k int }")
	for _, v := range []struct{ name, typ, value string }{
		{"g0", "int", ""}, {"g1", "int", "7"}, {"gs", "string", `"g"`}, {"gb", "bool", ""},
		{"gsl", "[]int", "[]int{1, 2, 3}"}, {"garr", "[3]int", ""},
		{"gm", "map[string]int", `map[string]int{"k": 4}`}, {"gt", "T0", ""},
		{"gp", "*T0", "&T0{a: 1}"}, {"ga", "any", "5"},
		{"gby", "[]byte", `[]byte("k")`}, {"gkey", "map[[1]string]int", `map[[1]string]int{{"k"}: 6}`},
		{"gbox", "map[Box[int]]int", "map[Box[int]]int{}"}, {"ggrow", "map[int][]int", "map[int][]int{}"},
	} {
		g.global(v.name, v.typ, v.value)
	}
	if g.chance(40) {
		g.cover("package variable named as an import")
		g.global(oneOf(g, "future", "frame", "pin"), "int", "3")
	}
}

func (g *gen) global(name, typ, value string) {
	if value == "" {
		value = zero(typ)
	}
	g.line("var %s %s", name, typ)
	g.globals = append(g.globals, name)
	g.start = append(g.start, name+" = "+value)
	g.scope.vars = append(g.scope.vars, &variable{name: name, typ: typ})
}

// result is a parameter or result.
type result struct{ name, typ string }

// signature is a function or method of the program. Each has the parameter n
// first, which is how deep it may call others.
type signature struct {
	name     string
	recv     string // its type
	generic  string // its type parameters
	params   []result
	variadic bool // a last parameter ...int follows
	results  []result
}

func (f *signature) named() bool { return len(f.results) > 0 && f.results[0].name != "" }

// returns tells whether f returns exactly these types.
func (f *signature) returns(typs ...string) bool {
	if len(typs) != len(f.results) {
		return false
	}
	for i, t := range typs {
		if f.results[i].typ != t {
			return false
		}
	}
	return true
}

func list(rs []result) string {
	var b []string
	for _, r := range rs {
		b = append(b, strings.TrimSpace(r.name+" "+r.typ))
	}
	return strings.Join(b, ", ")
}

// declare decides which functions there will be, so that each can call all.
func (g *gen) declare() {
	add := func(f *signature) { g.funcs = append(g.funcs, f) }
	add(&signature{name: "Get", recv: "T0", params: []result{{"x", "int"}}, results: []result{{"", "int"}}})
	add(&signature{name: "Put", recv: "*T0", params: []result{{"x", "int"}}, results: []result{{"r", "int"}}})
	add(&signature{name: "Next", recv: "Num", results: []result{{"", "Num"}}})
	add(&signature{name: "Walk", recv: "*T1", params: []result{{"x", "int"}}, results: []result{{"r0", "int"}, {"r1", "string"}}})
	add(&signature{name: "Swap", recv: "*Box[V]", params: []result{{"x", "V"}}, results: []result{{"old", "V"}}})
	add(&signature{name: "either", generic: "[V any]", params: []result{{"x", "V"}, {"y", "V"}}, results: []result{{"", "V"}}})
	for i := range 1 + g.r.IntN(4) {
		add(g.someSignature(fmt.Sprintf("fun%d", i)))
	}
}

func (g *gen) someSignature(name string) *signature {
	f := &signature{name: name}
	for range g.r.IntN(3) {
		f.params = append(f.params, result{fmt.Sprintf("p%d", len(f.params)), g.someType()})
	}
	f.variadic = g.chance(20)
	switch g.r.IntN(6) {
	case 0:
	case 1:
		f.results = []result{{"", "int"}, {"", "int"}}
	case 2:
		f.results = []result{{"", g.someType()}, {"", g.someType()}}
	default:
		f.results = []result{{"", g.someType()}}
	}
	if g.chance(50) {
		for i := range f.results {
			f.results[i].name = fmt.Sprintf("r%d", i)
		}
	}
	return f
}
