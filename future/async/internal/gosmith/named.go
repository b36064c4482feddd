package gosmith

import (
	"regexp"
	"slices"
	"strings"
)

// kind is a kind of type that may have a name of its own, $T. A value may use the
// variable $x of the type.
type kind struct {
	name, under string
	values      []string // have the type, or an untyped constant's, or one that is assignable
	typed       []string // can only be where the type is known
	does        []string // statements for this kind alone
	attributes  string
}

// Attributes of kinds.
const (
	comparable_ = "c"
	nomethods   = "n"
)

func (k kind) is(attribute string) bool { return strings.Contains(k.attributes, attribute) }

var integers = kind{
	values: []string{"3", "'a'", "2.0", "$T({pt})", "rt.Echo({id}, $x)", "$x + 1", "-$x", "7 - $x", "$x &^ 1",
		"$T(len({str}))", "$x - $T({pt})", "$T({int})", "^$x", "$x << ({small})"},
	typed: []string{"1 << ({small})", "1<<({small}) + $x"},
	does: []string{
		"$x++", "$x--", "$x += 2", "$x -= $T({pt})", "$x <<= {small}", "$x |= 1 << ({small})",
		"rt.Log({id}, $x == 3, 3.0 < $x, $x != $T({pt}))",
		"for $i := range $T(3) {\nrt.Log({id}, $i, {pt})\n}",
		"for $x = range $T({small}) {\nrt.Log({id}, {pt})\n}",
		"for $i := $T(0); $i < 2; $i++ {\nrt.Log({id}, func() $T { return $i }(), {pt})\n}",
		"rt.Log({id}, []$T{2: {v}, 0: {v}}[{small}], [4]string{}[$x & 3])",
		"const $c $T = 1 + 'a'/2\nrt.Log({id}, $c + {t}, +$c, {pt}, $c)",
		"const (\n$c = $T(iota + 1)\n$d\n)\nrt.Log({id}, $c, {pt}, $d - -$x)",
	},
	attributes: comparable_,
}

var floats = kind{
	values:     []string{"2", "1.5", "'a'", "$T({pt})", "$x / 2", "-$x", "rt.Echo({id}, $x)", "$x - -1"},
	does:       []string{"$x++", "$x *= 2", "$x -= $T({pt})", "rt.Log({id}, $x == 3, 3 < $x, $x >= $T({pt}))"},
	attributes: comparable_,
}

func (k kind) of(name string) kind {
	k.name, k.under = name, name
	return k
}

