package async

import (
	"go/ast"
	"go/token"
	"go/types"
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
func (l *lowering) child(t types.Type, hint string) *variable {
	for _, v := range l.vars {
		if v.child && types.Identical(v.typ, t) {
			return v
		}
	}
	v := l.newVar(hint, t, nil)
	v.child, v.pinned, v.field = true, true, true
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
	t := l.u.twin(call)
	f, id, sel := l.u.callee(call)
	a.what = f.Name()
	hint := lowerFirst(id.Name)
	call = l.operands(call)
	a.child = l.child(t.fut, hint)
	if t.origin != nil {
		l.embeds = append(l.embeds, t.origin)
		a.child.origin = t.origin
	}
	child := l.ref(a.child)
	if t.init {
		args := call.Args
		if sel != nil {
			args = append([]ast.Expr{l.receiver(call, sel, f)}, args...)
		}
		l.add(&node{kind: nodePlain, stmt: &bindStmt{v: a.child, ensure: true}})
		l.do(&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: child, Sel: name("Init")}, Args: args, Ellipsis: call.Ellipsis}})
		a.child.init = true
	} else {
		l.do(&ast.AssignStmt{Lhs: []ast.Expr{child}, Tok: token.ASSIGN, Rhs: []ast.Expr{l.construct(call, id)}, TokPos: l.pos})
	}
	l.suspend(a)
}

// construct is the call of the twin in the place of call.
func (l *lowering) construct(call *ast.CallExpr, id *ast.Ident) ast.Expr {
	y := *call
	y.Fun = renamed(call.Fun, id.Name+"Async")
	return &y
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

// receiver is the receiver of a method as Init takes it: the embedded field on
// the way to the method, with the & or * that a call implies.
func (l *lowering) receiver(call *ast.CallExpr, sel *types.Selection, f *types.Func) ast.Expr {
	x := ast.Unparen(call.Fun).(*ast.SelectorExpr).X
	t := sel.Recv()
	index := sel.Index()
	for _, i := range index[:len(index)-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		field := t.Underlying().(*types.Struct).Field(i)
		x = &ast.SelectorExpr{X: x, Sel: name(field.Name())}
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
	fn := l.literal(lit)
	y := l.operands(call)
	a.what = fn.name
	a.child = l.newVar("lit", nil, nil)
	a.child.child, a.child.pinned, a.child.field, a.child.lit = true, true, true, fn
	a.child.init = true
	args := append([]ast.Expr{}, y.Args...)
	args, ell := l.litArgs(fn, args, y.Ellipsis)
	for _, v := range fn.captured {
		args = append(args, &lendExpr{v: v})
		a.lent = append(a.lent, v)
	}
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
		return append(args, name("nil")), token.NoPos
	}
	rest := &ast.CompositeLit{Type: l.typeExpr(fn.sig.Params().At(n).Type()), Elts: args[n:]}
	return append(append([]ast.Expr{}, args[:n]...), rest), token.NoPos
}

// literal returns the function that a literal is compiled to.
func (l *lowering) literal(lit *ast.FuncLit) *function {
	if fn := l.lits[lit]; fn != nil {
		return fn
	}
	fn := l.u.newLiteral(l.function, lit)
	l.lits[lit] = fn
	l.litList = append(l.litList, fn)
	fn.lower()
	l.errs = append(l.errs, fn.errs...)
	return fn
}

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
		return l.deferLit(lit, y)
	}
	if t := l.u.twin(source); t != nil {
		return l.deferTwin(source, y, t)
	}
	return l.deferPlain(source, y)
}

func (l *lowering) deferAsync(d ast.Expr) ast.Stmt {
	return &ast.ExprStmt{X: callOf(l.field("unwind.DeferAsync"), d)}
}

func (l *lowering) deferLit(lit *ast.FuncLit, y *ast.CallExpr) []ast.Stmt {
	fn := l.literal(lit)
	d := l.fresh("d")
	args, _ := l.litArgs(fn, append([]ast.Expr{}, y.Args...), y.Ellipsis)
	if len(y.Args) == 1 && fn.sig.Params().Len() > 1 {
		args = y.Args // the results of one call
	}
	for _, v := range fn.captured {
		args = append(args, &lendExpr{v: v})
	}
	return []ast.Stmt{&ast.BlockStmt{List: []ast.Stmt{
		&ast.AssignStmt{Lhs: []ast.Expr{name(d)}, Tok: token.DEFINE, Rhs: []ast.Expr{callOf(l.builtin("new"), &litTypeExpr{fn: fn})}},
		&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: name(d), Sel: name("Init")}, Args: args}},
		l.deferAsync(name(d)),
	}}}
}

