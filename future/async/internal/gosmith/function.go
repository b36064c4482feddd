package gosmith

import (
	"fmt"
	"slices"
	"strings"
)

// function is the function or function literal whose body is being made.
type function struct {
	sig    *signature
	jumps  []jump // where break and continue can go, the innermost last
	plain  bool   // a literal that is called through a variable: nothing in it suspends
	yields bool   // it is an iterator, whose yield suspends
}

// jump is a statement that break or continue leave.
type jump struct {
	label  string // "" when it has none
	loop   bool
	used   bool
	before *string // the line for the label
}

// function makes a declaration.
func (g *gen) function(f *signature) {
	g.coverSignature(f)
	recv := ""
	if f.recv != "" {
		recv = "(t " + f.recv + ") "
	}
	params := append([]result{{"n", "int"}}, f.params...)
	if f.variadic {
		params = append(params, result{"more", "...int"})
	}
	g.line("\n//pinion:async\nfunc %s%s%s(%s) (%s) {", recv, f.name, f.generic, list(params), list(f.results))
	g.line("if n <= 0 || !rt.Fuel() {\n%s\n}", g.giveUp(f))
	g.push()
	if f.recv != "" {
		g.param("t", f.recv)
	}
	for _, p := range f.params {
		g.param(p.name, p.typ)
	}
	if f.variadic {
		g.param("more", "[]int")
	}
	for _, r := range f.results {
		if r.name != "" {
			g.param(r.name, r.typ)
		}
	}
	g.fn = &function{sig: f}
	g.generic = f.generic != "" || strings.Contains(f.recv, "[")
	g.size = 3 + g.r.IntN(6)
	if g.chance(35) {
		g.recovers()
	}
	g.statements(1+g.r.IntN(5), 3)
	g.logs(2)
	g.returns(2)
	g.pop()
	g.line("}")
}

func (g *gen) coverSignature(f *signature) {
	for construct, is := range map[string]bool{
		"function without results":      len(f.results) == 0,
		"function with named results":   f.named(),
		"function with several results": len(f.results) > 1,
		"variadic function":             f.variadic,
		"generic function":              f.generic != "",
		"method of a value":             f.recv != "" && f.recv[0] != '*',
		"method of a pointer":           f.recv != "" && f.recv[0] == '*',
		"method of a generic type":      strings.Contains(f.recv, "["),
	} {
		if is {
			g.cover(construct)
		}
	}
}

// giveUp is the return of a function that has no fuel.
func (g *gen) giveUp(f *signature) string {
	if len(f.results) == 0 || f.named() && g.chance(20) {
		return "return"
	}
	var vals []string
	for _, r := range f.results {
		vals = append(vals, g.literal(r.typ))
	}
	return "return " + strings.Join(vals, ", ")
}

// returns makes a return statement.
func (g *gen) returns(d int) {
	f := g.fn.sig
	switch {
	case len(f.results) == 0:
		g.line("return")
		return
	case f.named() && g.chance(40):
		g.line("return")
		return
	case len(f.results) > 1 && g.chance(30):
		for _, other := range g.funcs {
			if other.recv == "" && sameResults(other, f) {
				g.line("return %s", g.call(other, d))
				return
			}
		}
	}
	var vals []string
	for _, r := range f.results {
		vals = append(vals, g.expr(r.typ, d))
	}
	g.line("return %s", strings.Join(vals, ", "))
}

func sameResults(a, b *signature) bool {
	var typs []string
	for _, r := range b.results {
		typs = append(typs, r.typ)
	}
	return a.returns(typs...)
}

// call makes a call of a function that is no method.
func (g *gen) call(f *signature, d int) string {
	return f.name + g.args(f, d)
}

// args makes the arguments of a call.
func (g *gen) args(f *signature, d int) string {
	args := []string{"n-1"}
	for _, p := range f.params {
		typ := p.typ
		if typ == "V" {
			typ = "int"
		}
		args = append(args, g.expr(typ, d-1))
	}
	if f.variadic {
		if g.chance(30) {
			return fmt.Sprintf("(%s, %s...)", strings.Join(args, ", "), g.expr("[]int", d-1))
		}
		for range g.r.IntN(3) {
			args = append(args, g.expr("int", d-1))
		}
	}
	return "(" + strings.Join(args, ", ") + ")"
}

// method finds the signature of a method of the program.
func (g *gen) method(name string) *signature {
	for _, f := range g.funcs {
		if f.recv != "" && f.name == name {
			return f
		}
	}
	panic("no method " + name)
}

// callOf makes a call of a function of the program that returns the types.
func (g *gen) callOf(d int, typs ...string) (string, bool) {
	var fit []*signature
	for _, f := range g.funcs {
		if f.recv == "" && f.generic == "" && f.returns(typs...) {
			fit = append(fit, f)
		}
	}
	if len(fit) == 0 || g.fn.plain {
		return "", false
	}
	return g.call(oneOf(g, fit...), d), true
}

// mayInstantiate notes that the generic function has an instance for a type. A program
// has few: to a compiler of async functions all are the same, and to gc each is one more.
func (g *gen) mayInstantiate(typ string) bool {
	if !slices.Contains(g.instances, typ) {
		if len(g.instances) == 4 {
			return false
		}
		g.instances = append(g.instances, typ)
	}
	return true
}
