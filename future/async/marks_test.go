package async

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestOnlyDocumentedFunctionsAreMarked(t *testing.T) {
	const src = `// Package p has prose about //pinion:async.
package p

// Plain is not marked; "//pinion:async" in prose does not mark.
func Plain() {}

//pinion:async
func Bare() {}

// Documented does a thing.
//
//pinion:async
func Documented() {}

//pinion:async
//go:noinline
func (t T) Method() {}

// pinion:asynchronous and the like are words.
//pinion:asynchronous
//pinion:box
func Others() {}

//pinion:async
//pinion:async
func Twice() {}

/*
//pinion:async
*/
func InBlock() {}

type T struct{}

var s = ` + "`\n//pinion:async\n`" + `
`
	fset := token.NewFileSet()
	for _, end := range []string{"\n", "\r\n"} {
		file, err := parser.ParseFile(fset, "p.go", strings.ReplaceAll(src, "\n", end), parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		marked, errs := findMarks(fset, file)
		if len(errs) > 0 {
			t.Errorf("%v", errs)
		}
		var names []string
		for _, f := range marked {
			names = append(names, title(f))
		}
		if want := []string{"Bare", "Documented", "T.Method", "Twice"}; !slices.Equal(names, want) {
			t.Errorf("%q are marked, want %q", names, want)
		}
	}
}

func TestMarksOnWhatCannotBeOneAreErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src, want string }{
		{"no body", "//pinion:async\nfunc f()\n",
			"4:6: f has no body to compile; mark a function that is written in Go"},
		{"init", "//pinion:async\nfunc init() {}\n",
			"4:6: init can have no twin, as nothing can call it; move what it does"},
		{"blank function", "//pinion:async\nfunc _() {}\n",
			"4:6: a function named _ can have no twin, as nothing can call it; give it a name"},
		{"blank method", "type T int\n\n//pinion:async\nfunc (T) _() {}\n",
			"6:10: a function named _ can have no twin"},
		{"literal", "func f() {\n\t//pinion:async\n\tg := func() {}\n\tg()\n}\n",
			"4:2: this mark stands inside f: only declared functions and methods can be marked; give the function literal a name"},
		{"literal at package level", "//pinion:async\nvar f = func() {}\n",
			"3:1: this marks a variable: only functions and methods can be marked; mark a declared function"},
		{"type", "//pinion:async\ntype T struct{}\n", "3:1: this marks a type"},
		{"constant in a group", "const (\n\t//pinion:async\n\tc = 1\n)\n", "4:2: this marks a constant"},
		{"method of an interface", "type T interface {\n\t//pinion:async\n\tM()\n}\n", "4:2: this marks a type"},
		{"blank line between", "//pinion:async\n\nfunc f() {}\n",
			"3:1: this mark is not in the doc comment of f; put it directly above func"},
		{"blank line before the doc comment", "//pinion:async\n\n// f is.\nfunc f() {}\n",
			"3:1: this mark is not in the doc comment of f; put it directly above func"},
		{"end of the file", "func f() {}\n\n//pinion:async\n", "5:1: this mark is in no function's doc comment; put it"},
		{"behind the function", "func f() {} //pinion:async\n", "3:13: this mark is in no function's doc comment; put it"},
		{"in the signature", "func f(\n\t//pinion:async\n) {\n}\n", "4:2: this mark stands inside f"},
		{"space", "// pinion:async\nfunc f() {}\n",
			"3:1: this is an ordinary comment and does not mark f, for the space behind //; write //pinion:async"},
		{"argument", "//pinion:async now\nfunc f() {}\n",
			`3:1: a mark has no arguments, and this one has "now"; write //pinion:async alone`},
		{"alias", "type T int\ntype A = T\n\n//pinion:async\nfunc (a A) M() {}\n",
			"7:12: A.M is a method on the alias A, which may stand for a type with another name; name the type itself"},
		{"pointer to an alias", "type T int\ntype A = T\n\n//pinion:async\nfunc (a *A) M() {}\n",
			"7:13: A.M is a method on the alias A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := module(t, "-- p.go --\npackage p\n\n"+c.src)
			if c.name == "no body" {
				write(t, dir+"/p.s", "")
			}
			wantErrors(t, dir, stand(t, dir), "p.go:"+c.want)
		})
	}
	t.Run("cgo", func(t *testing.T) {
		dir := module(t, "-- p.go --\npackage p\n\nimport \"C\"\n\n//pinion:async\nfunc f() {}\n")
		wantErrors(t, dir, stand(t, dir), `p.go:6:6: f stands in a file that cgo rewrites; move the function to a file that does not import "C"`)
	})
	t.Run("package clause", func(t *testing.T) {
		dir := module(t, "-- p.go --\n//pinion:async\npackage p\n\nfunc f() {}\n")
		wantErrors(t, dir, stand(t, dir), "p.go:1:1: this mark is in no function's doc comment")
	})
}

func TestAllErrorsAreReportedInOrder(t *testing.T) {
	t.Parallel()
	dir := module(t, `
-- b/b.go --
package b

//pinion:async
func init() {}

//pinion:async
func f()
-- a/a.go --
package a

//pinion:async
func _() {}
-- a/a_test.go --
package a

//pinion:async
var x = 1
`)
	wantErrors(t, dir, stand(t, dir),
		"a/a.go:4:6: a function named _", "a/a_test.go:3:1: this marks a variable",
		"b/b.go:4:6: init", "b/b.go:7:6: f has no body")
}
