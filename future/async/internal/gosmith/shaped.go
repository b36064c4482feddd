package gosmith

import (
	"fmt"
	"regexp"
	"strings"
)

// shaped is a named type of the package with marked methods, a struct that embeds it, and
// a generic function of it.
type shaped struct {
	kind                 kind
	name, outer, generic string // of the type, the struct and the function
	address              string // & if the struct embeds a pointer
}

// shapedTypes declares a type or two.
func (g *gen) shapedTypes() {
	for i := range 1 + g.r.IntN(2) {
		k := oneOf(g, kinds...)
		if k.is(nomethods) {
			continue
		}
		s := shaped{kind: k, address: oneOf(g, "", "&")}
		for _, name := range []*string{&s.name, &s.outer, &s.generic} {
			*name = fmt.Sprintf("%s%d", oneOf(g, "state", "Bool", "cx", "done", "f", "Frame", "next", "ready", "t", "point", "E"), 4+3*i+len(g.shaped))
			for g.lookup(*name) != nil {
				*name += "_"
			}
			g.scope.vars = append(g.scope.vars, &variable{name: *name, typ: "type"})
		}
		g.shaped = append(g.shaped, s)
		g.line("type %s %s", s.name, k.under)
		g.line("type %s struct { %s%s; k int }", s.outer, map[string]string{"&": "*"}[s.address], s.name)
		give := "if n <= 0 || !rt.Fuel() {\nreturn\n}\n"
		g.shapedFunction(s, "//pinion:async\nfunc ($q $T) Same(n int, $x $T, _ ...$T) ($r $T) {\n"+give+"rt.Log({id}, $q)\n", k, "$r = {t}\nreturn rt.Echo[$T]({id}, $x)\n}")
		g.shapedFunction(s, "//pinion:async\nfunc ($q *$T) Set(n int, $x $T) (_ $T, $s int) {\n"+give, k, "*$q = {t}\nreturn *$q, {pt}\n}")
		g.shapedFunction(s, "//pinion:async\nfunc (_ $T) Blank(n int, _, $x $T, _ int) (_, $r $T) {\n"+give+"$r = $x\n", k, "return\n}")
		constraint := "~" + k.under
		if strings.Contains(k.under, "interface") || g.chance(20) {
			constraint = "interface{ ~" + k.under + "; Same(n int, x $T, y ...$T) $T }"
		}
		g.shapedFunction(s, "//pinion:async\nfunc "+s.generic+"[$K "+constraint+", $V any](n int, $x $T, _ *$K, $v ...$V) ($r $T, $w []$V) {\n"+give, k,
			"type $U struct { $a $T; $b $V }\nfor _, $e := range $v {\nrt.Log({id}, $U{ {t}, $e }, {pt})\n}\nvar $k $K\nrt.Log({id}, $k, rt.Echo[$K]({id}, $k))\nreturn {t}, $v\n}")
	}
}

// shapedFunction writes a function whose parameters and locals have odd names.
func (g *gen) shapedFunction(s shaped, head string, k kind, tail string) {
	g.fn = &function{sig: &signature{name: "Same"}}
	g.generic = true // no instances of generic functions here
	defer func() { g.generic = false }()
	body := ""
	if g.chance(50) {
		if does := oneOf(g, anyKind...); !instantiates.MatchString(does) {
			body = "{\n" + g.values(k, does) + "\n}\n"
		}
	}
	// No variable of the program is to be seen where the names are not yet chosen.
	text := strings.ReplaceAll(head+body+g.values(k, tail), "{int}", "{pt}")
	g.line("%s", g.oddly(withType(text, s.name)))
}

// ofShaped are what is done with such a type. $E is the struct.
var ofShaped = []string{
	"rt.Log({id}, $x.Same(n-1, {t}), {pt})", "rt.Log({id}, $E{$N$x, {pt}}.Same(n-1, {t}, {t}), {pt})",
	"$m := $x.Same\n$x = {t}\nrt.Log({id}, $m(n-1, {t}), {pt})", "rt.Log({id}, $T.Same($x, n-1, {t}))",
	"$y, $z := $x.Set(n-1, {t})\nrt.Log({id}, $x, $y, $z)", "$y, $z := (*$T).Set(&$x, n-1, {t})\nrt.Log({id}, $x, $y, $z)",
	"$e := &$E{k: {pt}, $T: $N$x}\n$y, _ := $e.Set(n-1, {t})\nrt.Log({id}, $e.$T, $y, {pt}, $x)", "defer $x.Same(n-1, {t})",
	"var $i interface{ Same(n int, x $T, y ...$T) $T } = $E{$N$x, 1}\nrt.Log({id}, rt.Note({id}, $i).Same(n-1, {t}), {pt})",
	"_, $y := $x.Blank(n-1, {t}, {t}, {pt})\nrt.Log({id}, $y)", "$m := $E.Same\nrt.Log({id}, $m($E{$N$x, 0}, n-1, {t}))",
	"type $U struct { $E; $b int }\n$u := $U{$E: $E{$N$x, {pt}}}\nrt.Log({id}, $u.Same(n-1, {t}), {pt}, $u.k)",
	"type $U struct { *$E; $b int }\n$u := $U{$E: &$E{$N$x, {pt}}}\n$y, $z := $u.Set(n-1, {t})\nrt.Log({id}, $y, {pt}, $u.k, $z)",
	"type $U = $E\n$u := $U{$N$x, {pt}}\nrt.Log({id}, $u.Same(n-1, {t}), $u.$T)",
	"$y, $z := $G[$T, int](n-1, {t}, &$x, {pt})\nrt.Log({id}, $y, $z)", "$f := $G[$T, string]\n$y, $z := $f(n-1, {t}, nil, {str}, \"b\")\nrt.Log({id}, $y, {pt}, $z)",
	"$y, $z := $G(n-1, $x, &$x, 1, {pt}, 'a')\nrt.Log({id}, $y, {pt}, $z)", "defer $G[$T](n-1, $x, nil, {flag}, true)",
}

// onShaped is a block about one of these types.
func (g *gen) onShaped() bool {
	if len(g.shaped) == 0 || g.generic {
		return false
	}
	s := oneOf(g, g.shaped...)
	for _, name := range []string{s.name, s.outer, s.generic} {
		if g.lookup(name).typ != "type" {
			return false // it is hidden
		}
	}
	text := "{\nvar $x $T = " + g.first(s.kind) + "\n"
	text += several(1+g.r.IntN(3), func() string {
		t := oneOf(g, ofShaped...)
		if g.chance(20) {
			t = oneOf(g, anyKind...)
		}
		return "{\n" + g.values(s.kind, t) + "\n}"
	}) + "\nrt.Log({id}, $x)\n}"
	if g.hidden(text) {
		return false
	}
	text = strings.NewReplacer("$N$", s.address+"$", "$E", s.outer, "$G", s.generic).Replace(text)
	g.line("%s", g.oddly(withType(text, s.name)))
	return true
}

var typeNamed = regexp.MustCompile(`\$T\b`)

// withType names the type in a text.
func withType(text, name string) string { return typeNamed.ReplaceAllString(text, name) }
