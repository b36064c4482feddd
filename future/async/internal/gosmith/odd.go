package gosmith

import (
	gotypes "go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// odd are names that mean something else elsewhere: predeclared ones, those of this
// package, and those that generated code has for fields, labels, variables, types and
// imports.
var odd = []string{
	"true", "false", "nil", "iota", "len", "cap", "append", "copy", "delete", "panic", "print", "recover", "new", "make",
	"min", "max", "clear", "close", "complex", "real", "imag", "int", "any", "error", "comparable", "string", "bool",
	"byte", "rune", "uint", "uint8", "uint32", "uintptr", "float64", "int32",
	"f", "cx", "s", "p", "r", "t", "v", "k", "ok", "i", "self", "state", "done", "frame", "async", "future", "pin", "anchor",
	"canceled", "ready1", "next1", "point1", "echo1", "range1", "end", "defers", "panicked", "result", "runtime", "errors", "sync",
	"unsafe", "Poll", "Result", "Init", "Cancel", "Pending", "MainFuture", "fun0Async", "fun0Future", "NumNextFuture",
	"T0", "T1", "T", "V", "K", "Num", "Shape", "Box", "Iter", "g0", "gs", "fun0", "either", "init_", "x1", "x_", "_x", "é",
}

// oddly fills the holes of a text and gives its names, which are written $a, each a name
// of its own that the text does not use otherwise. The text is a block: what the names
// hide, it hides for itself alone.
func (g *gen) oddly(text string) string {
	text = g.holes(text)
	taken := words.FindAllString(text, -1)
	given := make(map[string]string)
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		for given[p] == "" {
			name := oneOf(g, odd...)
			if g.chance(10) {
				name += strconv.Itoa(g.r.IntN(3))
			}
			if strings.HasPrefix(p, "$L") && g.oddLabels[name] {
				name += strconv.Itoa(g.id()) // a label is the whole function's
			}
			if !slices.Contains(taken, name) {
				g.oddLabels[name] = g.oddLabels[name] || strings.HasPrefix(p, "$L")
				taken = append(taken, name)
				given[p] = name
			}
		}
		return given[p]
	})
}

var (
	words       = regexp.MustCompile(`[\pL_][\pL\d_]*`)
	placeholder = regexp.MustCompile(`\$[a-zA-Z]+`)
	hole        = regexp.MustCompile(`\{[a-z]+\}`)
)

// fillings are what a text can ask for.
var fillings = map[string]func(g *gen) string{
	"{id}":    func(g *gen) string { return strconv.Itoa(g.id()) },
	"{pt}":    func(g *gen) string { return "rt.Point(" + strconv.Itoa(g.id()) + ")" },
	"{flag}":  func(g *gen) string { return "rt.Flag(" + strconv.Itoa(g.id()) + ")" },
	"{str}":   func(g *gen) string { return "rt.Str(" + strconv.Itoa(g.id()) + ")" },
	"{int}":   func(g *gen) string { return g.varying(2) }, // as a constant could be too large, or below 0, for the type it is converted to
	"{small}": func(g *gen) string { return "uint(rt.Point(" + strconv.Itoa(g.id()) + "))%3" },
}

// holes fills in what a text asks for, and leaves other braces alone.
func (g *gen) holes(text string) string {
	return hole.ReplaceAllStringFunc(text, func(h string) string {
		if f := fillings[h]; f != nil {
			return f(g)
		}
		return h
	})
}

// hidden tells whether a text uses a predeclared name that is a variable here.
func (g *gen) hidden(text string) bool {
	return slices.ContainsFunc(words.FindAllString(text, -1), func(w string) bool {
		return gotypes.Universe.Lookup(w) != nil && g.lookup(w) != nil
	})
}

// several joins n texts that f makes.
func several(n int, f func() string) string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = strings.ReplaceAll(f(), "$L", "$L"+string(rune('a'+i)))
	}
	return strings.Join(texts, "\n")
}