// kinds are all kinds.
var kinds = []kind{
	{"bool", "bool", []string{"true", "{pt} < 2", "$T({flag})", "rt.Echo({id}, $x)", "!$x", "({pt} == 1 && $x)", "$x != ({pt} < 1)", "1 < 2"}, nil,
		[]string{
			"_, $x = <-rt.Closed({pt})", "_, $x = any({pt}).(int)", "_, $x = gm[{str}]", "$x = $x || {t}",
			"_, $x = gm[\"k\"]\nrt.Log({id}, $x && $T({flag}))",
			"if $x {\nrt.Log({id}, {pt})\n}", "for ; $x; $x = !$x {\nrt.Log({id}, {pt})\n}",
			"switch $x {\ncase {pt} < 1:\nrt.Log({id}, 1)\ncase !$x:\nrt.Log({id}, 2)\n}",
			"select {\ncase _, $x = <-rt.Closed({pt}):\nrt.Log({id}, $x)\n}",
		}, comparable_},
	integers.of("int"), integers.of("uint8"), integers.of("int64"), integers.of("rune"), integers.of("uint"),
	floats.of("float64"), floats.of("float32"),
	{"complex128", "complex128", []string{"2i", "1", "$x * 2", "rt.Echo({id}, $x)", "-$x"}, nil,
		[]string{"$x += 1", "rt.Log({id}, $x == 1, real($x), {pt}, imag($x))", "$x++"}, comparable_},
	{"string", "string", []string{`"a"`, "$T({str})", `$x + "b"`, `"c" + $x[:0]`, "rt.Echo({id}, $x)", "$T(rune('a' + {small}))"}, nil,
		[]string{
			`$x += "d"`, `rt.Log({id}, $x == "a", "b" < $x, $x != $T({str}))`, "for $i, $c := range $x[:len($x)*0] + \"éa\" {\nrt.Log({id}, $i, $c, {pt})\n}",
			"for $i := range $T(\"xy\") {\nrt.Log({id}, $i, {pt})\n}", "rt.Log({id}, ($x + \"ab\")[{small}%2], {pt}, len($x))",
			"rt.Log({id}, []byte($x), {pt})", "rt.Log({id}, append([]byte(nil), $x...), {pt})",
			"const $c $T = \"k\"\nrt.Log({id}, $c + $x, {pt}, len($c))",
			"switch $x {\ncase \"a\", {t}+\"?\":\nrt.Log({id}, {pt})\ndefault:\nrt.Log({id}, {str})\n}",
		}, comparable_},
	{"slice", "[]int", []string{"$T{1, {pt}}", "$T(nil)", "append($x[:0:0], {pt})", "rt.Echo({id}, $x)", "$x[:len($x):len($x)]", "[]int{2}"}, []string{"nil"},
		[]string{
			"for $i, $e := range $x {\nrt.Log({id}, $i, $e, {pt})\n}", "for $i := range ($T{1, {pt}}) {\nrt.Log({id}, $i, {pt})\n}",
			"$x = append($x[:len($x):len($x)], {pt}, 2)", "rt.Log({id}, append($x[:0:0], $x...), {pt}, $x == nil)",
			"rt.Log({id}, len($T{1, {pt}}), [1]int(append($x[:0:0], {pt})), rt.Sum({id}, $x...))",
			"$x = $T{1, 2, {pt}}\n$x[{small}], $x[1] = {pt}, $x[0]\n$x[{small}]++",
			"rt.Log({id}, copy($x, $T{ {pt} }))", "clear($x)",
		}, ""},
	{"array", "[3]int", []string{"$T{ {pt}, 2: 5}", "[3]int{1, {pt}}", "$T(append([]int{1, 2}, {pt}))", "rt.Echo({id}, $x)"}, nil,
		[]string{
			"for $i, $e := range $x {\nrt.Log({id}, $i, $e, {pt})\n}", "for $i := range &$x {\n$x[$i] += {pt}\n}",
			"for $i, $e := range &$x {\n$x[2] = {pt} + $e + $i\n}", "$x[{small}] += {pt}", "rt.Log({id}, $x == $T{ {pt} }, len($x), $x[{small}:])",
			"for $x[{small}] = range 2 {\nrt.Log({id}, {pt}, $x)\n}",
			"$p := &$x\nrt.Log({id}, $p[{small}], $p[:2], len($p), {pt}, *$p)",
		}, comparable_},
	{"map", "map[string]int", []string{`$T{"k": {pt}}`, `map[string]int{"l": 1}`, "$T(nil)", "rt.Echo({id}, $x)"}, []string{"nil"},
		[]string{
			"for $i, $e := range ($T{\"k\": {pt}}) {\nrt.Log({id}, $i, $e, {pt})\n}", "_, $o := $x[{str}]\nrt.Log({id}, $o, {pt})",
			"$x = $T{ {str}: 2}\n$x[{str}] += {pt}\n$x[\"z\"]++\ndelete($x, {str})", "rt.Log({id}, len($x), $x[{str}], $x == nil, {pt})", "clear($x)",
		}, ""},
	{"func", "func(int) int", []string{"$T(func(i int) int { return i + 1 })", "func(i int) int { return i * 2 }", "rt.Echo({id}, $x)", "rt.Maker({id})"}, []string{"nil"},
		[]string{
			"if $x != nil {\nrt.Log({id}, $x({pt}), {pt})\n}", "defer $T(func($i int) int {\nrt.Log({id}, $i)\nreturn 0\n})({pt})",
			"rt.Log({id}, $T(func(i int) int { return i - 1 })({pt}))",
		}, ""},
	{"channel", "chan int", []string{"rt.Full({pt})", "$T(rt.Full(2, {pt}))", "make($T, 1)", "rt.Echo({id}, $x)"}, []string{"nil"},
		[]string{
			"$x = rt.Closed({pt}, 2)\nfor $i := range $x {\nrt.Log({id}, $i, {pt})\n}", "$x = make($T, 2)\n$x <- {pt}\nrt.Log({id}, <-$x, len($x), {pt}, cap($x))",
			"$x = make($T, 1)\nselect {\ncase $x <- {pt}:\nrt.Log({id})\ncase $e, $o := <-$x:\nrt.Log({id}, $e, $o)\n}",
			"$x = make($T, 1)\ngo func() { $x <- {pt} }()\nrt.Log({id}, <-$x)",
			"$x = rt.Full(1, 2)\nvar $c <-chan int = $x\n$e, $o := <-$c\nrt.Log({id}, {pt}, $e, $o)",
		}, comparable_},
	{"pointer", "*int", []string{"new(int)", "$T(new({pt}))", "&g0", "rt.Echo({id}, $x)"}, []string{"nil"},
		[]string{
			"$x = &g1\n*$x += {pt}\n(*$x)++\nrt.Log({id}, *$x, {pt})", "rt.Log({id}, $x == nil, {pt}, $x != $T(nil))",
		}, comparable_ + nomethods},
	{"array pointer", "*[3]int", []string{"new([3]int)", "$T(&[3]int{ {pt} })", "rt.Echo({id}, $x)"}, nil,
		[]string{
			"$x = &garr\nfor $i, $e := range $x {\n$x[$i] = $e + {pt}\n}", "$x = &garr\n$x[{small}]++\nrt.Log({id}, $x[{small}:], len($x), {pt})",
			"for $i := range $x {\nrt.Log({id}, $i, {pt})\n}",
		}, comparable_ + nomethods},
	{"struct", "struct { a int; s string }", []string{"$T{ {pt}, {str} }", "$T{s: {str}}", "struct { a int; s string }{a: {pt}}", "rt.Echo({id}, $x)"}, nil,
		[]string{
			"$x.a += {pt}\n$x.a++\nrt.Log({id}, $x.s, {pt}, $x.a)", "$x.s, $x.a = {str}, len($x.s)", "rt.Log({id}, $x == $T{ {pt}, \"\" }, $T{ {pt}, {str} }.s)",
			"$p := &$x\n$p.a -= {pt}\nrt.Log({id}, {pt}, *$p)", "rt.Log({id}, []$T{ { {pt}, \"e\" }, {s: {str}} }[{small}%2].a, []*$T{ {a: {pt}} }[0].a)",
		}, comparable_},
	{"interface", "interface { Get(n, x int) int }", []string{"T0{a: {pt}}", "$T(&T0{a: {pt}})", "rt.Echo({id}, $x)", "$T(nil)"}, []string{"nil"},
		[]string{
			"$x = rt.Echo[$T]({id}, T0{b: {pt}})\nrt.Log({id}, $x.Get(n-1, {pt}))", "rt.Log({id}, $x == nil, {pt})",
			"_, $o := $x.(T0)\nrt.Log({id}, $o, {pt})", "switch $y := $x.(type) {\ncase nil:\nrt.Log({id}, {pt})\ncase T0:\nrt.Log({id}, {pt}, $y.a)\ncase $T:\nrt.Log({id}, $y)\n}",
			"$x = rt.Echo[$T]({id}, &T0{b: {pt}})\n$m := $x.Get\nrt.Log({id}, $m(n-1, {pt}))",
			"$x = rt.Echo[$T]({id}, &T0{b: {pt}})\nrt.Log({id}, $T.Get($x, n-1, {pt}))",
			"$x = rt.Echo[$T]({id}, &T0{b: {pt}})\ndefer $x.Get(n-1, {pt})",
		}, comparable_ + nomethods},
	{"any", "any", []string{"1", "\"a\"", "{pt}", "$x", "1.5", "true", "{pt} < 1", "rt.Echo({id}, $x)", "$T(nil)", "1 << ({small})", "'a'"}, []string{"nil"},
		[]string{
			"rt.Log({id}, $x == 1, {pt}, 2.0 == $x, $x == \"a\", $x == nil)", "switch $x {\ncase 1, {pt}:\nrt.Log({id}, {pt})\ncase \"a\", nil, true, 1.5:\nrt.Log({id}, {str})\n}",
			"switch $y := $x.(type) {\ncase nil, int:\nrt.Log({id}, $y, {pt})\ncase string, bool:\nrt.Log({id}, $y)\ndefault:\nrt.Log({id}, {pt}, $y)\n}",
			"for $x = range 2 {\nrt.Log({id}, $x, {pt})\n}", "switch $x = ({v}); {\ncase {pt} < 1, $x == nil:\nrt.Log({id}, {pt})\n}",
			"_, $x = any({pt}).(int)\nrt.Log({id}, $x)", "_, $x = <-rt.Closed({pt})\nrt.Log({id}, $x)", "$x, _ = gm[{str}]\nrt.Log({id}, $x)",
		}, comparable_ + nomethods},
	{"error", "error", []string{"rt.Fault({pt})", "$T(rt.Fault(1))", "$T(nil)", "rt.Echo({id}, $x)"}, []string{"nil"},
		[]string{
			"_, $x = rt.Try({id})\nrt.Log({id}, $x == nil, {pt})", "if $y, $e := rt.Try({id}); $e != nil {\n$x = $e\n} else {\nrt.Log({id}, $y)\n}",
			"$x = rt.Fault({pt})\nrt.Log({id}, {pt}, $x.Error())",
		}, comparable_ + nomethods},
}

