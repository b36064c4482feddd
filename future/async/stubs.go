package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// futurePath is the package that every twin imports.
const futurePath = "github.com/pinion-go/pinion/future"

// stubber writes the stub of one source: declarations with the types of its
// twins and bodies that do nothing. They are made from the parsed source alone,
// so that a package can be type-checked whose twins do not exist yet, and one
// that imports it.
//
//	func (r *Recv[T]) Get(a A) (R, error)
//
// becomes
//
//	type RecvGetFuture[T any] struct{}
//	func (*RecvGetFuture[T]) Init(_ *Recv[T], _ A) { for {} }
//	func (*RecvGetFuture[T]) Poll(*future.Context) future.Poll { for {} }
//	func (*RecvGetFuture[T]) Result() (R, error) { for {} }
//	func (*RecvGetFuture[T]) Cancel() { for {} }
//	func (*RecvGetFuture[T]) Suspended() string { for {} }
//	func (*Recv[T]) GetAsync(_ A) RecvGetFuture[T] { for {} }
//
// Nothing predeclared is used, since the package may have redeclared it; where
// string is, Suspended is left out. Only what signatures need is imported.
type stubber struct {
	fset *token.FileSet
	decl *declared
	// name returns the name of the package with an import path, as far as that
	// is known: the import's last element need not be it.
	name func(importPath string) string

	src     *source
	imports map[string]string // path by local name
	names   map[string]string // local name by path
	dots    []string          // paths of dot imports
	future  string            // what package future is called here
	body    strings.Builder
}

// stub returns the stub of src, whose marked functions have been claimed, and
// drops those that it cannot declare, which are errors.
func (b *stubber) stub(src *source) []byte {
	b.src, b.imports, b.names = src, make(map[string]string), make(map[string]string)
	b.future = b.decl.fresh("future_")
	b.dots = nil
	b.body.Reset()
	var marked []*ast.FuncDecl
	for _, f := range src.marked {
		if err := b.function(f); err != nil {
			src.errs = append(src.errs, err)
			continue
		}
		marked = append(marked, f)
	}
	src.marked = marked
	var out strings.Builder
	out.WriteString(header(src.file))
	fmt.Fprintf(&out, "import %s %q\n", b.future, futurePath)
	for _, p := range slices.Sorted(maps.Keys(b.names)) {
		fmt.Fprintf(&out, "import %s %q\n", b.names[p], p)
	}
	for _, p := range b.dots {
		fmt.Fprintf(&out, "import . %q\n", p)
	}
	if len(marked) == 0 {
		fmt.Fprintf(&out, "type _ %s.Poll\n", b.future)
	}
	out.WriteString(b.body.String())
	return []byte(out.String())
}

// function writes the stubs for one function.
func (b *stubber) function(f *ast.FuncDecl) *Error {
	recv, pointer, recvParams := receiver(f)
	rename := make(map[string]string)
	var params, args []string // of the future's type
	if f.Type.TypeParams != nil {
		for _, field := range f.Type.TypeParams.List {
			for _, id := range field.Names {
				args = append(args, b.typeParam(id.Name, rename))
			}
		}
		i := 0
		for _, field := range f.Type.TypeParams.List {
			for range field.Names {
				params = append(params, args[i]+" "+b.text(b.src, field.Type, rename))
				i++
			}
		}
	}
	var self string // the receiver's type
	if f.Recv != nil {
		spec, ok := b.decl.types[recv]
		if ok && spec.spec.Assign.IsValid() {
			return errorf(b.fset, f.Name.Pos(), "name the type itself as the receiver", "%s is a method on the alias %s, which may stand for a type with another name", title(f), recv)
		}
		self = recv
		if len(recvParams) > 0 && ok {
			var err *Error
			if params, args, err = b.receiverParams(f, spec, recvParams, rename); err != nil {
				return err
			}
			self += "[" + strings.Join(args, ", ") + "]"
		}
		if pointer {
			self = "*" + self
		}
	}
	future := futureName(recv, f.Name.Name)
	list := func(s []string) string {
		if len(s) == 0 {
			return ""
		}
		return "[" + strings.Join(s, ", ") + ",]" // else [P *T] would be the length of an array
	}
	in := b.types(f.Type.Params, rename)
	for i := range in {
		in[i] = "_ " + in[i]
	}
	initIn := in
	if self != "" {
		initIn = append([]string{"_ " + self}, in...)
	}
	results := strings.Join(b.types(f.Type.Results, rename), ", ")
	inst := future + list(args)
	w := func(format string, args ...any) { fmt.Fprintf(&b.body, format, args...) }
	w("\ntype %s%s struct{}\n", future, list(params))
	w("func (*%s) Init(%s) { for {} }\n", inst, strings.Join(initIn, ", "))
	w("func (*%s) Poll(*%s.Context) %s.Poll { for {} }\n", inst, b.future, b.future)
	w("func (*%s) Result() (%s) { for {} }\n", inst, results)
	w("func (*%s) Cancel() { for {} }\n", inst)
	if _, redeclared := b.decl.names["string"]; !redeclared && !slices.Contains(args, "string") {
		w("func (*%s) Suspended() string { for {} }\n", inst)
	}
	async := asyncName(f.Name.Name)
	if self != "" {
		w("func (%s) %s(%s) %s { for {} }\n", self, async, strings.Join(in, ", "), inst)
	} else {
		w("func %s%s(%s) %s { for {} }\n", async, list(params), strings.Join(in, ", "), inst)
	}
	if len(b.dots) > 1 {
		return errorf(b.fset, f.Name.Pos(), "import all but one of them by name", "the types of %s may come from any of several dot imports", title(f))
	}
	return nil
}

