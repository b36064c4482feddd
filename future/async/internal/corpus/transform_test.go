package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The statements that matter, each as it is and as it becomes. Y stands for the
// call of the leaf.
func TestAPointStandsBeforeEachStatementAndNowhereElse(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"empty", "", ""},
		{"simple", "x()", "Y; x()"},
		{"one line", "x(); y()", "Y; x(); Y; y()"},
		{"comment between", "x() /* c */; /* d */ y()", "Y; x() /* c */; /* d */ Y; y()"},
		{"semicolon alone", ";;x()", ";;Y; x()"},
		{"declaration", "var a, b = 1, 2", "Y; var a, b = 1, 2"},
		{"if with else", "if a := x(); a { y() } else if b { z() } else { w() }",
			"Y; if a := x(); a { Y; y() } else if b { Y; z() } else { Y; w() }"},
		{"for clause", "for i := 0; i < 3; i++ { x() }", "Y; for i := 0; i < 3; i++ { Y; x() }"},
		{"empty loop", "for {}", "Y; for {}"},
		{"range", "for range f { x() }", "Y; for range f { Y; x() }"},
		{"switch", "switch a := x(); a { case 1: y(); fallthrough; case 2: default: z() }",
			"Y; switch a := x(); a { case 1: Y; y(); Y; fallthrough; case 2: default: Y; z() }"},
		{"type switch", "switch v := x.(type) { case int: y(v) }", "Y; switch v := x.(type) { case int: Y; y(v) }"},
		{"empty switch", "switch {}", "Y; switch {}"},
		{"select", "select { case v := <-c: x(v); case d <- 1: default: y() }",
			"Y; select { case v := <-c: Y; x(v); case d <- 1: default: Y; y() }"},
		{"empty select", "select {}", "Y; select {}"},
		{"block", "{ x(); { y() } }", "Y; { Y; x(); Y; { Y; y() } }"},
		{"label", "L: for { break L }", "Y; L: for { Y; break L }"},
		{"label before a label", "L: M: x(); goto L; goto M", "Y; L: M: x(); Y; goto L; Y; goto M"},
		{"label of nothing", "goto L; L:", "Y; goto L; Y; L:"},
		{"label of a block", "L: { break L }", "Y; L: { Y; break L }"},
		{"literal", "f := func() { x() }", "Y; f := func() { Y; x() }"},
		{"literal called", "func() { x() }()", "Y; func() { Y; x() }()"},
		{"literal in a header", "if func() bool { return x }() { y() }", "Y; if func() bool { Y; return x }() { Y; y() }"},
		{"literal in a case", "switch { case func() bool { return x }(): y() }",
			"Y; switch { case func() bool { Y; return x }(): Y; y() }"},
		{"literal in a select", "select { case func() chan int { return c }() <- 1: }",
			"Y; select { case func() chan int { Y; return c }() <- 1: }"},
		{"defer and go", "defer x(); go func() { y() }()", "Y; defer x(); Y; go func() { Y; y() }()"},
		{"return", "return", "Y; return"},
	} {
		t.Run(test.name, func(t *testing.T) {
			src := "package main\nfunc f() { " + test.body + " }\n"
			got := mustTransform(t, src, blocking)
			body := strings.ReplaceAll(strings.Split(got, "\n")[1], "pinionLeaf.Point()", "Y")
			if want := "func f() { " + test.want + " }"; body != want {
				t.Errorf("got  %s\nwant %s", body, want)
			}
		})
	}
}

func mustTransform(t *testing.T, src string, f form) string {
	t.Helper()
	out, err := transform("x.go", []byte(src), f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "x.go", out, 0); err != nil {
		t.Fatalf("does not parse: %v\n%s", err, out)
	}
	return string(out)
}

