package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
)

// suspend adds the suspension point: poll the child until it is ready.
func (l *lowering) suspend(a *await) {
	if a.what == "" {
		a.what = a.child.name
	}
	l.awaits = append(l.awaits, a)
	a.state = len(l.awaits)
	l.add(&node{kind: nodeAwait, await: a})
}

// child is the variable for a future that this one polls. Children of one type
// share a field: only one is polled at a time.
func (l *lowering) child(t types.Type, hint string) *variable { return l.childIn(t, hint, false) }

// childIn is child for a future that lies in a box, if box is set.
func (l *lowering) childIn(t types.Type, hint string, box bool) *variable {
	for _, v := range l.vars {
		if v.child && !v.alone && v.box == box && types.Identical(v.typ, t) {
			return v
		}
	}
	v := l.newVar(hint, t, nil)
	v.child, v.pinned, v.field, v.box = true, true, true, box
	return v
}

// awaitTemps awaits a call and keeps its results.
func (l *lowering) awaitTemps(call *ast.CallExpr) []*variable {
	var temps []*variable
	for _, t := range l.resultTypes(call, 0) {
		temps = append(temps, l.temp("t", t))
	}
	l.await(call, temps)
	return temps
}

// await awaits a call; results may be nil, or have nil elements.
func (l *lowering) await(call *ast.CallExpr, results []*variable) {
	a := &await{results: results, none: true}
	for _, v := range results {
		a.none = a.none && v == nil
	}
	if tuple, ok := l.u.info.TypeOf(call).(*types.Tuple); ok && tuple.Len() == 0 {
		a.none, a.results = true, nil
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		l.awaitLit(call, lit, a)
		return
	}
	if l.isAwait(call) {
		l.awaitFuture(call, results)
		return
	}
	if l.u.isYield(call) {
		l.awaitYield(call, a)
		return
	}
	t := l.u.twin(call)
	f, id, sel := l.u.callee(call)
	a.what = f.Name()
	hint := lowerFirst(id.Name)
	box := l.u.boxes[call.Lparen]
	call = l.spreadOperands(call, sel != nil)
	a.child, a.call = l.childIn(t.fut, hint, box), true
	if fn := l.u.origin(t); fn != nil && !box {
		l.embeds = append(l.embeds, fn)
		a.child.origin = fn
	}
	child := l.ref(a.child)
	if t.init && l.reaches(sel) {
		args := call.Args
		if sel != nil {
			args = append([]ast.Expr{l.receiver(call, sel, f)}, args...)
		}
		l.add(&node{kind: nodePlain, stmt: &bindStmt{v: a.child, ensure: true}})
		l.do(&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: child, Sel: name("Init")}, Args: args, Ellipsis: call.Ellipsis}})
		a.child.init = true
	} else {
		fresh := l.construct(call, id)
		if box {
			fresh = &boxExpr{typ: t.fut, value: fresh}
		}
		l.do(&ast.AssignStmt{Lhs: []ast.Expr{child}, Tok: token.ASSIGN, Rhs: []ast.Expr{fresh}, TokPos: l.pos})
	}
	l.suspend(a)
}

// spreadOperands evaluates the operands of a call. With more set, the call gets further
// arguments, so that the results of one call cannot be all of them.
func (l *lowering) spreadOperands(call *ast.CallExpr, more bool) *ast.CallExpr {
	if t := l.tupleArg(call); more && t != nil && !l.suspends(call.Args[0]) {
		y := *call
		y.Fun = l.callFun(call.Fun, true)
		y.Args = l.refs(l.tuple(asCall(ast.Unparen(call.Args[0])), t))
		return &y
	}
	return l.operands(call)
}

// construct is the call of the twin in the place of call.
func (l *lowering) construct(call *ast.CallExpr, id *ast.Ident) ast.Expr {
	y := *call
	y.Fun = renamed(call.Fun, l.dotted(call)+id.Name+"Async")
	return &y
}

// dotted is what stands before the name of another package's function that is called
// without it, as a dot import allows; in the output there are none.
func (fn *function) dotted(call *ast.CallExpr) string {
	id, ok := uninstantiated(call.Fun).(*ast.Ident)
	if !ok {
		return ""
	}
	f, ok := fn.u.info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == fn.u.pkg {
		return ""
	}
	return fn.out.importName(f.Pkg().Path(), f.Pkg().Name()) + "."
}

// renamed is the function expression with another name.
func renamed(fun ast.Expr, to string) ast.Expr {
	switch x := fun.(type) {
	case *ast.ParenExpr:
		return renamed(x.X, to)
	case *ast.Ident:
		return &ast.Ident{Name: to, NamePos: x.NamePos}
	case *ast.SelectorExpr:
		return &ast.SelectorExpr{X: x.X, Sel: &ast.Ident{Name: to, NamePos: x.Sel.NamePos}}
	case *ast.IndexExpr:
		return &ast.IndexExpr{X: renamed(x.X, to), Index: x.Index}
	case *ast.IndexListExpr:
		return &ast.IndexListExpr{X: renamed(x.X, to), Indices: x.Indices}
	}
	return fun
}