// typeParam returns the name of a type parameter in the stub: its own, unless it
// is blank, as the twin has to name it.
func (b *stubber) typeParam(name string, rename map[string]string) string {
	if name == "_" {
		return b.decl.fresh("P_")
	}
	rename[name] = name
	return name
}

// receiverParams returns the type parameters of a method's future. Their names
// are the receiver's, their constraints stand where the type is declared, maybe
// in another file and in terms of other names. So all get fresh names.
func (b *stubber) receiverParams(f *ast.FuncDecl, t typeDecl, names []*ast.Ident, rename map[string]string) (params, args []string, err *Error) {
	var constraints []ast.Expr
	there := make(map[string]string) // renames where the type is declared
	if t.spec.TypeParams != nil {
		for _, field := range t.spec.TypeParams.List {
			for _, id := range field.Names {
				if i := len(constraints); i < len(names) {
					fresh := b.decl.fresh("P_")
					there[id.Name] = fresh
					rename[names[i].Name] = fresh
					args = append(args, fresh)
				}
				constraints = append(constraints, field.Type)
			}
		}
	}
	if len(constraints) != len(names) {
		return nil, nil, errorf(b.fset, f.Name.Pos(), "", "%s has %d type parameters where %s has %d", title(f), len(names), t.spec.Name.Name, len(constraints))
	}
	for i, c := range constraints {
		params = append(params, args[i]+" "+b.text(t.file, c, there))
	}
	return params, args, nil
}

// types returns the types in a list of parameters or results, one for each.
func (b *stubber) types(list *ast.FieldList, rename map[string]string) []string {
	if list == nil {
		return nil
	}
	var types []string
	for _, field := range list.List {
		t := b.text(b.src, field.Type, rename)
		for range max(1, len(field.Names)) {
			types = append(types, t)
		}
	}
	return types
}

// text returns the source of a type or constraint with its packages imported
// and type parameters renamed.
func (b *stubber) text(src *source, x ast.Expr, rename map[string]string) string {
	type edit struct {
		at, size int
		text     string
	}
	var edits []edit
	file := b.fset.File(x.Pos())
	replace := func(id *ast.Ident, text string) {
		if text != id.Name {
			edits = append(edits, edit{file.Offset(id.Pos()), len(id.Name), text})
		}
	}
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			// The names of fields, methods and parameters are not renamed.
			ast.Inspect(n.Type, walk)
			return false
		case *ast.SelectorExpr:
			id, ok := n.X.(*ast.Ident)
			if !ok {
				ast.Inspect(n.X, walk)
				return false
			}
			if p, ok := b.importPath(src.file, id.Name); ok {
				replace(id, b.use(id.Name, p))
			} else if name, ok := rename[id.Name]; ok {
				replace(id, name)
			}
			return false
		case *ast.Ident:
			if name, ok := rename[n.Name]; ok {
				replace(n, name)
			} else {
				b.bare(src.file, n.Name)
			}
		}
		return true
	}
	ast.Inspect(x, walk)
	begin, end := file.Offset(x.Pos()), file.Offset(x.End())
	var out strings.Builder
	for _, e := range edits {
		out.Write(src.src[begin:e.at])
		out.WriteString(e.text)
		begin = e.at + e.size
	}
	out.Write(src.src[begin:end])
	return out.String()
}

// importPath returns the path of the package that a file knows by a name.
func (b *stubber) importPath(file *ast.File, name string) (importPath string, ok bool) {
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		local := ""
		if spec.Name != nil {
			local = spec.Name.Name
		} else {
			local = b.packageName(p)
		}
		if local == name {
			return p, true
		}
	}
	return "", false
}

// packageName returns the name of a package: what is known, or what people would
// guess.
func (b *stubber) packageName(importPath string) string {
	if b.name != nil {
		if name := b.name(importPath); name != "" {
			return name
		}
	}
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(importPath))
	}
	base, _, _ = strings.Cut(base, ".")
	return strings.TrimPrefix(base, "go-")
}

// use imports a package into the stub, by a name like that which its file uses.
func (b *stubber) use(name, importPath string) string {
	if local, ok := b.names[importPath]; ok {
		return local
	}
	if _, taken := b.imports[name]; taken {
		name = b.decl.fresh(name)
	}
	b.imports[name], b.names[importPath] = importPath, name
	return name
}

// bare sees to a name in a signature that stands alone: one that is declared
// nowhere in the package comes from a dot import.
func (b *stubber) bare(file *ast.File, name string) {
	if _, ok := b.decl.names[name]; ok || types.Universe.Lookup(name) != nil {
		return
	}
	if _, ok := b.decl.types[name]; ok {
		return
	}
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && spec.Name != nil && spec.Name.Name == "." {
			if !slices.Contains(b.dots, p) {
				b.dots = append(b.dots, p)
			}
		}
	}
}
