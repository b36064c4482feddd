package async

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// noescape is the comment line above a twin FAsync, a function or a method or a
// method of an interface, that keeps nothing of its receiver and its arguments
// once its future is Ready and Result was called: nothing that lives on refers to
// them, nor to what can be reached from them, and neither do the results. The same
// line above an ordinary function, such as a sibling FCx, says so of the time after
// its return.
const noescape = "//pinion:noescape"

// leaves finds the directive where twins are declared.
type leaves struct {
	files  files
	stubs  map[string][]byte // by path: files with nobody's directives in them
	parsed map[string]map[declaredAt]bool
}

type declaredAt struct {
	line int
	name string
}

// keepsNothing reports whether the directive stands above the declaration of
// async.
func (v *leaves) keepsNothing(fset *token.FileSet, async *types.Func) bool {
	pos := fset.PositionFor(async.Origin().Pos(), false)
	if pos.Filename == "" {
		return false
	}
	found, ok := v.parsed[pos.Filename]
	if !ok {
		found = v.parse(pos.Filename)
		if v.parsed == nil {
			v.parsed = make(map[string]map[declaredAt]bool)
		}
		v.parsed[pos.Filename] = found
	}
	return found[declaredAt{pos.Line, async.Name()}]
}

// parse returns the declarations in a file that have the directive: none if the
// file cannot be read, as one that was compiled with -trimpath.
func (v *leaves) parse(path string) map[declaredAt]bool {
	if _, ok := v.stubs[path]; ok && v.files.overlay[path] == nil {
		return nil
	}
	src, err := v.files.read(path)
	if err != nil {
		return nil
	}
	if !strings.Contains(string(src), noescape[2:]) {
		return nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	found := make(map[declaredAt]bool)
	see := func(doc *ast.CommentGroup, id *ast.Ident) {
		if doc == nil {
			return
		}
		for _, c := range doc.List {
			if strings.TrimRight(c.Text, " \t\r") == noescape {
				found[declaredAt{fset.PositionFor(id.Pos(), false).Line, id.Name}] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			see(n.Doc, n.Name)
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				if len(m.Names) == 1 {
					see(m.Doc, m.Names[0])
				}
			}
		}
		return true
	})
	return found
}
