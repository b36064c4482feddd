package gosmith

import "fmt"

// loops end after few iterations, or when the fuel is used up.
var loops = table[done]{
	{"for with three clauses", 5, whenDeep(func(g *gen, d int) {
		g.push()
		i := g.fresh()
		start, step := g.r.IntN(3), oneOf(g, "++", " += 2", " += 1 + rt.Point("+fmt.Sprint(g.id())+")&1")
		if g.fn.plain {
			step = "++"
		}
		g.scope.vars = append(g.scope.vars, &variable{name: i, typ: "int"})
		limit := g.expr("int", 2)
		if g.fault.is(sharedVariable) {
			g.line("{\nvar %s = %d", i, start)
			g.enter(g.label(), true)
			g.line("for ; %s < %d + (%s)&1 && rt.Fuel(); %s%s {", i, start+2, limit, i, step)
		} else {
			g.enter(g.label(), true)
			g.line("for %s := %d; %s < %d + (%s)&1 && rt.Fuel(); %s%s {", i, start, i, start+2, limit, i, step)
		}
		g.body(3, d)
		g.line("}")
		g.leave()
		if g.fault.is(sharedVariable) {
			g.line("}")
		}
		g.pop()
	})},
	{"for with a condition", 3, whenDeep(func(g *gen, d int) {
		g.enter(g.label(), true)
		g.line("for %s && rt.Fuel() {", g.expr("bool", 2))
		g.body(3, d)
		g.line("}")
		g.leave()
	})},
	{"for without a condition", 2, whenDeep(func(g *gen, d int) {
		g.enter(g.label(), true)
		g.line("for {")
		g.line("if !rt.Fuel() || %s {\nbreak\n}", g.expr("bool", 2))
		g.body(3, d)
		g.line("}")
		g.leave()
	})},
	{"range over an int", 4, whenDeep(func(g *gen, d int) {
		g.ranges(d, "int", "", fmt.Sprintf("int(uint(%s)%%4)", g.varying(2)), "")
	})},
	{"range over a number", 1, whenDeep(func(g *gen, d int) { g.ranges(d, "int", "", "3", "") })},
	{"range over a slice", 4, whenDeep(func(g *gen, d int) { g.ranges(d, "int", "int", g.expr("[]int", 2), "") })},
	{"range over an array", 4, whenDeep(func(g *gen, d int) {
		v := g.target("[3]int")
		if v == nil || g.chance(30) {
			g.ranges(d, "int", "int", g.expr("[3]int", 2), "")
			return
		}
		g.use(v)
		if g.fault.is(rangeInPlace) {
			g.ranges(d, "int", "int", "&"+v.name, v.name)
			return
		}
		g.ranges(d, "int", "int", v.name, v.name)
	})},
	{"range over an array pointer", 3, whenDeep(func(g *gen, d int) { g.ranges(d, "int", "int", g.expr("*[3]int", 2), "") })},
	{"range over a string", 3, whenDeep(func(g *gen, d int) {
		g.ranges(d, "int", "", fmt.Sprintf("%q + %s", oneOf(g, "é", "\xff", "ab"), g.short()), "")
	})},
	{"range over a map of one", 3, whenDeep(func(g *gen, d int) {
		g.ranges(d, "string", "int", fmt.Sprintf("map[string]int{%s: %s}", g.expr("string", 2), g.expr("int", 2)), "")
	})},
	{"range over a map that the body empties", 1, whenDeep(func(g *gen, d int) {
		m := fmt.Sprintf("m%d", g.id())
		g.line("%s := map[int]int{1: %s, 2: %s, 3: 1}", m, g.expr("int", 2), g.expr("int", 2))
		g.line("for range %s {", m)
		g.line("delete(%s, 1)\ndelete(%s, 2)\ndelete(%s, 3)\nrt.Log(%d, len(%s))", m, m, m, g.id(), m)
		g.enter("", true)
		g.body(2, d)
		g.leave()
		g.line("}")
	})},
	{"range over a channel", 2, whenDeep(func(g *gen, d int) {
		g.ranges(d, "int", "none", "rt.Closed("+g.expr("int", 2)+", "+g.expr("int", 1)+")", "")
	})},
	{"iterations whose variables are captured", 7, whenDeep(func(g *gen, d int) {
		fs, i := fmt.Sprintf("fs%d", g.id()), fmt.Sprintf("i%d", g.id())
		g.line("var %s []func() int", fs)
		head := fmt.Sprintf("for %s := 0; %s < 3; %s++ {", i, i, i)
		if g.chance(40) {
			head = fmt.Sprintf("for %s := range 3 {", i)
		}
		if g.fault.is(sharedVariable) {
			g.line("{\nvar %s int\nfor %s = 0; %s < 3; %s++ {", i, i, i, i)
		} else {
			g.line("%s", head)
		}
		g.line("%s = append(%s, func() int { %s += 10; return %s })", fs, fs, i, i)
		g.enter("", true)
		g.body(2, d)
		g.leave()
		if g.fault.is(sharedVariable) {
			g.line("}")
		}
		g.line("if len(%s) == 2 {\n%s -= rt.Note(%d, 0)\n}", fs, i, g.id())
		g.line("}")
		g.line("for _, f := range %s {\nrt.Log(%d, f(), f())\n}", fs, g.id())
	})},
	{"range assigning to places", 2, whenDeep(func(g *gen, d int) {
		g.enter(g.label(), true)
		g.line("for %s, %s = range %s {", g.blankOr(2), g.place(2), g.expr("[3]int", 2))
		g.body(2, d)
		g.line("}")
		g.leave()
	})},
}

// ranges makes a range loop that declares its variables. The value's type is
// "none" when only the key is possible. If changed is the name of an array, the
// body changes it.
func (g *gen) ranges(d int, key, value, operand, changed string) {
	g.push()
	k := g.fresh()
	vars := []*variable{{name: k, typ: key}}
	head := k
	if value != "" && value != "none" && g.chance(75) {
		v := g.fresh()
		if v == k {
			v += "_"
		}
		vars = append(vars, &variable{name: v, typ: value})
		head += ", " + v
	}
	g.enter(g.label(), true)
	g.line("for %s := range %s {", head, operand)
	for _, v := range vars {
		v.unused = g.line("")
	}
	g.scope.vars = append(g.scope.vars, vars...)
	g.line("if !rt.Fuel() {\nbreak\n}")
	if changed != "" {
		g.line("%s[2] += 5\nrt.Log(%d, %s)", changed, g.id(), head)
	}
	g.body(3, d)
	g.pop()
	g.line("}")
	g.leave()
}
