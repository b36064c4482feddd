package gosmith

import "fmt"

func deep(g *gen) bool { return g.size > 2 }

// branches choose between blocks.
var branches = table[done]{
	{"if", 8, whenDeep(func(g *gen, d int) {
		g.line("if %s {", g.expr("bool", 3))
		g.body(3, d)
		if g.chance(40) {
			g.line("} else {")
			g.body(2, d)
		}
		g.line("}")
	})},
	{"if with an initialiser", 4, whenDeep(func(g *gen, d int) {
		g.push()
		name := g.fresh()
		e := g.expr("int", 2)
		g.scope.vars = append(g.scope.vars, &variable{name: name, typ: "int"})
		g.line("if %s := int(%s); %s {", name, e, g.fill("(%s < "+name+")", 2, "int"))
		g.body(2, d)
		g.line("} else if %s {", g.expr("bool", 2))
		g.body(2, d)
		g.line("} else {")
		g.body(2, d)
		g.line("}")
		g.pop()
	})},
	{"switch", 5, whenDeep(func(g *gen, d int) { g.switches("", g.tag(g.expr("int", 2)), d) })},
	{"switch with an initialiser", 2, whenDeep(func(g *gen, d int) {
		g.push()
		name := g.fresh()
		init := fmt.Sprintf("%s := int(%s); ", name, g.expr("int", 2))
		g.scope.vars = append(g.scope.vars, &variable{name: name, typ: "int"})
		g.switches(init, g.tag(name+" + "+g.expr("int", 2)), d)
		g.pop()
	})},
	{"switch without a tag", 3, whenDeep(func(g *gen, d int) { g.switches("", "", d) })},
	{"switch on a string", 2, whenDeep(func(g *gen, d int) {
		g.line("switch %s {", g.expr("string", 2))
		for range 1 + g.r.IntN(2) {
			g.line("case rt.Note(%d, %s), %s:", g.id(), g.expr("string", 1), g.expr("string", 2)+` + "?"`)
			g.caseBody(d)
		}
		g.line("}")
	})},
	{"type switch", 4, whenDeep(func(g *gen, d int) { g.typeSwitch(d) })},
	{"block", 2, whenDeep(func(g *gen, d int) {
		g.line("{")
		g.body(3, d)
		g.line("}")
	})},
}

// whenDeep is the production of a statement with blocks, when there may be more.
func whenDeep(f func(g *gen, d int)) func(*gen, int) (done, bool) {
	return func(g *gen, d int) (done, bool) {
		if d <= 0 || !deep(g) {
			return done{}, false
		}
		f(g, d)
		return done{}, true
	}
}

// switches makes an expression switch, of bools when there is no tag.
func (g *gen) switches(init, tag string, d int) {
	again := ""
	typ := "int"
	if tag == "" {
		typ = "bool"
	} else if g.fault.is(tagAgain) {
		again, tag = tag+" == ", ""
	}
	g.enter(g.label(), false)
	g.line("switch %s%s {", init, tag)
	n := 1 + g.r.IntN(3)
	def := g.r.IntN(n + 2) // anywhere, or nowhere
	for i := range n {
		if i == def {
			g.cover("default before other cases")
			g.line("default:")
			g.caseBody(d)
		}
		value := fmt.Sprint(g.r.IntN(4))
		if typ == "bool" || g.chance(20) {
			value = g.expr(typ, 1)
		}
		first := fmt.Sprintf("rt.Note(%d, %s)", g.id(), value)
		if typ == "bool" {
			g.line("case %s, %s:", first, g.expr("bool", 2))
		} else {
			// The sum makes sure that no two cases are the same constant.
			g.line("case %s%s, %s(%s + %s):", again, first, again, g.expr("int", 2), g.varying(1))
		}
		g.caseBody(d)
		if i < n-1 && i+1 != def && g.chance(25) {
			g.cover("fallthrough")
			if !g.fault.is(noFallthrough) {
				g.line("fallthrough")
			}
		}
	}
	if def == n {
		g.line("default:")
		g.caseBody(d)
	}
	g.leave()
	g.line("}")
}

// tag makes a number small, so that some case is likely to be chosen.
func (g *gen) tag(e string) string { return fmt.Sprintf("(%s) & 3", e) }

func (g *gen) caseBody(d int) { g.body(2, d) }

// typeSwitch makes a type switch with a variable.
func (g *gen) typeSwitch(d int) {
	name := fmt.Sprintf("is%d", g.id())
	g.line("switch %s := %s.(type) {", name, g.expr("any", 3))
	g.enter("", false)
	for _, typ := range []string{"int", "string", "T0", "*T0", "error", "[3]int"} {
		if !g.chance(50) {
			continue
		}
		g.line("case %s:", typ)
		g.push()
		g.scope.vars = append(g.scope.vars, &variable{name: name, typ: typ, unused: g.line("")})
		g.statements(1+g.r.IntN(2), d-1)
		g.pop()
	}
	g.line("case nil, bool:")
	g.line("rt.Log(%d, %s)", g.id(), name)
	g.body(2, d)
	g.line("default:")
	g.line("_ = %s", name)
	g.body(2, d)
	g.leave()
	g.line("}")
}
