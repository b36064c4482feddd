package async

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// keeping returns a stub whose functions keep all that they are given, in a
// variable with the name sink: who calls a twin by its name, and polls the future
// himself, may leave it anywhere. Those that belong to futures without are left out.
func keeping(stub []byte, sink string, without map[string]bool) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "stub.go", stub, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	t := &textEdits{src: stub, file: fset.File(file.FileStart)}
	used := make(map[string]bool)
	for _, d := range file.Decls {
		if without[futureOf(d)] {
			t.replace(d.Pos(), d.End(), "")
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok {
					used[id.Name] = true
				}
			}
			return true
		})
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		var keep strings.Builder
		n := 0
		name := func(list *ast.FieldList) {
			if list == nil {
				return
			}
			for _, field := range list.List {
				fresh := func() string {
					p := fmt.Sprintf("%sP%d", shadowPrefix, n)
					fmt.Fprintf(&keep, " %s = %s;", sink, p)
					n++
					return p
				}
				for _, id := range field.Names {
					t.replace(id.Pos(), id.End(), fresh())
				}
				if len(field.Names) == 0 {
					t.insert(field.Pos(), fresh()+" ")
				}
			}
		}
		name(f.Recv)
		name(f.Type.Params)
		t.insert(f.Body.Lbrace+1, keep.String())
	}
	for _, spec := range file.Imports {
		if !used[spec.Name.Name] && spec.Name.Name != "." {
			t.replace(spec.Name.Pos(), spec.Name.End(), "_")
		}
	}
	return append(t.apply(), "\nvar "+sink+" interface{}\n"...), nil
}

// futureOf returns the name of the future that a declaration in a stub belongs to.
func futureOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.GenDecl:
		if spec, ok := d.Specs[0].(*ast.TypeSpec); ok {
			return spec.Name.Name
		}
	case *ast.FuncDecl:
		if strings.HasSuffix(d.Name.Name, asyncName("")) { // the constructor
			name, _, _ := receiver(&ast.FuncDecl{Recv: d.Type.Results})
			return name
		}
		name, _, _ := receiver(d)
		return name
	}
	return ""
}
