package async

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// typeText writes a type as the output refers to it: packages by the names they
// are imported under, types of the function by the names they have outside of it.
func (fn *function) typeText(t types.Type) string {
	w := &typeWriter{fn: fn}
	w.typ(t)
	return w.b.String()
}

type typeWriter struct {
	fn *function
	b  strings.Builder
}

func (w *typeWriter) str(s string) { w.b.WriteString(s) }

func (w *typeWriter) typ(t types.Type) {
	switch t := t.(type) {
	case nil:
		w.str("invalid")
	case *types.Basic:
		w.basic(t)
	case *types.Named:
		w.name(t.Obj(), t.TypeArgs())
	case *types.Alias:
		if t.Obj().Pkg() != nil && t.Obj().Parent() != t.Obj().Pkg().Scope() && w.fn.localName(t.Obj()) == "" {
			w.typ(t.Rhs())
			return
		}
		w.name(t.Obj(), t.TypeArgs())
	case *types.TypeParam:
		w.str(w.fn.paramName(t))
	case *types.Pointer:
		w.str("*")
		w.typ(t.Elem())
	case *types.Slice:
		w.str("[]")
		w.typ(t.Elem())
	case *types.Array:
		w.str("[" + strconv.FormatInt(t.Len(), 10) + "]")
		w.typ(t.Elem())
	case *types.Map:
		w.str("map[")
		w.typ(t.Key())
		w.str("]")
		w.typ(t.Elem())
	case *types.Chan:
		w.channel(t)
	case *types.Signature:
		w.str("func")
		w.signature(t)
	case *types.Struct:
		w.structure(t)
	case *types.Interface:
		w.iface(t)
	case *types.Union:
		for i := range t.Len() {
			if i > 0 {
				w.str(" | ")
			}
			if t.Term(i).Tilde() {
				w.str("~")
			}
			w.typ(t.Term(i).Type())
		}
	default:
		w.str(t.String())
	}
}

func (w *typeWriter) basic(t *types.Basic) {
	if t.Kind() == types.UnsafePointer {
		w.str(w.fn.out.importName("unsafe", "unsafe") + ".Pointer")
		return
	}
	if t.Info()&types.IsUntyped != 0 {
		w.typ(types.Default(t))
		return
	}
	if w.fn.u.pkg.Scope().Lookup(t.Name()) != nil {
		w.fn.fail(w.fn.body.Pos(), "the package redeclares "+t.Name()+", which the translation needs here", "name it otherwise")
	}
	w.str(t.Name())
}

func (w *typeWriter) name(obj *types.TypeName, args *types.TypeList) {
	switch local := w.fn.localName(obj); {
	case local != "":
		w.str(local)
		return
	case obj.Pkg() == nil: // error, any, comparable
		w.str(obj.Name())
	case obj.Pkg() == w.fn.u.pkg:
		w.str(obj.Name())
	default:
		if !obj.Exported() {
			w.fn.fail(w.fn.body.Pos(), "the type "+obj.Pkg().Path()+"."+obj.Name()+" of a variable that the frame must hold cannot be named here",
				"give the variable an interface type, or keep it within one statement")
		}
		w.str(w.fn.out.importName(obj.Pkg().Path(), obj.Pkg().Name()) + "." + obj.Name())
	}
	if args.Len() > 0 {
		w.str("[")
		for i := range args.Len() {
			if i > 0 {
				w.str(", ")
			}
			w.typ(args.At(i))
		}
		w.str("]")
	}
}

func (w *typeWriter) channel(t *types.Chan) {
	switch t.Dir() {
	case types.SendOnly:
		w.str("chan<- ")
	case types.RecvOnly:
		w.str("<-chan ")
	default:
		w.str("chan ")
		if c, ok := t.Elem().(*types.Chan); ok && c.Dir() == types.RecvOnly {
			w.str("(")
			w.typ(t.Elem())
			w.str(")")
			return
		}
	}
	w.typ(t.Elem())
}

