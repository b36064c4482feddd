package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// deferStmt registers a deferred call.
func (l *lowering) deferStmt(s *ast.DeferStmt) {
	y := s.Call
	if l.operandsSuspend(s.Call) {
		y = l.operands(s.Call)
	}
	for _, s := range l.deferral(s.Call, y) {
		l.do(s)
	}
}

// deferral is the statements that register the deferred call y, whose operands do
// not suspend any more; source is the call in the source.
func (l *lowering) deferral(source, y *ast.CallExpr) []ast.Stmt {
	if lit, ok := ast.Unparen(source.Fun).(*ast.FuncLit); ok && l.suspends(lit.Body) {
		return l.deferLit(lit, source, y)
	}
	if t := l.u.twin(source); t != nil {
		return l.deferTwin(source, y, t)
	}
	if l.u.isYield(source) {
		l.fail(source.Pos(), "a deferred call of yield would have to suspend after the function's end", "defer a function literal that calls it")
	}
	return l.deferPlain(source, y)
}

func (l *lowering) deferAsync(d ast.Expr) ast.Stmt {
	return &ast.ExprStmt{X: callOf(l.field("unwind.DeferAsync"), d)}
}

func (l *lowering) deferLit(lit *ast.FuncLit, source, y *ast.CallExpr) []ast.Stmt {
	fn := l.literal(lit, false)
	d := l.fresh("d")
	args, first := l.tupleLocals(source, y)
	args, _ = l.litArgs(fn, args, y.Ellipsis)
	for _, v := range fn.captured {
		args = append(args, &lendExpr{v: v})
	}
	return []ast.Stmt{&ast.BlockStmt{List: append(first,
		&ast.AssignStmt{Lhs: []ast.Expr{name(d)}, Tok: token.DEFINE, Rhs: []ast.Expr{callOf(l.builtin("new"), &litTypeExpr{fn: fn})}},
		&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: name(d), Sel: name("Init")}, Args: args}},
		l.deferAsync(name(d)),
	)}}
}

// tupleLocals returns the arguments of a call; the results of one call that are all of
// them go through locals of the block first.
func (l *lowering) tupleLocals(source, y *ast.CallExpr) (args []ast.Expr, first []ast.Stmt) {
	t := l.tupleArg(source)
	if t == nil || len(y.Args) != 1 {
		return append(args, y.Args...), nil
	}
	assign := &ast.AssignStmt{Tok: token.DEFINE, Rhs: y.Args}
	for range t.Len() {
		n := l.fresh("a")
		assign.Lhs = append(assign.Lhs, name(n))
		args = append(args, name(n))
	}
	return args, []ast.Stmt{assign}
}

func (l *lowering) deferTwin(source, y *ast.CallExpr, t *twin) []ast.Stmt {
	f, id, sel := l.u.callee(source)
	d := l.fresh("d")
	var list []ast.Stmt
	if t.init && l.reaches(sel) {
		args, first := l.tupleLocals(source, y)
		list = append(list, first...)
		if sel != nil {
			args = append([]ast.Expr{l.receiver(y, sel, f)}, args...)
		}
		list = append(list,
			&ast.AssignStmt{Lhs: []ast.Expr{name(d)}, Tok: token.DEFINE, Rhs: []ast.Expr{callOf(l.builtin("new"), l.typeExpr(t.fut))}},
			&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: name(d), Sel: name("Init")}, Args: args, Ellipsis: y.Ellipsis}},
			l.deferAsync(name(d)))
	} else {
		list = append(list, &ast.AssignStmt{Lhs: []ast.Expr{name(d)}, Tok: token.DEFINE, Rhs: []ast.Expr{l.construct(y, id)}})
		var arg ast.Expr = name(d)
		if !isPointer(t.fut) && !types.IsInterface(t.fut) {
			arg = &ast.UnaryExpr{Op: token.AND, X: name(d)}
		}
		list = append(list, l.deferAsync(arg))
	}
	return []ast.Stmt{&ast.BlockStmt{List: list}}
}

