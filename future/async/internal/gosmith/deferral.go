package gosmith

import (
	"fmt"
	"strings"
)

// deferrals run something when the function ends.
var deferrals = table[done]{
	{"defer of a call", 4, func(g *gen, d int) (done, bool) {
		e, ok := "", false
		if g.chance(60) {
			e, ok = g.callOf(2, oneOf(g, "int", "string"))
		}
		if !ok {
			e = fmt.Sprintf("rt.Log(%d, %s, %s)", g.id(), g.expr("int", 2), g.expr("int", 2))
		}
		if g.fault.is(lateArguments) {
			e = "func() { " + e + " }()"
		}
		g.line("defer %s", e)
		return done{}, true
	}},
	{"defer of a suspending leaf", 3, when(canSuspend, func(g *gen, d int) {
		e := fmt.Sprintf("rt.Echo(%d, %s)", g.id(), g.expr("int", 2))
		if g.fault.is(lateArguments) {
			e = "func() { " + e + " }()"
		}
		g.line("defer %s", e)
	})},
	{"defer of a method", 2, when(canSuspend, func(g *gen, d int) {
		g.line("defer %s.%s(n-1, %s)", g.expr("*T0", 2), oneOf(g, "Get", "Put"), g.expr("int", 2))
	})},
	{"defer of a literal", 5, whenDeep(func(g *gen, d int) {
		g.line("defer func() {")
		g.deferred(nil, func() {
			g.statements(1+g.r.IntN(2), d-1)
		})
		g.line("}()")
	})},
	{"defer of a literal with arguments", 2, whenDeep(func(g *gen, d int) {
		arg := g.expr("int", 2)
		g.line("defer func(x int) {")
		g.deferred([]result{{"x", "int"}}, func() {
			g.statements(1+g.r.IntN(2), d-1)
		})
		g.line("}(%s)", arg)
	})},
	{"defer in a loop", 2, whenDeep(func(g *gen, d int) {
		i := fmt.Sprintf("i%d", g.id())
		g.line("for %s := range 3 {", i)
		var call string
		if g.fn.plain || g.chance(50) {
			call = fmt.Sprintf("rt.Log(%d, %s, %s)", g.id(), i, g.expr("int", 2))
		} else {
			call = fmt.Sprintf("func(v int) { rt.Echo(%d, v + %s); %s++ }(%s)", g.id(), i, i, g.expr("int", 2))
		}
		if g.fault.is(deferInBlock) {
			call = "func() { defer " + call + " }()"
			g.line("%s", call)
		} else {
			g.line("defer %s", call)
		}
		g.line("}")
	})},
	{"defer that changes a named result", 6, func(g *gen, d int) (done, bool) {
		if !g.fn.sig.named() {
			return done{}, false
		}
		r := g.fn.sig.results[g.r.IntN(len(g.fn.sig.results))]
		if r.typ == "V" || g.lookup(r.name) == nil {
			return done{}, false
		}
		g.line("defer func() {")
		g.deferred(nil, func() {
			to := r.name
			if g.fault.is(resultTooEarly) {
				to = "_"
			}
			g.line("%s = %s", to, g.expr(r.typ, 2))
		})
		g.line("}()")
		g.cover("result changed by a defer")
		return done{}, true
	}},
	{"defer that recovers", 4, whenDeep(func(g *gen, d int) { g.recovers() })},
	{"recover where it does nothing", 1, does(func(g *gen, d int) {
		g.line(oneOf(g,
			"rt.Caught(%d, recover())",
			"defer func() { func() { rt.Caught(%d, recover()) }() }()",
			"defer rt.Caught(%d, recover())"), g.id())
	})},
	{"defer of recover itself", 1, does(func(g *gen, d int) { g.line("defer recover()") })},
	{"defer of a nil function", 1, when(rarely, func(g *gen, d int) {
		g.line("if %s {\nvar none func()\ndefer none()\n}", g.expr("bool", 2))
	})},
	{"function literal that is run", 2, whenDeep(func(g *gen, d int) {
		g.line("func() {")
		g.deferred(nil, func() {
			if g.chance(40) {
				g.recovers()
			}
			g.statements(1+g.r.IntN(3), d-1)
		})
		g.line("}()")
	})},
}

// deferred writes the body of a literal without results.
func (g *gen) deferred(params []result, f func()) {
	g.out.lines = append(g.out.lines, g.literalBody(nil, false, params, f).lines...)
}

// recovers writes a deferred call that recovers, in one of the legal positions.
func (g *gen) recovers() {
	switch g.r.IntN(5) {
	case 0:
		g.cover("recover in a deferred function of the program")
		g.line("defer catch(n, %d)", g.id())
	case 1:
		g.cover("recover after a suspension")
		g.line("defer func() {")
		g.deferred(nil, func() {
			if !g.fn.plain {
				g.line("rt.Nop(%d)", g.id())
			}
			g.line("rt.Caught(%d, recover())", g.id())
		})
		g.line("}()")
	case 2:
		g.cover("re-panic")
		g.line("defer func() {")
		g.line("if rec := recover(); rec != nil {\nrt.Caught(%d, rec)", g.id())
		g.line("if rt.Note(%d, %s) {\npanic(rec)\n}\n}\n}()", g.id(), g.expr("bool", 1))
	default:
		g.cover("recover in a deferred literal")
		g.line("defer func() {")
		g.line("if rec := recover(); rec != nil {\nrt.Caught(%d, rec)", g.id())
		g.deferred(nil, func() { g.statements(1, 1) })
		if f := g.fn.sig; f.named() && f.results[0].typ == "int" && g.lookup(f.results[0].name) != nil {
			g.line("%s += 100", f.results[0].name)
		}
		g.line("}\n}()")
	}
}

// catcher declares a function that recovers when it is deferred.
func (g *gen) catcher() {
	sus := "rt.Nop(id)"
	if g.chance(50) {
		sus = "rt.Log(id)"
	}
	g.line("%s", strings.Join([]string{"//pinion:async", "func catch(n, id int) {", sus, "rt.Caught(id, recover())", "}"}, "\n"))
}
