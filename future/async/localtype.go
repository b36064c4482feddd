package async

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// Types that are declared in functions become types of the package, since frames and
// their methods refer to them. One in a generic function takes the function's type
// parameters before its own:
//
//	func f[A any]() { type t[B any] struct { a A; b B }; var x t[int] … }
//
// becomes
//
//	type t[A any, B any] struct { a A; b B }
//
// and t[int] is t[A, int] in f. Their names, as reflection tells them, are those of
// the source unless the package has the name already.

// localType moves a type that is declared in the function out of it.
func (l *lowering) localType(s *ast.TypeSpec) {
	obj := l.u.info.Defs[s.Name].(*types.TypeName)
	if isTypeParam(obj.Type()) {
		return // no alias of another function's type parameter can be declared
	}
	name := obj.Name()
	if l.u.taken(name) || l.root().namesParam(name) || l.u.localTypes[name] {
		before := lowerFirst(l.root().name)
		if obj.Exported() { // as a field, too, if it is embedded
			before = upperFirst(before)
		}
		for i := 1; ; i++ {
			name = fmt.Sprintf("%s%s%d", before, obj.Name(), i)
			if !l.u.taken(name) && !l.u.localTypes[name] && !l.root().spelled[name] {
				break
			}
		}
	}
	l.u.localTypes[name] = true
	l.locals[obj] = name
	l.typeSpecs = append(l.typeSpecs, s)
}

// localName is what a type declared in the function, or in one around it, is
// called in the output, without type arguments; "" for others.
func (fn *function) localName(obj *types.TypeName) string {
	for f := fn; f != nil; f = f.outer {
		if n := f.locals[obj]; n != "" {
			return n
		}
	}
	return ""
}

// fieldName is what a field is called in the output: an embedded one as its type.
func (fn *function) fieldName(v *types.Var) string {
	if !v.Embedded() {
		return v.Name()
	}
	t := v.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if t, ok := t.(interface{ Obj() *types.TypeName }); ok {
		if n := fn.localName(t.Obj()); n != "" {
			return n
		}
	}
	return v.Name()
}

// localInstance is a generic type that is declared in the function, with its type
// arguments; nil if x is something else.
func (r *rewriter) localInstance(x ast.Expr, args ...ast.Expr) ast.Expr {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return nil
	}
	obj, ok := r.u.info.Uses[id].(*types.TypeName)
	if !ok || r.localName(obj) == "" {
		return nil
	}
	out := &ast.IndexListExpr{X: &ast.Ident{Name: r.localName(obj), NamePos: id.NamePos}}
	for _, tp := range r.tps {
		out.Indices = append(out.Indices, name(r.paramName(tp)))
	}
	out.Indices = append(out.Indices, r.exprs(args)...)
	return out
}

// ownParams is the type parameters of a generic type.
func ownParams(obj *types.TypeName) []*types.TypeParam {
	var list *types.TypeParamList
	switch t := obj.Type().(type) {
	case *types.Named:
		list = t.TypeParams()
	case *types.Alias:
		list = t.TypeParams()
	}
	var out []*types.TypeParam
	for tp := range list.TypeParams() {
		out = append(out, tp)
	}
	return out
}

// paramName is what a type parameter is called in the output: as in the source,
// unless it has no name there or hides one that the output refers to. Those of types
// declared in the function come after those of the function.
func (fn *function) paramName(tp *types.TypeParam) string {
	root := fn.root()
	n := tp.Obj().Name()
	for i, p := range root.tps {
		if p == tp {
			if n == "_" || fn.u.taken(n) {
				n = root.freeParam(i)
			}
			return n
		}
	}
	if n == "_" || fn.u.taken(n) || root.namesParam(n) {
		n = root.freeParam(len(root.tps) + tp.Index())
	}
	return n
}

// freeParam is the name of the i-th type parameter if it cannot keep its own.
func (fn *function) freeParam(i int) string {
	n := fmt.Sprintf("T%d", i)
	for fn.u.taken(n) || fn.namesParam(n) || fn.spelled[n] {
		n += "_"
	}
	return n
}

func (fn *function) namesParam(n string) bool {
	for _, p := range fn.tps {
		if p.Obj().Name() == n {
			return true
		}
	}
	return false
}

// typeArgs is the list of the function's type parameters as arguments, and more.
func (fn *function) typeArgs(more ...string) string {
	var names []string
	for _, tp := range fn.tps {
		names = append(names, fn.paramName(tp))
	}
	if names = append(names, more...); names == nil {
		return ""
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// typeParams is the list as it is declared, and more.
func (fn *function) typeParams(more ...*types.TypeParam) string {
	var out []string
	for _, list := range [][]*types.TypeParam{fn.tps, more} {
		for _, tp := range list {
			out = append(out, fn.paramName(tp)+" "+fn.typeText(tp.Constraint()))
		}
	}
	if out == nil {
		return ""
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (fn *function) futText() string { return fn.fut + fn.typeArgs() }