// deferPlain evaluates the function and the arguments into locals of a block, and
// registers a closure that defers the very call, so that recover works in it.
func (l *lowering) deferPlain(source, y *ast.CallExpr) []ast.Stmt {
	if l.isBuiltin(source.Fun, "recover") {
		return []ast.Stmt{&ast.ExprStmt{X: callOf(l.field("unwind.DeferRecover"), l.field("outer"))}}
	}
	list := []ast.Stmt{}
	call := &ast.CallExpr{Fun: y.Fun, Ellipsis: y.Ellipsis}
	assign := &ast.AssignStmt{Tok: token.DEFINE}
	keep := func(e ast.Expr, hint string) ast.Expr {
		n := l.fresh(hint)
		assign.Lhs = append(assign.Lhs, name(n))
		assign.Rhs = append(assign.Rhs, e)
		return name(n)
	}
	fun := ast.Unparen(source.Fun)
	builtin := l.u.info.Types[fun].IsBuiltin()
	if _, lit := fun.(*ast.FuncLit); !lit && !builtin && !l.isStatic(fun) {
		call.Fun = keep(y.Fun, "fn")
	}
	sig, _ := l.u.info.TypeOf(source.Fun).Underlying().(*types.Signature)
	if tuple := l.tupleArg(source); tuple != nil && len(y.Args) == 1 {
		for range tuple.Len() {
			n := l.fresh("a")
			assign.Lhs = append(assign.Lhs, name(n))
			call.Args = append(call.Args, name(n))
		}
		assign.Rhs = append(assign.Rhs, y.Args[0])
		if len(assign.Lhs) != tuple.Len() { // with the function, in two steps
			list = append(list, &ast.AssignStmt{Tok: token.DEFINE, Lhs: assign.Lhs[:1], Rhs: assign.Rhs[:1]})
			assign.Lhs, assign.Rhs = assign.Lhs[1:], assign.Rhs[1:]
		}
	} else {
		for i, a := range y.Args {
			var src ast.Expr
			if i < len(source.Args) {
				src = source.Args[i]
			}
			if src != nil && (l.isType(src) || l.isConst(src) || l.isStatic(ast.Unparen(src))) {
				call.Args = append(call.Args, a)
				continue
			}
			if src != nil && isUntypedNil(l.u.info.TypeOf(src)) {
				call.Args = append(call.Args, a)
				continue
			}
			if conv := l.addressOf(a, src); conv != nil {
				call.Args = append(call.Args, &ast.CallExpr{Fun: conv.Fun, Args: []ast.Expr{keep(conv.Args[0], "a")}})
				continue
			}
			if t := paramType(sig, i, y.Ellipsis.IsValid()); t != nil && src != nil && !types.Identical(t, l.u.info.TypeOf(src)) && !builtin {
				a = &ast.CallExpr{Fun: &ast.ParenExpr{X: l.typeExpr(t)}, Args: []ast.Expr{a}}
			} else if src != nil {
				a = l.typed(a, src)
			}
			call.Args = append(call.Args, keep(a, "a"))
		}
	}
	if len(assign.Lhs) > 0 {
		list = append(list, assign)
	}
	u := l.fresh("u")
	run := &ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{name(u)}, Type: &ast.StarExpr{X: l.frame("Unwind")}}}}},
		Body: &ast.BlockStmt{List: []ast.Stmt{
			&ast.DeferStmt{Call: callOf(&ast.SelectorExpr{X: name(u), Sel: name("Caught")})},
			&ast.DeferStmt{Call: call},
			&ast.ExprStmt{X: callOf(&ast.SelectorExpr{X: name(u), Sel: name("Raise")})},
		}},
	}
	list = append(list, &ast.ExprStmt{X: callOf(l.field("unwind.Defer"), run)})
	return []ast.Stmt{&ast.BlockStmt{List: list}}
}

// typed is the operand a with the type that source, which may be untyped, has where it
// stands: a comparison, or the shift of a constant, has a default type elsewhere.
func (l *lowering) typed(a, source ast.Expr) ast.Expr {
	switch ast.Unparen(source).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
	default:
		return a
	}
	t := l.u.info.TypeOf(source)
	b, ok := under(t).(*types.Basic)
	if ok && b.Info()&(types.IsBoolean|types.IsInteger) == 0 || !ok && !isTypeParam(t) || t == types.Typ[types.Bool] || t == types.Typ[types.Int] {
		return a
	}
	return callOf(l.typeExpr(t), a)
}

// addressOf returns the argument a if it is uintptr(p) for an unsafe.Pointer p. Such a
// conversion must stay in the call: what p points to is kept alive by p alone.
func (l *lowering) addressOf(a, src ast.Expr) *ast.CallExpr {
	conv, was := asCall(ast.Unparen(a)), asCall(ast.Unparen(src))
	if conv == nil || was == nil || !l.isType(was.Fun) || len(was.Args) != 1 || len(conv.Args) != 1 {
		return nil
	}
	to, _ := under(l.u.info.TypeOf(was)).(*types.Basic)
	from, _ := under(l.u.info.TypeOf(was.Args[0])).(*types.Basic)
	if to == nil || from == nil || to.Kind() != types.Uintptr || from.Kind() != types.UnsafePointer {
		return nil
	}
	return conv
}

func isUntypedNil(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.UntypedNil
}

func (l *lowering) isBuiltin(fun ast.Expr, name string) bool {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok || id.Name != name {
		return false
	}
	_, ok = l.u.info.Uses[id].(*types.Builtin)
	return ok
}

// isStatic reports whether fun names a function: there is nothing to evaluate.
func (l *lowering) isStatic(fun ast.Expr) bool {
	switch x := uninstantiated(fun).(type) {
	case *ast.Ident:
		_, ok := l.u.info.Uses[x].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		_, ok := l.u.info.Uses[x.Sel].(*types.Func)
		return ok && l.u.info.Selections[x] == nil
	}
	return false
}

// tupleArg returns the results of the one argument that is a call of several.
func (l *lowering) tupleArg(call *ast.CallExpr) *types.Tuple {
	if len(call.Args) != 1 {
		return nil
	}
	t, ok := l.u.info.TypeOf(call.Args[0]).(*types.Tuple)
	if !ok || t.Len() < 2 {
		return nil
	}
	return t
}

// paramType is the type of the i-th argument.
func paramType(sig *types.Signature, i int, spread bool) types.Type {
	if sig == nil {
		return nil
	}
	n := sig.Params().Len()
	if sig.Variadic() && i >= n-1 && !spread {
		return sig.Params().At(n - 1).Type().(*types.Slice).Elem()
	}
	if i < n {
		return sig.Params().At(i).Type()
	}
	return nil
}
