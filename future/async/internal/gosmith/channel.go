package gosmith

import "fmt"

// channels are used so that each operation is possible at once, and of the cases
// of a select only one is.
var channels = table[done]{
	{"send and receive", 3, does(func(g *gen, d int) {
		c := fmt.Sprintf("c%d", g.id())
		g.line("%s := make(chan int, 3)", c)
		g.line("%s <- %s", c, g.expr("int", 3))
		g.line("%s <- %s", c, g.expr("int", 2))
		g.statements(1, d-1)
		g.line("rt.Log(%d, <-%s - <-%s, len(%s))", g.id(), c, c, c)
	})},
	{"send through an expression", 1, does(func(g *gen, d int) {
		g.line("rt.Full(%s) <- %s", g.expr("int", 2), g.expr("int", 3))
	})},
	{"send on a closed channel", 1, when(rarely, func(g *gen, d int) {
		g.line("if %s {\nrt.Closed() <- %s\n}", g.expr("bool", 2), g.expr("int", 2))
	})},
	{"select that receives", 3, whenDeep(func(g *gen, d int) {
		v, ok := fmt.Sprintf("v%d", g.id()), ""
		if g.chance(50) {
			ok = fmt.Sprintf(", ok%d", g.id())
		}
		g.line("select {")
		g.enter("", false)
		g.line("case <-rt.None(%s):", g.expr("int", 2))
		g.body(1, d)
		g.line("case %s%s := <-rt.Full(%s):", v, ok, g.expr("int", 3))
		g.line("rt.Log(%d, %s%s)", g.id(), v, ok)
		g.body(2, d)
		g.leave()
		g.line("}")
	})},
	{"select that receives into a place", 2, whenDeep(func(g *gen, d int) {
		g.line("select {")
		g.enter("", false)
		g.line("case %s = <-rt.None(%s):", g.place(2), g.expr("int", 2))
		g.body(1, d)
		g.line("case %s, gb = <-rt.Closed(%s):", g.place(2), g.expr("int", 2))
		g.body(2, d)
		g.leave()
		g.line("}")
	})},
	{"select that sends", 2, whenDeep(func(g *gen, d int) {
		g.line("select {")
		g.enter("", false)
		g.line("case rt.None(%s) <- %s:", g.expr("int", 2), g.expr("int", 2))
		g.body(1, d)
		g.line("case rt.Full(%s) <- %s:", g.expr("int", 2), g.expr("int", 3))
		g.body(2, d)
		g.leave()
		g.line("}")
	})},
	{"select with a default", 2, whenDeep(func(g *gen, d int) {
		g.line("select {")
		g.enter("", false)
		g.line("case <-rt.None(%s):", g.expr("int", 2))
		g.body(1, d)
		g.line("default:")
		g.body(2, d)
		g.leave()
		g.line("}")
	})},
	{"go statement and a channel that must be waited for", 1, does(func(g *gen, d int) {
		c := fmt.Sprintf("c%d", g.id())
		g.line("%s := make(chan int)", c)
		g.line("go func(v int) { %s <- v + 1 }(%s)", c, g.expr("int", 2))
		g.line("rt.Log(%d, <-%s)", g.id(), c)
	})},
}
