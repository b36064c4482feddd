package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// affected reports whether gc computes the value of e early, as an assignment before may
// change it (walk, affected and readsMemory). Parts of e that the order of evaluation
// puts into temporaries, such as calls, are early anyway, and do not count.
func (t *turns) affected(e ast.Expr) bool {
	if t.result {
		return true
	}
	inPlace, parts := t.inPlace(e)
	if inPlace {
		return slices.ContainsFunc(parts, t.affected)
	}
	if id, ok := e.(*ast.Ident); ok {
		v, ok := t.u.info.ObjectOf(id).(*types.Var)
		return ok && (t.assigned[v] || t.memory && t.inMemory(v))
	}
	return t.memory || t.mentions(e)
}

// mentions reports whether a variable occurs in e that was assigned.
func (t *turns) mentions(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && t.assigned[t.u.info.Uses[id]] {
			found = true
		}
		return !found
	})
	return found
}

// mayPanic reports whether e can panic where it is not computed early.
func (t *turns) mayPanic(e ast.Expr) bool {
	inPlace, parts := t.inPlace(e)
	if !inPlace {
		return false
	}
	if slices.ContainsFunc(parts, t.mayPanic) {
		return true
	}
	switch x := e.(type) {
	case *ast.BinaryExpr:
		y := t.u.info.Types[x.Y]
		if len(parts) == 0 || y.Value != nil {
			return false
		}
		switch x.Op {
		case token.QUO, token.REM:
			return isInteger(y.Type) || isTypeParam(y.Type)
		case token.SHL, token.SHR:
			return !isUnsigned(y.Type)
		}
	case *ast.TypeAssertExpr:
		return len(parts) > 0
	}
	return false
}

// mayFail reports whether e can panic when it is computed as late as gc does it: by an
// operation of mayPanic, or by one that reads memory.
func (t *turns) mayFail(e ast.Expr) bool {
	if t.mayPanic(e) {
		return true
	}
	inPlace, parts := t.inPlace(e)
	if inPlace {
		return slices.ContainsFunc(parts, t.mayFail)
	}
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.CallExpr:
			return false // early
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr:
			found = true
		case *ast.SelectorExpr:
			sel := t.u.info.Selections[n]
			found = found || sel != nil && (sel.Indirect() || isPointer(t.u.info.TypeOf(n.X)))
		case *ast.BinaryExpr:
			found = found || t.mayPanic(n)
		}
		return !found
	})
	return found
}

func isUnsigned(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsUnsigned != 0
}

// inPlace reports whether e is a constant, a temporary of gc's, or an operation that
// does not itself read memory, and which parts of it count then.
func (t *turns) inPlace(e ast.Expr) (ok bool, parts []ast.Expr) {
	info := t.u.info
	if tv := info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() {
		return true, nil
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		return true, []ast.Expr{x.X}
	case *ast.UnaryExpr:
		switch x.Op {
		case token.ARROW:
			return true, nil
		case token.ADD, token.SUB, token.XOR:
			return true, []ast.Expr{x.X}
		case token.AND:
			_, isVar := ast.Unparen(x.X).(*ast.Ident)
			return isVar, nil
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND, token.LOR:
			return true, nil
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			return false, nil
		}
		if isString(info.TypeOf(e)) {
			return false, nil
		}
		return true, []ast.Expr{x.X, x.Y}
	case *ast.CallExpr:
		fun := info.Types[x.Fun]
		switch {
		case fun.IsBuiltin():
			// Those of package unsafe stay where they are, all others are early like a call.
			_, qualified := ast.Unparen(x.Fun).(*ast.SelectorExpr)
			return !qualified, nil
		case !fun.IsType():
			return true, nil
		case len(x.Args) == 1 && isString(info.TypeOf(x.Args[0])) && isByteOrRuneSlice(fun.Type):
			return true, nil // a slice of its bytes or runes is made early
		case len(x.Args) == 1 && types.IsInterface(fun.Type):
			switch arg := x.Args[0]; {
			case info.Types[arg].IsNil():
				return true, nil
			case t.isStatic(arg) || t.derived(info.TypeOf(arg)):
				return false, nil // memory, or what a dictionary says
			case t.isLiteral(arg):
				return true, nil
			}
			return true, x.Args
		case len(x.Args) == 1 && isNumeric(fun.Type) && isNumeric(info.TypeOf(x.Args[0])),
			len(x.Args) == 1 && types.IdenticalIgnoreTags(fun.Type.Underlying(), info.TypeOf(x.Args[0]).Underlying()):
			return true, x.Args
		}
	case *ast.SelectorExpr:
		sel := info.Selections[x]
		if sel != nil && sel.Kind() == types.FieldVal && !sel.Indirect() && !isPointer(info.TypeOf(x.X)) {
			return true, []ast.Expr{x.X}
		}
	case *ast.TypeAssertExpr:
		if isDirectIface(info.TypeOf(e)) {
			return true, []ast.Expr{x.X}
		}
		return true, nil
	}
	return false, nil
}

// isLiteral reports whether e is a literal, whose value is a temporary in gc where it is
// converted to an interface.
func (t *turns) isLiteral(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.FuncLit:
		return true
	case *ast.UnaryExpr:
		_, ok := ast.Unparen(x.X).(*ast.CompositeLit)
		return ok && x.Op == token.AND
	}
	return false
}

// isStatic reports whether gc has e in memory when it is converted to an interface: a constant,
// a literal of a struct or an array of such, or one of a slice.
func (t *turns) isStatic(e ast.Expr) bool {
	if tv := t.u.info.Types[e]; tv.Value != nil {
		return true
	}
	x, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return t.u.info.Types[e].IsNil()
	}
	switch t.u.info.TypeOf(x).Underlying().(type) {
	case *types.Struct, *types.Array:
	case *types.Slice:
		return true
	default:
		return false
	}
	for _, elem := range x.Elts {
		if !t.isStatic(valueOf(elem)) {
			return false
		}
	}
	return true
}

// isNumeric reports whether t is a type of numbers, or a parameter that can only be one.
func isNumeric(t types.Type) bool {
	terms := termsOf(t)
	for _, term := range terms {
		b, ok := term.Type().Underlying().(*types.Basic)
		if !ok || b.Info()&types.IsNumeric == 0 {
			return false
		}
	}
	return len(terms) > 0
}
