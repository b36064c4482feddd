package async

import (
	"go/ast"
	"go/scanner"
	"go/token"
)

// This file finds what gc need not be shown with the shadows, so that it has less to
// compile. What is left out is what nobody can name: the marked functions
// themselves, if all that calls them are shadows, which call shadows; and twins. What
// gc says of a function depends on the bodies of those that it calls, and a call
// of a body that is known has the callee's name in it.
//
// A method is always declared, as an interface may want it of its type. It loses its
// body: through an interface gc knows of none.
//
// The names are compared by themselves, whatever they mean: too much may be shown,
// and never too little. Where a declaration is missed all the same, as by a directive,
// gc says so, and is asked again with all that there is.

// trimmed is what gc is not shown.
type trimmed struct {
	functions map[*ast.FuncDecl]bool
	futures   map[*source]map[string]bool // the names of the futures' types
}

// trim decides what gc is not shown.
func (o *oracle) trim() *trimmed {
	named := make(map[string]bool)
	name := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				named[id.Name] = true
			}
			return true
		})
	}
	shadowed := make(map[*source]bool)
	for _, sh := range o.shadows {
		shadowed[sh.source] = !importsC(sh.source.file) && !importsDot(sh.source.file)
		scan(sh.text, func(id string) { named[id] = true })
	}
	from := make(map[*ast.FuncDecl]*source) // of those whose mention is not known
	for _, f := range o.folders {
		for _, s := range f.sources {
			if s.file == nil {
				scan(s.src, func(id string) { named[id] = true })
				continue
			}
			for _, f := range s.marked {
				if shadowed[s] {
					from[f] = s
				}
			}
			for _, d := range s.file.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if from[d] == nil {
						name(d)
						continue
					}
					if d.Recv != nil {
						name(d.Recv)
					}
					name(d.Type)
				default:
					name(d)
				}
			}
		}
	}
	t := &trimmed{make(map[*ast.FuncDecl]bool), make(map[*source]map[string]bool)}
	for f := range from {
		t.functions[f] = true
	}
	for more := true; more; {
		more = false
		for f := range t.functions {
			if n := f.Name.Name; named[n] || n == "main" || n == "init" || n == "_" {
				delete(t.functions, f)
				name(f)
				more = true
			}
		}
	}
	for f, s := range from {
		recv, _, _ := receiver(f)
		if future := futureName(recv, f.Name.Name); !named[future] && !named[asyncName(f.Name.Name)] {
			if t.futures[s] == nil {
				t.futures[s] = make(map[string]bool)
			}
			t.futures[s][future] = true
		}
	}
	return t
}

func importsDot(file *ast.File) bool {
	for _, spec := range file.Imports {
		if spec.Name != nil && spec.Name.Name == "." {
			return true
		}
	}
	return false
}

// scan finds the identifiers in a source.
func scan(src []byte, see func(id string)) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, 0)
	for {
		switch _, tok, lit := s.Scan(); tok {
		case token.IDENT:
			see(lit)
		case token.EOF:
			return
		}
	}
}

// without returns the futures whose twins gc is not shown.
func (t *trimmed) without(s *source) map[string]bool {
	if t == nil {
		return nil
	}
	return t.futures[s]
}

// source returns what gc is shown of one of a job's sources, nil if that is all.
func (t *trimmed) source(u *unit, s *source) []byte {
	if t == nil {
		return nil
	}
	none := true
	for _, f := range s.marked {
		none = none && !t.functions[f]
	}
	if none {
		return nil
	}
	edits := &textEdits{src: s.src, file: u.fset.File(s.file.FileStart)}
	var parts []ast.Node
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		switch {
		case !ok || !t.functions[f]:
			parts = append(parts, d)
		case f.Recv != nil:
			parts = append(parts, f.Recv, f.Type)
			edits.replace(f.Body.Pos(), f.Body.End(), "{ for {} }")
		default:
			from := f.Pos()
			if f.Doc != nil {
				from = f.Doc.Pos()
			}
			edits.replace(from, f.End(), "")
		}
	}
	used := u.usedImports(s.file, parts)
	for _, spec := range s.file.Imports {
		if !used[spec] {
			from := spec.Path.Pos()
			if spec.Name != nil {
				from = spec.Name.Pos()
			}
			edits.replace(from, spec.Path.Pos(), "_ ")
		}
	}
	return edits.apply()
}
