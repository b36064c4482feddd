package gosmith

import "fmt"

// label returns a label for a statement, now and then. It is written only if
// something jumps to it.
func (g *gen) label() string {
	if !g.chance(60) {
		return ""
	}
	g.labels++
	return fmt.Sprintf("L%d", g.labels)
}

// enter begins a statement that break, and continue if it is a loop, can leave.
// The statement must be what is written next, if it has a label.
func (g *gen) enter(label string, loop bool) {
	g.fn.jumps = append(g.fn.jumps, jump{label: label, loop: loop, before: g.line("")})
}

// leave ends it. The label is written if something jumps to it.
func (g *gen) leave() {
	last := len(g.fn.jumps) - 1
	j := g.fn.jumps[last]
	if j.used {
		*j.before = j.label + ":"
	}
	g.fn.jumps = g.fn.jumps[:last]
}

// jumpsOut leave a statement, or go elsewhere.
var jumpsOut = table[done]{
	{"break", 2, func(g *gen, d int) (done, bool) {
		if len(g.fn.jumps) == 0 {
			return done{}, false
		}
		g.line("if %s {\nbreak\n}", g.expr("bool", 2))
		return done{}, true
	}},
	{"continue", 2, func(g *gen, d int) (done, bool) {
		for _, j := range g.fn.jumps {
			if j.loop {
				g.line("if %s {\ncontinue\n}", g.expr("bool", 2))
				return done{}, true
			}
		}
		return done{}, false
	}},
	{"labelled break", 12, func(g *gen, d int) (done, bool) { return g.jumpTo("break", false) }},
	{"labelled continue", 10, func(g *gen, d int) (done, bool) { return g.jumpTo("continue", true) }},
	{"goto forwards", 1, whenDeep(func(g *gen, d int) {
		g.labels++
		label := fmt.Sprintf("L%d", g.labels)
		g.line("{\nif %s {\ngoto %s\n}\n{", g.expr("bool", 2), label)
		g.body(2, d)
		g.line("}\n%s:", label)
		g.line("rt.Log(%d)\n}", g.id())
	})},
	{"goto backwards", 1, whenDeep(func(g *gen, d int) {
		g.labels++
		label := fmt.Sprintf("L%d", g.labels)
		g.line("{\n%s:\n{", label)
		g.body(2, d)
		g.line("}\nif rt.Fuel() && %s {\ngoto %s\n}\n}", g.expr("bool", 2), label)
	})},
	{"return early", 1, func(g *gen, d int) (done, bool) {
		g.line("if %s {", g.expr("bool", 3))
		g.returns(2)
		g.line("}")
		return done{}, true
	}},
	{"panic", 1, does(func(g *gen, d int) {
		g.line("if %s {\npanic(%s)\n}", g.expr("bool", 2), g.expr(oneOf(g, "int", "string", "error"), 2))
	})},
}

// jumpTo makes a jump to a label that is not that of the innermost statement, if
// there is one.
func (g *gen) jumpTo(word string, loop bool) (done, bool) {
	for i := range g.fn.jumps {
		j := &g.fn.jumps[i]
		if j.label == "" || loop && !j.loop {
			continue
		}
		to := " " + j.label
		if word == "break" && g.fault.is(outerBreak) {
			to = ""
		} else {
			j.used = true
		}
		g.line("if %s {\n%s%s\n}", g.expr("bool", 2), word, to)
		return done{}, true
	}
	return done{}, false
}