func TestEveryFunctionThatCanBeCalledIsMarkedInItsDocComment(t *testing.T) {
	const src = `// run

package main // the program

// T is a type.
type T[E any] struct{}; func (T[E]) oneLine() {}

// Doc of method.
func (t *T[E]) method() {}

//go:noinline
func directive() {}

// Doc of escapes.
//
//go:uintptrescapes
func escapes(p uintptr) {}

func generic[E any]() {}
/* general comment */ func general() {}
func body() int

//go:nosplit
func nosplit() { x() }

//go:linkname linked runtime.linked
func linked() {}

func _() { x() }

func init() { x() }

func main() { main() }
`
	out := mustTransform(t, src, compiled)
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", out, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	marked := map[string]bool{}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			marked[fn.Name.Name] = false
			for _, c := range docLines(fn) {
				if c.Text == "//pinion:async" {
					marked[fn.Name.Name] = true
				}
			}
			if n := len(docLines(fn)); fn.Name.Name == "escapes" && n != 4 {
				t.Errorf("the doc comment of escapes has %d lines, want the mark besides its 3", n)
			}
		}
	}
	want := map[string]bool{
		"escapes": true, "oneLine": true, "method": true, "directive": true, "generic": true, "general": true, "pinionMain": true,
		"body": false, "nosplit": false, "linked": false, "_": false, "init": false, "main": false,
	}
	if d := cmp.Diff(want, marked); d != "" {
		t.Error(d)
	}
	for _, line := range []string{
		"func nosplit() { x() }",
		"func _() { pinionLeaf.Point(); x() }",
		"func init() { pinionLeaf.Point(); x() }",
		"func pinionMain() { pinionLeaf.Point(); pinionMain() }",
	} {
		if !strings.Contains(out, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
}

func TestTheBlockingFormKeepsEachStatementsLine(t *testing.T) {
	const src = "package main\n\nimport \"fmt\"\n\nfunc f() {\n\tfmt.Println()\n}\n\nfunc main() {\n\tf()\n}\n"
	before := strings.Split(src, "\n")
	after := strings.Split(mustTransform(t, src, blocking), "\n")
	for i, line := range before {
		got := strings.ReplaceAll(after[i], "pinionLeaf.Point(); ", "")
		got = strings.ReplaceAll(got, "pinionMain", "main")
		got, _, _ = strings.Cut(got, "; import")
		if got != line {
			t.Errorf("line %d is %q, was %q", i+1, got, line)
		}
	}
}

func TestOnlyWhatRefersToFuncMainIsRenamed(t *testing.T) {
	const src = `package main
type T struct{ main int }
func (t T) f(main int) { _ = main; _ = t.main; _ = T{main: 1} }
func g() { f := main; f(); { main := 1; _ = main } }
func main() {}
`
	out := mustTransform(t, src, blocking)
	if n := strings.Count(out, "pinionMain"); n != 3 { // declared, used, called by the new main
		t.Errorf("%d times pinionMain, want 3:\n%s", n, out)
	}
	if !strings.Contains(out, "f := pinionMain;") {
		t.Errorf("the use of main is not renamed:\n%s", out)
	}
}

func TestUnusedPackagesAreNotImported(t *testing.T) {
	out := mustTransform(t, "package main\nfunc main() {}\n", blocking)
	if strings.Contains(out, "import") {
		t.Errorf("an import without a use:\n%s", out)
	}
	out = mustTransform(t, "package main\nvar x = func() int { return 1 }()\nfunc main() {}\n", blocking)
	if !strings.Contains(out, "{ pinionLeaf.Point(); return 1 }") || !strings.Contains(out, "import pinionLeaf") {
		t.Errorf("a literal outside functions has no point:\n%s", out)
	}
}

func TestWhatIsNoProgramIsAnError(t *testing.T) {
	for _, src := range []string{"package p\n", "package main\nfunc", ""} {
		if _, err := transform("x.go", []byte(src), blocking); err == nil {
			t.Errorf("%q: no error", src)
		}
	}
}

// All programs of the installed Go, if it has them: the transformed source parses,
// and without its points it is the source again.
func TestTakingThePointsOutGivesEachProgramBack(t *testing.T) {
	goroot, err := goEnv("GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	tests := filepath.Join(goroot, "test")
	if _, err := os.Stat(tests); err != nil {
		t.Logf("nothing to check: %v", err)
		return
	}
	programs, err := findPrograms(tests)
	if err != nil {
		t.Fatal(err)
	}
	if len(programs) < 900 {
		t.Errorf("%d programs in %s, want about 1,000", len(programs), tests)
	}
	for _, p := range programs {
		for _, name := range p.Sources {
			src, err := os.ReadFile(filepath.Join(tests, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			out := mustTransform(t, string(src), compiled)
			for _, gone := range []string{
				"pinionLeaf.Point(); ", "\n\t//pinion:async\n", "//pinion:async\n", mainFunc(compiled),
				`; import pinionLeaf "` + leafPath + `"`,
			} {
				out = strings.ReplaceAll(out, gone, "")
			}
			if out = strings.ReplaceAll(out, "pinionMain", "main"); out != string(src) {
				t.Errorf("%s: %s", name, firstDifference(out, string(src)))
			}
		}
	}
}

func docLines(fn *ast.FuncDecl) []*ast.Comment {
	if fn.Doc == nil {
		return nil
	}
	return fn.Doc.List
}
