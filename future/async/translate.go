package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// unit is one package, parsed and type-checked with declarations (stubs)
// standing in for the twins of its marked functions.
type unit struct {
	fset   *token.FileSet
	pkg    *types.Package
	info   *types.Info
	sizes  types.Sizes
	files  []*ast.File // the user's, with comments; no generated ones
	marked map[*ast.FuncDecl]bool
	line   bool // write //line directives
	// isStub reports whether an object is declared by a stub of this unit.
	isStub func(types.Object) bool
}

// translate compiles the marked functions of one file. The source, which need
// not be formatted, is nil when there are none. errs are all that were found.
func (u *unit) translate(file *ast.File) (source []byte, errs []*Error) {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && u.marked[f] {
			errs = append(errs, errorf(u.fset, f.Name.Pos(), "", "%s: not translated", title(f)))
		}
	}
	return nil, errs
}
