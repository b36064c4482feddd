package async

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// In m[k] = append(m[k], values...) gc finds the entry once, and so evaluates m and k
// once, before the values (order.go, mapAppend). It does so if both entries are the
// same expression, and one that is simple enough (ir.SameSafeExpr).

// appends notes such an assignment.
func (f *copyFinder) appends(s *ast.AssignStmt) {
	call := f.u.appendTo(s)
	if call == nil {
		return
	}
	e := ast.Unparen(s.Lhs[0]).(*ast.IndexExpr)
	f.unlessCheap(e.X)
	m := under(f.u.info.TypeOf(e.X)).(*types.Map)
	if f.u.convertedKey(f.u.info.TypeOf(e.Index), m) && f.u.info.Types[e.Index].Value == nil {
		f.copy(e.Index)
	} else {
		f.unlessCheap(e.Index)
	}
}

// convertedKey reports whether a key of type t is converted to be looked up, and so not
// the variable that it may be.
func (u *unit) convertedKey(t types.Type, m *types.Map) bool {
	if dependsOnTypeParam(m.Key(), map[types.Type]bool{}) || dependsOnTypeParam(m.Elem(), map[types.Type]bool{}) {
		return true // unless it is of a kind that is rare among keys
	}
	if u.sizes.Sizeof(m.Elem()) > mapMaxElem || !u.fastKey(m.Key()) {
		return false
	}
	b, ok := types.Unalias(t).(*types.Basic)
	return !ok || b.Kind() != types.String && b.Kind() != types.Uint32 && b.Kind() != types.Uint64 && b.Kind() != types.UnsafePointer
}

// appendTo returns the call of append of such an assignment, or nil.
func (u *unit) appendTo(s *ast.AssignStmt) *ast.CallExpr {
	if s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(s.Rhs) != 1 {
		return nil
	}
	e, ok := ast.Unparen(s.Lhs[0]).(*ast.IndexExpr)
	if !ok {
		return nil
	}
	if _, ok := under(u.info.TypeOf(e.X)).(*types.Map); !ok {
		return nil
	}
	call := asCall(ast.Unparen(s.Rhs[0]))
	if call == nil {
		return nil
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); !ok || u.info.Uses[id] != types.Universe.Lookup("append") {
		return nil
	}
	if !u.sameSafe(e, call.Args[0]) {
		return nil
	}
	return call
}

// sameSafe reports whether both expressions are the same, and simple.
func (u *unit) sameSafe(x, y ast.Expr) bool {
	x, y = u.unconverted(x), u.unconverted(y)
	a, b := u.info.Types[x], u.info.Types[y]
	if !types.Identical(u.info.TypeOf(x), u.info.TypeOf(y)) {
		return false
	}
	if a.Value != nil || b.Value != nil {
		return a.Value != nil && b.Value != nil && constant.Compare(a.Value, token.EQL, b.Value)
	}
	if v := u.variable(x); v != nil {
		return v == u.variable(y)
	}
	switch x := x.(type) {
	case *ast.SelectorExpr:
		y, ok := y.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		sel, other := u.info.Selections[x], u.info.Selections[y]
		return sel != nil && sel.Kind() == types.FieldVal && other != nil && sel.Obj() == other.Obj() && u.sameSafe(x.X, y.X)
	case *ast.StarExpr:
		y, ok := y.(*ast.StarExpr)
		return ok && u.sameSafe(x.X, y.X)
	case *ast.UnaryExpr:
		y, ok := y.(*ast.UnaryExpr)
		return ok && x.Op == y.Op && x.Op != token.AND && x.Op != token.ARROW && u.sameSafe(x.X, y.X)
	case *ast.BinaryExpr:
		y, ok := y.(*ast.BinaryExpr)
		return ok && x.Op == y.Op && isArithmetic(x.Op) && !isString(u.info.TypeOf(x)) && u.sameSafe(x.X, y.X) && u.sameSafe(x.Y, y.Y)
	case *ast.IndexExpr:
		y, ok := y.(*ast.IndexExpr)
		return ok && u.sameSafe(x.X, y.X) && u.sameSafe(x.Index, y.Index) && !u.becomesInterface(x)
	case *ast.CallExpr:
		y, ok := y.(*ast.CallExpr)
		return ok && u.isSimpleConversion(x) && u.isSimpleConversion(y) && u.sameSafe(x.Args[0], y.Args[0])
	}
	return false
}

func isArithmetic(op token.Token) bool { return token.ADD <= op && op <= token.AND_NOT }

// becomesInterface reports whether the key of a map entry is converted to an interface.
func (u *unit) becomesInterface(e *ast.IndexExpr) bool {
	m, ok := under(u.info.TypeOf(e.X)).(*types.Map)
	return ok && types.IsInterface(m.Key()) && !types.IsInterface(u.info.TypeOf(e.Index))
}

func (u *unit) isSimpleConversion(call *ast.CallExpr) bool {
	b, ok := under(u.info.TypeOf(call)).(*types.Basic)
	return ok && u.info.Types[call.Fun].IsType() && b.Info()&(types.IsNumeric|types.IsBoolean) != 0
}

// unconverted removes parentheses, and conversions that change nothing but the type.
func (u *unit) unconverted(e ast.Expr) ast.Expr {
	for {
		e = ast.Unparen(e)
		call := asCall(e)
		if call == nil || !u.info.Types[call.Fun].IsType() || len(call.Args) != 1 || u.info.Types[call].Value != nil {
			return e
		}
		to, from := under(u.info.TypeOf(call)), under(u.info.TypeOf(call.Args[0]))
		if !types.IdenticalIgnoreTags(to, from) && !u.sameNumber(to, from) {
			return e
		}
		e = call.Args[0]
	}
}

// sameNumber reports whether both are integers of one size, with a sign or without.
func (u *unit) sameNumber(x, y types.Type) bool {
	a, ok1 := x.(*types.Basic)
	b, ok2 := y.(*types.Basic)
	const kinds = types.IsInteger | types.IsUnsigned
	return ok1 && ok2 && a.Info()&types.IsInteger != 0 && a.Info()&kinds == b.Info()&kinds && u.sizes.Sizeof(a) == u.sizes.Sizeof(b)
}
