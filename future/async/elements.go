package async

import (
	"go/ast"
	"go/types"
	"iter"
)

// litType is what a literal is a literal of: not a pointer to it, nor a type parameter.
func (u *unit) litType(lit *ast.CompositeLit) types.Type {
	t := coreType(u.info.TypeOf(lit))
	if p, ok := t.(*types.Pointer); ok {
		t = coreType(p.Elem())
	}
	return t
}

// elements are the values in a literal, each with the type that it is converted to.
// Those of a map come with their keys.
func (u *unit) elements(lit *ast.CompositeLit) iter.Seq2[ast.Expr, types.Type] {
	t := u.litType(lit)
	return func(yield func(ast.Expr, types.Type) bool) {
		for i, e := range lit.Elts {
			kv, _ := e.(*ast.KeyValueExpr)
			var to types.Type
			switch t := t.(type) {
			case *types.Map:
				to, kv = t.Elem(), nil
			case *types.Slice:
				to = t.Elem()
			case *types.Array:
				to = t.Elem()
			case *types.Struct:
				if kv == nil {
					to = t.Field(i).Type()
				} else {
					to = u.info.TypeOf(kv.Key)
				}
			}
			if kv != nil {
				e = kv.Value
			}
			if !yield(e, to) {
				return
			}
		}
	}
}

// valueOf returns the value of an element of a literal.
func valueOf(elem ast.Expr) ast.Expr {
	if kv, ok := elem.(*ast.KeyValueExpr); ok {
		return kv.Value
	}
	return elem
}

// isStatic reports whether gc lays e, converted to the type, out when it compiles. Only
// nil can be that as an interface (order.go, OMAPLIT, and isStaticCompositeLiteral).
func (u *unit) isStatic(e ast.Expr, to types.Type) bool {
	tv := u.info.Types[e]
	if tv.IsNil() || types.IsInterface(to) {
		return tv.IsNil()
	}
	if tv.Value != nil {
		return true
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return false
	}
	switch coreType(tv.Type).(type) {
	case *types.Array, *types.Struct:
		for part, t := range u.elements(lit) {
			if !u.isStatic(part, t) {
				return false
			}
		}
		return true
	}
	return false
}