// reaches reports whether the package may name the embedded fields on the way to a
// method. If not, the constructor is promoted on the same way.
func (l *lowering) reaches(sel *types.Selection) bool {
	if sel == nil {
		return true
	}
	index := sel.Index()
	for field := range embedded(sel.Recv(), index[:len(index)-1]) {
		if !field.Exported() && field.Pkg() != l.u.pkg {
			return false
		}
	}
	return true
}

// embedded is the fields along a path from a value of type t.
func embedded(t types.Type, path []int) iter.Seq[*types.Var] {
	return func(yield func(*types.Var) bool) {
		for _, i := range path {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			field := t.Underlying().(*types.Struct).Field(i)
			if !yield(field) {
				return
			}
			t = field.Type()
		}
	}
}

// receiver is the receiver of a method as Init takes it: the embedded field on
// the way to the method, with the & or * that a call implies.
func (l *lowering) receiver(call *ast.CallExpr, sel *types.Selection, f *types.Func) ast.Expr {
	x := ast.Unparen(call.Fun).(*ast.SelectorExpr).X
	t := sel.Recv()
	index := sel.Index()
	for field := range embedded(t, index[:len(index)-1]) {
		x = &ast.SelectorExpr{X: x, Sel: name(l.fieldName(field))}
		t = field.Type()
	}
	_, wantPtr := types.Unalias(f.Signature().Recv().Type()).(*types.Pointer)
	_, havePtr := t.Underlying().(*types.Pointer)
	switch {
	case wantPtr && !havePtr:
		return &ast.UnaryExpr{Op: token.AND, X: x}
	case !wantPtr && havePtr && !types.IsInterface(f.Signature().Recv().Type()):
		return &ast.StarExpr{X: x}
	}
	return x
}

// awaitFuture is future.Await(f): f is moved into the heap, where it stays for as long
// as the pointer to it that is the result.
func (l *lowering) awaitFuture(call *ast.CallExpr, results []*variable) {
	t := l.u.info.TypeOf(call) // *F
	arg := l.expr(call.Args[0])
	child := l.newVar("await", t, nil)
	child.field = true
	l.set(child, &boxExpr{typ: t.Underlying().(*types.Pointer).Elem(), value: arg})
	l.suspend(&await{child: child, what: "Await", none: true})
	if len(results) == 1 && results[0] != nil {
		l.set(results[0], l.ref(child))
	}
}

// awaitLit awaits a literal that is called where it stands.
func (l *lowering) awaitLit(call *ast.CallExpr, lit *ast.FuncLit, a *await) {
	fn := l.literal(lit, true)
	y := l.spreadOperands(call, len(fn.captured) > 0)
	a.what, a.call = fn.name, true
	a.child = l.newVar("lit", nil, nil)
	a.child.child, a.child.pinned, a.child.field, a.child.lit = true, true, true, fn
	a.child.init, a.child.box = true, l.u.boxes[call.Lparen]
	args := append([]ast.Expr{}, y.Args...)
	args, ell := l.litArgs(fn, args, y.Ellipsis)
	for _, v := range fn.captured {
		args = append(args, &lendExpr{v: v})
		a.lent = append(a.lent, v)
	}
	l.add(&node{kind: nodePlain, stmt: &bindStmt{v: a.child, ensure: true}})
	l.do(&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: l.ref(a.child), Sel: name("Init")}, Args: args, Ellipsis: ell}})
	l.suspend(a)
}

// litArgs packs the arguments of a variadic literal, since what it captures follows them.
func (l *lowering) litArgs(fn *function, args []ast.Expr, ellipsis token.Pos) ([]ast.Expr, token.Pos) {
	if !fn.sig.Variadic() || ellipsis.IsValid() {
		return args, token.NoPos
	}
	n := fn.sig.Params().Len() - 1
	if len(args) == n {
		return append(args, name(l.predeclared("nil"))), token.NoPos
	}
	rest := &ast.CompositeLit{Type: l.typeExpr(fn.sig.Params().At(n).Type()), Elts: args[n:]}
	return append(append([]ast.Expr{}, args[:n]...), rest), token.NoPos
}

// literal returns the function that a literal is compiled to, which is called where it
// stands or else deferred.
func (l *lowering) literal(lit *ast.FuncLit, direct bool) *function {
	if fn := l.lits[lit]; fn != nil {
		return fn
	}
	fn := l.u.newLiteral(l.function, lit)
	fn.direct = direct
	l.lits[lit] = fn
	l.litList = append(l.litList, fn)
	fn.lower()
	l.errs = append(l.errs, fn.errs...)
	return fn
}