// anyKind are statements for a variable $x of any type $T. {v} is a value and {t} one
// whose type must be known.
var anyKind = []string{
	"$x = {t}", "var $y $T = {t}\nrt.Log({id}, $y, {pt}, $x)", "var $y, _ $T = {t}, {t}\n$x, $y = $y, {t}\nrt.Log({id}, $x, $y)",
	"rt.Log({id}, {v}, {pt}, {v})", "defer rt.Log({id}, {v}, {pt})", "_, _ = {v}, {pt}", "(_) = {v}",
	"func($y $T, _ int) {\nrt.Log({id}, $y, {pt})\n}({t}, {pt})", "func($y ...$T) {\nrt.Log({id}, {pt}, $y)\n}({t}, {t})",
	"defer func($y $T) {\nrt.Log({id}, $y, {pt})\n}({t})", "defer func(_ ...$T) {\nrt.Log({id}, {pt})\n}({t}, {t})",
	"$y := []any{ {v}, {pt}, {v}, $x }\nrt.Log({id}, $y...)", "$y := any($x)\n_, $o := $y.($T)\nrt.Log({id}, $o, {pt})",
	"var $o interface{}\n$x, $o = any($x).($T)\nrt.Log({id}, $o, {pt})",
	"rt.Log({id}, func() ($r $T) {\ndefer func() { $r = {t} }()\nreturn {t}\n}())",
	"rt.Log({id}, func() ($r, _ $T) {\n$r = {t}\nreturn {t}, {t}\n})",
	"$y, $z := func() ($r $T, $s int) {\n$r, $s = {t}, {pt}\nreturn\n}()\nrt.Log({id}, $y, $z)",
	"rt.Log({id}, rt.Echo[$T]({id}, {t}), {pt})", "rt.Log({id}, struct { $a $T; $b int }{ {t}, {pt} }.$a)",
	"var $s struct { $a, $b $T }\n$s.$b, $s.$a = {t}, {t}\nrt.Log({id}, $s, {pt})",
	"rt.Log({id}, [...]$T{ {t}, 2: {t} }[{small}])", "rt.Log({id}, map[int]$T{ {pt}: {t} })",
	"$p := &$x\n*$p = {t}\nrt.Log({id}, {pt}, *$p)", "$c := make(chan $T, 1)\n$c <- {t}\nrt.Log({id}, {pt}, <-$c)",
	"$c := make(chan $T, 1)\nselect {\ncase $c <- {t}:\n}\nselect {\ncase $x = <-$c:\nrt.Log({id}, {pt})\n}\nclose($c)\nselect {\ncase $y, $o := <-$c:\nrt.Log({id}, {pt}, $y, $o)\n}",
	"$c := make(chan $T, 1)\ngo func($y $T) { $c <- $y }({t})\nrt.Log({id}, <-$c)",
	"$f := func($x $T) $T {\nreturn $x\n}\nrt.Log({id}, $f({t}), {pt})", "$f := rt.Note[$T]\n$x = $f({id}, {t})\nrt.Log({id}, {pt})",
	"type $U struct { $T; $b int }\n$u := $U{$T: {t}, $b: {pt}}\n$u.$T = {t}\nrt.Log({id}, {pt}, $u.$T, $u)",
	"type $U = $T\nvar $y $U = {t}\n$x = $y\nrt.Log({id}, {pt}, []$U{$y})", "type $U []$T\nfor $i, $e := range ($U{ {t}, {t} }) {\nrt.Log({id}, $i, $e, {pt})\n}",
	"for _, $x = range []$T{ {t}, {t} } {\nrt.Log({id}, $x, {pt})\n}", "for $e := range func($y func($T) bool) {\n_ = $y({t}) && $y({t})\n} {\nrt.Log({id}, $e, {pt})\n}",
	"switch $y := any($x).(type) {\ncase *$T:\nrt.Log({id}, {pt})\ncase $T:\n$x = $y\nrt.Log({id}, {pt}, $y)\n}",
	"switch $y := ({v}); {\ncase {flag}:\nrt.Log({id}, $y, {pt})\ndefault:\nrt.Log({id}, $y)\n}",
	"if $y := ({v}); {flag} {\nrt.Log({id}, $y)\n} else if $z := ({v}); {flag} {\nrt.Log({id}, $y, $z)\n}",
	"$L:\nfor $i := range 2 {\nswitch {\ncase {flag}:\ncontinue $L\ncase {flag}:\nbreak $L\n}\nrt.Log({id}, $i)\n}",
	"goto $L\n$L:\n$x = {t}", "{\n$x := {v}\nrt.Log({id}, $x, {pt})\n}", "$y := *new($T)\n$y = {t}\nrt.Log({id}, $y, {pt})",
	"rt.Log({id}, min({pt}, 3), {v})", "var $e = rt.Echo[any]\nrt.Log({id}, $e({id}, {v}), {pt})",
	"rt.Log({id}, either[$T](n-1, {t}, {t}))", "$m := (&Box[$T]{v: {t}}).Swap\nrt.Log({id}, $m(n-1, {t}), {pt})", "rt.Log({id}, (*Box[$T]).Swap(&Box[$T]{}, n-1, {t}))",
}

