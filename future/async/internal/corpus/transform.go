package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// A form says how the transformed program is to run.
type form int

const (
	// blocking leaves the program as ordinary Go. It shows that the transformation
	// itself changes nothing.
	blocking form = iota
	// compiled marks its functions for the compiler and runs the future of its main.
	compiled
)

// edit replaces the gone bytes at offset by text.
type edit struct {
	offset, gone int
	text         string
}

// transform puts a call of the leaf before each statement of a file of package main, and
// marks each of its functions. What was func main is func pinionMain, which a new
// func main runs as f says.
//
// The source is edited as text, within its lines: all it gains are the lines of
// the marks, and only if f is compiled. So positions and directives stay what they
// are, as far as they can.
func transform(name string, src []byte, f form) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	if file.Name.Name != "main" {
		return nil, fmt.Errorf("%s: package %s is not a program", name, file.Name.Name)
	}
	t := &transformer{file: fset.File(file.FileStart), form: f}
	for _, decl := range file.Decls {
		t.decl(decl)
	}
	if t.main != nil {
		t.renameMain(file)
	}
	t.imports(file)
	out := apply(src, t.edits)
	if t.main != nil {
		out = append(out, mainFunc(f)...)
	}
	return out, nil
}

type transformer struct {
	file  *token.File
	form  form
	edits []edit
	main  *ast.FuncDecl
	calls bool // of the leaf
}

func (t *transformer) insert(at token.Pos, text string) {
	t.edits = append(t.edits, edit{t.file.Offset(at), 0, text})
}

func (t *transformer) decl(decl ast.Decl) {
	fn, ok := decl.(*ast.FuncDecl)
	if !ok {
		t.statements(decl) // function literals among the values of variables
		return
	}
	if fn.Body == nil || untouchable(fn.Doc) {
		return
	}
	if fn.Recv == nil && fn.Name.Name == "main" {
		t.main = fn
	}
	// init cannot be called, and neither can what is called _, so there would be
	// nobody to await their twins.
	if t.form == compiled && fn.Name.Name != "_" && (fn.Recv != nil || fn.Name.Name != "init") {
		t.insert(fn.Type.Func, t.mark(fn))
	}
	t.statements(fn.Body)
}

// mark returns the mark for fn, so that it comes to stand in fn's doc comment.
func (t *transformer) mark(fn *ast.FuncDecl) string {
	if t.file.PositionFor(fn.Type.Func, false).Column == 1 {
		return "//pinion:async\n"
	}
	return "\n\t//pinion:async\n"
}

// untouchable reports whether a function's directives forbid calls in it or tie it
// to another function's body.
func untouchable(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	return slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		word, _, _ := strings.Cut(c.Text, " ")
		switch word {
		case "//go:nosplit", "//go:linkname", "//go:systemstack", "//go:nowritebarrier", "//go:nowritebarrierrec", "//go:cgo_unsafe_args":
			return true
		}
		return false
	})
}

// statements puts a call before each statement in n. Initialisers and posts of
// statements, and what a select waits for, are in no list of statements, nor is
// the statement that a label names: the call comes before the label.
func (t *transformer) statements(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			// The clauses of a switch or select are its body's list.
			if len(n.List) > 0 && isClause(n.List[0]) {
				return true
			}
			t.list(n.List)
		case *ast.CaseClause:
			t.list(n.Body)
		case *ast.CommClause:
			t.list(n.Body)
		}
		return true
	})
}

func isClause(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

func (t *transformer) list(list []ast.Stmt) {
	for _, s := range list {
		if _, empty := s.(*ast.EmptyStmt); empty {
			continue
		}
		t.calls = true
		t.insert(s.Pos(), "pinionLeaf.Point(); ")
	}
}

// renameMain renames main where it is declared and where it is called.
func (t *transformer) renameMain(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok && id.Name == "main" && id.Obj != nil && id.Obj.Decl == t.main {
			t.edits = append(t.edits, edit{t.file.Offset(id.Pos()), len("main"), "pinionMain"})
		}
		return true
	})
}

func (t *transformer) imports(file *ast.File) {
	if t.calls || t.main != nil && t.form == compiled {
		t.insert(file.Name.End(), fmt.Sprintf("; import pinionLeaf %q", leafPath))
	}
}

// apply returns src with the edits made. Of several at one offset, the first comes
// first.
func apply(src []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.offset - b.offset })
	var out []byte
	done := 0
	for _, e := range edits {
		out = append(out, src[done:e.offset]...)
		out = append(out, e.text...)
		done = e.offset + e.gone
	}
	return append(out, src[done:]...)
}

// mainFunc is the new func main. Only names that no program has are safe in it:
// those of the language may have another meaning here.
func mainFunc(f form) string {
	if f == blocking {
		return "\nfunc main() { pinionMain() }\n"
	}
	return `
func main() {
	f := pinionMainAsync()
	pinionLeaf.Run(&f)
}
`
}
