package async

import (
	"go/ast"
	"go/types"
)

// usedImports returns the imports of a file that parts of it need.
func (u *unit) usedImports(file *ast.File, parts []ast.Node) map[*ast.ImportSpec]bool {
	names := make(map[types.Object]bool)
	for _, part := range parts {
		ast.Inspect(part, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if pkg, ok := u.info.Uses[id].(*types.PkgName); ok {
					names[pkg] = true
				}
			}
			return true
		})
	}
	used := make(map[*ast.ImportSpec]bool)
	for _, spec := range file.Imports {
		obj := u.info.Implicits[spec]
		if spec.Name != nil {
			obj = u.info.Defs[spec.Name]
		}
		pkg, _ := obj.(*types.PkgName)
		switch {
		case spec.Name != nil && spec.Name.Name == ".":
			used[spec] = pkg == nil || u.usesDotted(parts, pkg.Imported())
		case pkg != nil:
			used[spec] = names[pkg]
		}
	}
	return used
}

// usesDotted reports whether parts of a file use names of a package without its own.
func (u *unit) usesDotted(parts []ast.Node, pkg *types.Package) bool {
	found := false
	for _, part := range parts {
		qualified := make(map[*ast.Ident]bool)
		ast.Inspect(part, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				qualified[n.Sel] = true
			case *ast.Ident:
				obj := u.info.Uses[n]
				found = found || obj != nil && !qualified[n] && obj.Pkg() == pkg && obj.Parent() == pkg.Scope()
			}
			return true
		})
	}
	return found
}
