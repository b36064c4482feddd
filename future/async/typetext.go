package async

import (
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
	w.str(w.fn.predeclared(t.Name()))
}

func (w *typeWriter) name(obj *types.TypeName, args *types.TypeList) {
	switch local := w.fn.localName(obj); {
	case local != "":
		var own []string
		for t := range args.Types() {
			own = append(own, w.fn.typeText(t))
		}
		w.str(local + w.fn.typeArgs(own...))
		return
	case obj.Pkg() == nil: // error, any, comparable
		w.str(w.fn.predeclared(obj.Name()))
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
		if !m.Exported() && m.Pkg() != w.fn.u.pkg {
			w.fn.fail(w.fn.body.Pos(), "an interface type with the unexported method "+m.Name()+" of package "+m.Pkg().Path()+" cannot be named here",
				"give the variable another interface type, or keep it within one statement")
		}
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