func (w *typeWriter) signature(t *types.Signature) {
	w.str("(")
	for i := range t.Params().Len() {
		if i > 0 {
			w.str(", ")
		}
		p := t.Params().At(i).Type()
		if t.Variadic() && i == t.Params().Len()-1 {
			w.str("...")
			if s, ok := p.(*types.Slice); ok {
				p = s.Elem()
			}
		}
		w.typ(p)
	}
	w.str(")")
	switch n := t.Results().Len(); n {
	case 0:
	case 1:
		w.str(" ")
		w.typ(t.Results().At(0).Type())
	default:
		w.str(" (")
		for i := range n {
			if i > 0 {
				w.str(", ")
			}
			w.typ(t.Results().At(i).Type())
		}
		w.str(")")
	}
}

func (w *typeWriter) structure(t *types.Struct) {
	w.str("struct{")
	for i := range t.NumFields() {
		if i > 0 {
			w.str("; ")
		}
		f := t.Field(i)
		if !f.Exported() && f.Pkg() != w.fn.u.pkg {
			w.fn.fail(w.fn.body.Pos(), "a struct type with the unexported field "+f.Name()+" of package "+f.Pkg().Path()+" cannot be named here",
				"give the variable an interface type, or keep it within one statement")
		}
		if !f.Embedded() {
			w.str(f.Name() + " ")
		}
		w.typ(f.Type())
		if tag := t.Tag(i); tag != "" {
			w.str(" " + strconv.Quote(tag))
		}
	}
	w.str("}")
}

func (w *typeWriter) iface(t *types.Interface) {
	if t.Empty() && t.NumEmbeddeds() == 0 {
		w.str("interface{}")
		return
	}
	w.str("interface{")
	sep := ""
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		w.str(sep + m.Name())
		w.signature(m.Signature())
		sep = "; "
	}
	for i := range t.NumEmbeddeds() {
		w.str(sep)
		w.typ(t.EmbeddedType(i))
		sep = "; "
	}
	w.str("}")
}

// localType moves a type that is declared in the function out of it.
func (l *lowering) localType(s *ast.TypeSpec) {
	obj := l.u.info.Defs[s.Name].(*types.TypeName)
	name := obj.Name()
	if l.u.taken(name) || l.names[name+" type"] || l.u.localTypes[name] {
		for i := 1; ; i++ {
			name = fmt.Sprintf("%s%s%d", lowerFirst(l.root().name), obj.Name(), i)
			if !l.u.taken(name) && !l.u.localTypes[name] {
				break
			}
		}
	}
	l.u.localTypes[name] = true
	l.locals[obj] = name
	l.typeSpecs = append(l.typeSpecs, s)
}

// localName is what a type declared in the function, or in one around it, is
// called in the output, with the function's type parameters; "" for others.
func (fn *function) localName(obj *types.TypeName) string {
	for f := fn; f != nil; f = f.outer {
		if n := f.locals[obj]; n != "" {
			return n + f.typeArgs()
		}
	}
	return ""
}

// paramName is what a type parameter is called in the output: as in the source,
// unless it has no name there or hides one that the output refers to.
func (fn *function) paramName(tp *types.TypeParam) string {
	root := fn.root()
	for i, p := range root.tps {
		if p != tp {
			continue
		}
		n := tp.Obj().Name()
		if n == "_" || fn.u.taken(n) {
			n = fmt.Sprintf("T%d", i)
			for fn.u.taken(n) || root.namesParam(n) {
				n += "_"
			}
		}
		return n
	}
	return tp.Obj().Name()
}

func (fn *function) namesParam(n string) bool {
	for _, p := range fn.tps {
		if p.Obj().Name() == n {
			return true
		}
	}
	return false
}

// typeArgs is the list of the function's type parameters as arguments.
func (fn *function) typeArgs() string {
	if len(fn.tps) == 0 {
		return ""
	}
	var names []string
	for _, tp := range fn.tps {
		names = append(names, fn.paramName(tp))
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// typeParams is the list as it is declared.
func (fn *function) typeParams() string {
	if len(fn.tps) == 0 {
		return ""
	}
	var out []string
	for _, tp := range fn.tps {
		out = append(out, fn.paramName(tp)+" "+fn.typeText(tp.Constraint()))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (fn *function) futText() string { return fn.fut + fn.typeArgs() }