// ofComparable are statements for types with ==.
var ofComparable = []string{
	"rt.Log({id}, $x == {t}, {pt})", "switch $x {\ncase {t}:\nrt.Log({id}, {pt})\ncase rt.Echo[$T]({id}, $x):\nrt.Log({id}, {str})\n}",
	"rt.Log({id}, any($x) == any({v}), {pt})", "rt.Log({id}, map[$T]int{ {t}: {pt} }[$x])", "var $i any = $x\nrt.Log({id}, $i == $x, {pt}, $x != $i)",
	"rt.Log({id}, [2]$T{ {t}, {t} } == [2]$T{ {t} })",
}

// named are blocks with a type of their own.
var named = table[done]{
	{"named local type", 14, func(g *gen, d int) (done, bool) { return done{}, g.namedBlock("type $T %s") }},
	{"alias of an unnamed type", 3, func(g *gen, d int) (done, bool) { return done{}, g.namedBlock("type $T = %s") }},
	{"alias of a local type", 1, func(g *gen, d int) (done, bool) { return done{}, g.namedBlock("type $W %s\ntype $T = $W") }},
	{"named type of the package", 11, func(g *gen, d int) (done, bool) { return done{}, !g.fn.plain && g.onShaped() }},
}

// namedBlock makes a block that declares $T and does something with it.
func (g *gen) namedBlock(declare string) bool {
	if g.fn.plain {
		return false
	}
	k := oneOf(g, kinds...)
	text := strings.Replace(declare, "%s", k.under, 1) + "\n" + g.withVariable(k)
	if g.hidden(text) {
		return false
	}
	g.line("{\n%s}", g.oddly(text))
	return true
}

