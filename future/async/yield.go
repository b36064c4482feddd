package async

import (
	"go/ast"
	"go/types"
	"strconv"
)

// A function that is ranged over is left off where it calls yield. One that is compiled
// is a future, in which such a call is a suspension point: a call of a parameter that
// has the name yield and the type of a loop's body.

// isYield reports whether call is one of yield.
func (u *unit) isYield(call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || id.Name != "yield" {
		return false
	}
	v, ok := u.info.Uses[id].(*types.Var)
	return ok && v.Kind() == types.ParamVar && isYieldType(v.Type())
}

func isYieldType(t types.Type) bool {
	sig, ok := coreType(t).(*types.Signature)
	return ok && !sig.Variadic() && sig.Params().Len() <= 2 && sig.Results().Len() == 1 &&
		types.Identical(sig.Results().At(0).Type(), types.Typ[types.Bool])
}

// rangeTwin returns the future of the function that s ranges over, or nil if that has
// none.
func (u *unit) rangeTwin(s *ast.RangeStmt) *twin {
	sig, ok := u.info.TypeOf(s.X).(*types.Signature)
	if !ok || sig.Params().Len() != 1 || !isYieldType(sig.Params().At(0).Type()) {
		return nil
	}
	return u.twin(u.rangeCall(s))
}

// rangeCall is the call of the function that s ranges over, but for its argument.
func (u *unit) rangeCall(s *ast.RangeStmt) *ast.CallExpr {
	call := u.ranges[s]
	if call == nil {
		call = &ast.CallExpr{Fun: s.X, Lparen: s.X.End(), Rparen: s.X.End()}
		if u.ranges == nil {
			u.ranges = map[*ast.RangeStmt]*ast.CallExpr{}
		}
		u.ranges[s] = call
	}
	return call
}

// awaitYield awaits a call of yield.
func (l *lowering) awaitYield(call *ast.CallExpr, a *await) {
	y := l.spreadOperands(call, true)
	a.what, a.call = "yield", true
	a.child = l.child(l.u.frameType("YieldFuture"), "yield")
	a.child.init, a.child.value = true, false
	args := append([]ast.Expr{&lendExpr{v: a.child}, name(l.cx), y.Fun}, y.Args...)
	l.do(&ast.ExprStmt{X: callOf(l.yieldFunc(call), args...)})
	l.suspend(a)
}

// yieldFunc is the function of package frame for a call of yield. What it is given for
// the values says what they are, unless it must be converted to them.
func (l *lowering) yieldFunc(call *ast.CallExpr) ast.Expr {
	params := coreType(l.u.info.TypeOf(call.Fun)).(*types.Signature).Params()
	fn := l.frame("Yield" + strconv.Itoa(params.Len()))
	given := l.tupleArg(call)
	if given == nil {
		var vars []*types.Var
		for _, a := range call.Args {
			vars = append(vars, types.NewVar(a.Pos(), nil, "", l.u.info.TypeOf(a)))
		}
		given = types.NewTuple(vars...)
	}
	if sameTuple(given, params) {
		return fn
	}
	of := &ast.IndexListExpr{X: fn}
	for v := range params.Variables() {
		of.Indices = append(of.Indices, l.typeExpr(v.Type()))
	}
	return of
}

// refuseYield reports a go statement that calls yield.
func (l *lowering) refuseYield(s *ast.GoStmt) {
	if l.u.isYield(s.Call) {
		l.fail(s.Pos(), "a goroutine cannot call a yield, which may suspend the function around it", "call yield in the function itself, and have the goroutine send the values to it")
	}
}
