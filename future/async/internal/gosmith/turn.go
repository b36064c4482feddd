package gosmith

import "fmt"

// inTurn are expressions of whose operands gc reads some in their turn, and others
// when all calls have happened.
var inTurn = table[string]{
	{"int: slice between two bounds", 3, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("len(%s[uint(%s)%%2:2+uint(%s)%%2])", g.arrayPointer(d), g.varying(d), g.varying(d)), true
	}},
	{"int: element between three bounds", 2, func(g *gen, d int) (string, bool) {
		return fmt.Sprintf("%s[uint(%s)%%2:2:2+uint(%s)%%2][0]", g.arrayPointer(d), g.varying(d), g.varying(d)), true
	}},
	{"int: entry under bytes that a literal changes", 3, func(g *gen, d int) (string, bool) {
		entry := oneOf(g, "gm[string(gby)]", "gkey[[1]string{string(gby)}]")
		return g.around(entry, fmt.Sprintf("func() int {\ngby[0] = %q\n%s += %s\nreturn 2\n}()", g.key()[0], entry, g.varying(1)), d), true
	}},
	{"int: entry that is there before the others", 3, suspending(func(g *gen, d int) string {
		key := oneOf(g, "s0", "s1", "s2")
		switch g.r.IntN(3) {
		case 0:
			return fmt.Sprintf("map[string]T0{rt.Str(%d): %s, %q: {b: 3, arr: [3]int{1: 2}}}[%q].b", g.id(), g.expr("T0", d), key, key)
		case 1:
			return fmt.Sprintf("len(map[string][]int{rt.Str(%d): %s, %q: nil}[%q])", g.id(), g.expr("[]int", d), key, key)
		default:
			return fmt.Sprintf("int(map[string]Num{rt.Str(%d): %s, %q: 3}[%q] + 1)", g.id(), g.expr("Num", d), key, key)
		}
	})},
	{"int: entry under a struct", 2, filled("gbox[%s]", "Box[int]")},
	{"int: length of an entry that grows", 2, filled("len(ggrow[%s])", "int")},
}

// growth appends to what a map has.
var growth = table[done]{
	{"append to an entry of a map", 3, does(func(g *gen, d int) {
		key := oneOf(g, "g0", "gt.a", "garr[1]", "g1-1", "gp.b")
		g.line("ggrow[%s] = append(ggrow[%s], %s, %s)", key, key, g.expr("int", 2), g.expr("int", 2))
	})},
}