// withVariable makes statements with a variable of the type.
func (g *gen) withVariable(k kind) string {
	text := "var $x $T"
	if g.chance(50) {
		text += " = " + g.first(k)
	}
	return text + "\n" + several(1+g.r.IntN(3), func() string {
		from := anyKind
		switch {
		case g.chance(40):
			from = k.does
		case k.is(comparable_) && g.chance(30):
			from = ofComparable
		}
		s := oneOf(g, from...)
		if g.generic && instantiates.MatchString(s) {
			s = anyKind[0] // else they would have instances without end
		}
		if k.under[0] == '*' && strings.Contains(s, "struct { $T; ") {
			s = anyKind[0] // no pointer can be embedded
		}
		return "{\n" + g.values(k, s) + "\n}"
	}) + "\nrt.Log({id}, $x)\n"
}

var instantiates = regexp.MustCompile(`either|Box`)

// first returns a value that does not use the variable.
func (g *gen) first(k kind) string {
	for {
		if v := oneOf(g, k.values...); !strings.Contains(v, "$x") {
			return v
		}
	}
}

var value = regexp.MustCompile(`\{[vt]\}`)

// values fills {v} and {t} in.
func (g *gen) values(k kind, text string) string {
	return value.ReplaceAllStringFunc(text, func(hole string) string {
		from := k.values
		if hole == "{t}" {
			from = slices.Concat(k.typed, k.values)
		}
		v := oneOf(g, from...)
		if strings.Contains(v, " ") {
			v = "(" + v + ")"
		}
		return v
	})
}
