package async

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// A name with a typing error in it would never be found, and nobody would notice.
func TestTheTableNamesFunctionsThatThereAre(t *testing.T) {
	t.Parallel()
	byPkg := make(map[string][]string)
	add := func(name string) {
		pkg := strings.TrimLeft(name, "(*")
		slash := strings.LastIndexByte(pkg, '/') + 1
		pkg = pkg[:slash+strings.IndexByte(pkg[slash:], '.')]
		if !strings.HasPrefix(pkg, "golang.org/x/") { // not in go.mod
			byPkg[pkg] = append(byPkg[pkg], name)
		}
	}
	for _, table := range []map[string]bool{neverBlocks, fromStdin} {
		for name := range table {
			add(name)
		}
	}
	for name := range blockingFuncs {
		add(name)
	}
	for name := range givenTo {
		add(name)
	}
	found := make(map[string]bool)
	// Each system has system calls of its own.
	for system, pkgs := range map[string][]string{"linux": slices.Collect(maps.Keys(byPkg)), "darwin": {"syscall"}} {
		loaded, err := packages.Load(&packages.Config{
			Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
				packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes,
			ParseFile: declarationsOnly,
			Env:       append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0"),
		}, pkgs...)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range loaded {
			scope := p.Types.Scope()
			for _, name := range scope.Names() {
				switch obj := scope.Lookup(name).(type) {
				case *types.Func:
					found[obj.FullName()] = true
				case *types.TypeName:
					for t := range allMethods(obj.Type()) {
						found[t.FullName()] = true
					}
				}
			}
		}
	}
	for pkg, names := range byPkg {
		for _, name := range names {
			if !found[name] {
				t.Errorf("%s has no %s", pkg, name)
			}
		}
	}
	if len(found) == 0 {
		t.Error("nothing was loaded")
	}
}

// declarationsOnly parses a file without the bodies of its functions: checking those
// takes most of the time. Imports that only they use are errors then, which do not
// matter.
func declarationsOnly(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if file != nil {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				f.Body = nil
			}
		}
	}
	return file, err
}

// allMethods yields the methods that t and *t declare.
func allMethods(t types.Type) func(yield func(*types.Func) bool) {
	return func(yield func(*types.Func) bool) {
		if n, ok := t.(*types.Named); ok {
			for m := range n.Methods() {
				if !yield(m) {
					return
				}
			}
		}
		if i, ok := t.Underlying().(*types.Interface); ok {
			for m := range i.Methods() {
				if !yield(m) {
					return
				}
			}
		}
	}
}
