package gosmith

import "fmt"

// literal makes the body of a function literal. What is declared around it is
// captured by reference.
func (g *gen) literalBody(results []result, plain bool, params []result, f func()) *text {
	outer := g.fn
	defer func() { g.fn = outer }()
	return g.inner(func() {
		g.fn = &function{sig: &signature{results: results}, plain: plain || outer.plain, yields: outer.yields && !plain}
		g.push()
		for _, p := range append(params, results...) {
			if p.name != "" {
				g.param(p.name, p.typ)
			}
		}
		f()
		g.pop()
	})
}

// closure makes a literal that is kept in a variable. A call of it is no
// suspension point, so there is none in it.
func (g *gen) closure() string {
	body := g.literalBody([]result{{"", "int"}}, true, []result{{"i", "int"}}, func() {
		g.size -= 2
		g.line("if !rt.Fuel() {\nreturn i\n}") // it may call the variable that it is assigned to
		g.statements(1+g.r.IntN(2), 1)
		g.line("return %s", g.expr("int", 1))
	})
	return fmt.Sprintf("(func(i int) int {\n%s})", body)
}

// calledAtOnce makes a call of a literal, which may suspend.
func (g *gen) calledAtOnce(typ string, d int) (string, bool) {
	if g.size < 4 || typ == "V" {
		return "", false
	}
	g.size -= 3
	results := []result{{oneOf(g, "", "q0"), typ}}
	body := g.literalBody(results, false, []result{{"i", "int"}}, func() {
		if g.chance(30) {
			g.recovers()
		}
		g.statements(1+g.r.IntN(2), min(d, 1))
		g.returns(1)
	})
	return fmt.Sprintf("func(i int) %s {\n%s}(%s)", resultList(results), body, g.expr("int", d)), true
}

func resultList(rs []result) string { return "(" + list(rs) + ")" }
