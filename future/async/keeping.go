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
// himself, may leave it anywhere.
func keeping(stub []byte, sink string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "stub.go", stub, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	t := &textEdits{src: stub, file: fset.File(file.FileStart)}
	for _, d := range file.Decls {
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
	return append(t.apply(), "\nvar "+sink+" interface{}\n"...), nil
}
