package gosmith

import "fmt"

// hidings give names a meaning of their own within a block, whose text uses no
// other names than these.
var hidings = table[done]{
	{"hidden builtin", 1, when(canSuspend, func(g *gen, d int) {
		name := oneOf(g, "len", "nil", "true", "panic", "recover", "any", "int", "string", "error", "new", "append", "bool", "false", "uint", "make")
		g.line("{\n%s := rt.Point(%d)\n%s += rt.Point(%d) + %s\nrt.Log(%d, %s)\n}", name, g.id(), name, g.id(), name, g.id(), name)
	})},
	{"hidden package", 1, when(canSuspend, func(g *gen, d int) {
		g.line("{\nrt := rt.Reg{V: rt.Point(%d)}\nrt.V = rt.Add(%d, rt.Get(%d)) + rt.V\ng0 = rt.V\n}", g.id(), g.id(), g.id())
	})},
	{"local type", 2, does(func(g *gen, d int) {
		t, v := fmt.Sprintf("L%d", g.id()), fmt.Sprintf("l%d", g.id())
		g.line("type %s struct { x int; y [2]string }", t)
		g.line("%s := %s{x: %s}", v, t, g.expr("int", 3))
		g.line("%s.y[%s] = %s", v, g.index("2", 2), g.expr("string", 2))
		g.line("rt.Log(%d, %s, %s == %s{})", g.id(), v, v, t)
	})},
	{"local types of one name", 1, does(func(g *gen, d int) {
		a := fmt.Sprintf("a%d", g.id())
		g.line("var %s any\n{\ntype L int\n%s = L(%s)\n}", a, a, g.expr("int", 2))
		g.line("{\ntype L int\n_, ok := %s.(L)\nrt.Log(%d, ok, %s)\n}", a, g.id(), g.expr("int", 2))
	})},
	{"constants and iota", 1, does(func(g *gen, d int) {
		c := fmt.Sprintf("C%d", g.id())
		g.line("const (\n%sa = iota * %d\n%sb\n_\n%sc uint8 = 1 << iota\n)", c, 1+g.r.IntN(5), c, c)
		g.line("rt.Log(%d, %sa + %s, %sb, %sc)", g.id(), c, g.expr("int", 2), c, c)
	})},
	{"struct without a name", 1, does(func(g *gen, d int) {
		v := fmt.Sprintf("s%d", g.id())
		g.line("%s := struct { a int; f func(int) int }{%s, %s}", v, g.expr("int", 2), g.expr("func(int) int", 2))
		g.line("rt.Log(%d, %s.a + %s.f(%s), %s.a)", g.id(), v, v, g.expr("int", 2), v)
	})},
}