func (l *lowering) deferTwin(source, y *ast.CallExpr, t *twin) []ast.Stmt {
	f, id, sel := l.u.callee(source)
	d := l.fresh("d")
	var list []ast.Stmt
	if t.init {
		args := y.Args
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
			if src != nil && (l.isType(src) || l.isConst(src)) {
				call.Args = append(call.Args, a)
				continue
			}
			if src != nil && isUntypedNil(l.u.info.TypeOf(src)) {
				call.Args = append(call.Args, a)
				continue
			}
			if t := paramType(sig, i, y.Ellipsis.IsValid()); t != nil && src != nil && !types.Identical(t, l.u.info.TypeOf(src)) && !builtin {
				a = &ast.CallExpr{Fun: &ast.ParenExpr{X: l.typeExpr(t)}, Args: []ast.Expr{a}}
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
	switch x := fun.(type) {
	case *ast.Ident:
		_, ok := l.u.info.Uses[x].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		_, ok := l.u.info.Uses[x.Sel].(*types.Func)
		return ok && l.u.info.Selections[x] == nil
	case *ast.IndexExpr:
		return l.isStatic(x.X)
	case *ast.IndexListExpr:
		return l.isStatic(x.X)
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

// plain adds a statement that has no suspension point in it. What leaves it, or
// defers, is replaced.
func (l *lowering) plain(s ast.Stmt, lab *ast.LabeledStmt) {
	p := &plainScan{lowering: l, inside: map[types.Object]bool{}}
	ast.Inspect(s, func(n ast.Node) bool {
		if n, ok := n.(*ast.LabeledStmt); ok {
			p.inside[l.u.info.Defs[n.Label]] = true
		}
		return true
	})
	p.scan(s, l.labelObj(lab))
	if lab != nil && p.usesLabel {
		l.do(&ast.LabeledStmt{Label: lab.Label, Colon: lab.Colon, Stmt: s})
		return
	}
	l.do(s)
}

type plainScan struct {
	*lowering
	inner     []target
	inside    map[types.Object]bool // labels
	top       types.Object
	usesLabel bool
}

func (p *plainScan) scan(s ast.Stmt, lab types.Object) {
	if len(p.inner) == 0 {
		p.top = lab
	}
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			p.scan(n.Stmt, p.u.info.Defs[n.Label])
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			_, isFor := n.(*ast.ForStmt)
			t := target{name: lab, loop: true}
			if n != ast.Node(s) {
				t.name = nil
			}
			p.inner = append(p.inner, t)
			if isFor {
				p.forParts(n.(*ast.ForStmt))
			} else {
				p.scan(n.(*ast.RangeStmt).Body, nil)
			}
			p.inner = p.inner[:len(p.inner)-1]
			return false
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			t := target{name: lab}
			if n != ast.Node(s) {
				t.name = nil
			}
			p.inner = append(p.inner, t)
			switch n := n.(type) {
			case *ast.SwitchStmt:
				p.scan(n.Body, nil)
			case *ast.TypeSwitchStmt:
				p.scan(n.Body, nil)
			case *ast.SelectStmt:
				p.scan(n.Body, nil)
			}
			p.inner = p.inner[:len(p.inner)-1]
			return false
		case *ast.BranchStmt:
			p.branch(n)
		case *ast.ReturnStmt:
			p.become[n] = p.returnInside(n)
		case *ast.DeferStmt:
			p.become[n] = p.deferral(n.Call, n.Call)
			return false
		}
		return true
	})
}

func (p *plainScan) forParts(s *ast.ForStmt) { p.scan(s.Body, nil) }

func (p *plainScan) branch(s *ast.BranchStmt) {
	switch s.Tok {
	case token.FALLTHROUGH:
		if len(p.inner) > 0 {
			return
		}
	case token.GOTO:
		obj := p.u.info.Uses[s.Label]
		if p.inside[obj] {
			return
		}
	default:
		for i := len(p.inner) - 1; i >= 0; i-- {
			t := p.inner[i]
			if s.Label == nil && (s.Tok == token.BREAK || t.loop) {
				return
			}
			if s.Label != nil && t.name == p.u.info.Uses[s.Label] {
				if t.name == p.top {
					p.usesLabel = true
				}
				return
			}
		}
		if s.Label != nil && p.u.info.Uses[s.Label] == p.top && p.top != nil {
			p.usesLabel = true
			return
		}
	}
	if to := p.branchTarget(s); to != nil {
		p.become[s] = []ast.Stmt{p.goTo(to)}
	}
}

// returnInside is a return within a plain node.
func (p *plainScan) returnInside(s *ast.ReturnStmt) []ast.Stmt {
	out := []ast.Stmt{}
	if len(s.Results) > 0 {
		if a := p.resultAssign(s.Results); a != nil {
			out = append(out, a)
		}
	}
	return append(out, p.goTo(p.exit))
}
