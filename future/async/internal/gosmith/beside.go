package gosmith

import "fmt"

// beside are expressions in which a variable is read, and a call in the same
// expression changes it. Everything about the order of evaluation shows here.
var beside = table[string]{
	{"int: variable beside a leaf that changes it", 10, suspending(func(g *gen, d int) string {
		v, ok := g.changing("int")
		if !ok {
			return fmt.Sprintf("rt.Point(%d)", g.id())
		}
		poke := fmt.Sprintf("rt.Poke(%d, &%s)", g.id(), v.name)
		return g.around(g.early(v.name), poke, d)
	})},
	{"int: element beside a leaf that changes it", 5, func(g *gen, d int) (string, bool) {
		typ := oneOf(g, "[3]int", "[]int")
		v, ok := g.changing(typ)
		if !ok || g.fn.plain {
			return "", false
		}
		i := g.r.IntN(3)
		return g.around(fmt.Sprintf("%s[%d]", g.early(v.name), i), fmt.Sprintf("rt.Poke(%d, &%s[%d])", g.id(), v.name, i), d), true
	}},
	{"int: field beside a leaf that changes it", 5, func(g *gen, d int) (string, bool) {
		v, ok := g.changing(oneOf(g, "T0", "*T0"))
		if !ok || g.fn.plain {
			return "", false
		}
		return g.around(g.early(v.name)+".a", fmt.Sprintf("rt.Poke(%d, &%s.a)", g.id(), v.name), d), true
	}},
	{"int: variable beside a literal that assigns to it", 10, func(g *gen, d int) (string, bool) {
		typ := oneOf(g, "int", "int", "string", "bool", "[]int", "[3]int", "map[string]int", "*int", "T0", "*T0", "func(int) int", "uint8", "Num", "Box[int]", "*[3]int")
		v, ok := g.changing(typ)
		if !ok {
			return "", false
		}
		value, result := g.expr(typ, d), g.varying(1)
		return g.around(fmt.Sprintf(numbers[typ], g.early(v.name)),
			fmt.Sprintf("func() int {\n%s = %s\nreturn %s\n}()", v.name, value, result), d), true
	}},
	{"int: argument of a function variable that changes it", 2, func(g *gen, d int) (string, bool) {
		v, ok := g.changing("func(int) int")
		if !ok {
			return "", false
		}
		return fmt.Sprintf("%s(func() int {\n%s = %s\nreturn %s\n}())", g.early(v.name), v.name, g.closure(), g.varying(1)), true
	}},
	{"int: map entry beside a literal that changes it", 4, func(g *gen, d int) (string, bool) {
		v, ok := g.changing("map[string]int")
		if !ok {
			return "", false
		}
		return g.around(g.early(v.name)+`["k"]`, fmt.Sprintf("func() int {\n%s[\"k\"] += %s\nreturn 2\n}()", v.name, g.varying(1)), d), true
	}},
	{"int: receiver beside an argument that changes it", 4, func(g *gen, d int) (string, bool) {
		v, ok := g.changing(oneOf(g, "T0", "*T0", "Shape"))
		if !ok || g.fn.plain {
			return "", false
		}
		value := g.expr(v.typ, d)
		if v.typ == "Shape" { // of no type that gc knows: it would read the receiver early
			value = fmt.Sprintf("rt.Note[Shape](%d, %s)", g.id(), value)
		}
		return fmt.Sprintf("%s.Get(n-1, func() int {\n%s = %s\nreturn %s\n}())", g.early(v.name), v.name, value, g.varying(1)), true
	}},
	{"int: index beside a call that changes it", 4, func(g *gen, d int) (string, bool) {
		v, ok := g.changing("int")
		if !ok || g.fn.plain {
			return "", false
		}
		return fmt.Sprintf("([]int{5, 6, 7}[uint(%s)%%3] + rt.Poke(%d, &%s))", g.early(v.name), g.id(), v.name), true
	}},
}

// numbers make a number of a value of each type.
var numbers = map[string]string{
	"int": "%s", "string": "len(%s)", "bool": "map[bool]int{true: 1}[%s]", "[]int": "%s[1]",
	"[3]int": "%s[2]", "map[string]int": "len(%s)", "*int": "*%s", "T0": "%s.b", "*T0": "%s.a",
	"func(int) int": "%s(1)", "uint8": "int(%s)", "Num": "int(%s)", "Box[int]": "%s.v", "*[3]int": "%s[0]",
}

// changing chooses a variable that may be assigned to.
func (g *gen) changing(typ string) (*variable, bool) {
	v := g.target(typ)
	if v == nil {
		return nil, false
	}
	g.use(v)
	return v, true
}

func (g *gen) early(name string) string {
	if g.fault.is(earlyRead) {
		return "rt.Early(" + name + ")"
	}
	return name
}

// around puts a reading and a call that changes it into one expression.
func (g *gen) around(read, call string, d int) string {
	switch g.r.IntN(8) {
	case 0:
		return fmt.Sprintf("(%s - %s)", read, call)
	case 1:
		return fmt.Sprintf("(%s + %s * %s)", read, call, read)
	case 2:
		return fmt.Sprintf("(%s - %s)", call, read)
	case 3:
		return fmt.Sprintf("rt.Mix(%s, %s)", read, call)
	case 4:
		if g.fn.plain {
			return fmt.Sprintf("rt.Mix(%s + 1, %s)", read, call)
		}
		return fmt.Sprintf("rt.Fold(%s, %s)", read, call)
	case 5:
		return fmt.Sprintf("[]int{%s, %s}[0]", read, call)
	case 6:
		return fmt.Sprintf("((%s + %s) * %s)", read, g.expr("int", d), call)
	default:
		return fmt.Sprintf("[3]int{0: %s, 2: %s}[uint(%s)%%3]", read, call, g.varying(1))
	}
}
