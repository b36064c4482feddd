package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (l *lowering) assignStmt(s *ast.AssignStmt) {
	if call := l.u.appendTo(s); call != nil && l.suspends(call) {
		l.appendTo(s, call)
		return
	}
	if s.Tok == token.ASSIGN || s.Tok == token.DEFINE {
		l.assign(bare(s.Lhs), s.Rhs, s.Tok == token.DEFINE, nil)
		return
	}
	both := l.exprs([]ast.Expr{s.Lhs[0], s.Rhs[0]})
	l.do(&ast.AssignStmt{Lhs: both[:1], Tok: s.Tok, Rhs: both[1:], TokPos: s.TokPos})
}

// bare is operands on the left, names of variables without parentheses.
func bare(lhs []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(lhs))
	for i, e := range lhs {
		out[i] = e
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			out[i] = id
		}
	}
	return out
}

// appendTo is m[k] = append(m[k], values...): which entry that is comes first.
func (l *lowering) appendTo(s *ast.AssignStmt, call *ast.CallExpr) {
	entry := l.settle(s.Lhs[0])
	y := *call
	y.Args = append([]ast.Expr{entry}, l.exprs(call.Args[1:])...)
	l.do(&ast.AssignStmt{Lhs: []ast.Expr{entry}, Tok: s.Tok, Rhs: []ast.Expr{&y}, TokPos: s.TokPos})
}

// assign is an assignment, or a declaration with values; typ is the type that
// the declaration gives.
func (l *lowering) assign(lhs, rhs []ast.Expr, define bool, typ ast.Expr) {
	vars := make([]*variable, len(lhs)) // newly declared ones
	fresh, simple := 0, true
	for i, e := range lhs {
		id, ok := e.(*ast.Ident)
		if !ok {
			simple = false
			continue
		}
		if define && l.u.info.Defs[id] != nil && id.Name != "_" {
			vars[i] = l.declare(l.u.info.Defs[id])
			fresh++
		} else if id.Name != "_" && l.byObj[l.u.info.Uses[id]] == nil {
			simple = false // a package's variable
		}
	}
	if len(lhs) == len(rhs) {
		l.assignEach(lhs, rhs, vars, fresh, typ)
		return
	}
	// One operation with several results.
	x, source := ast.Unparen(rhs[0]), lhs
	direct := simple && l.directTargets(lhs, vars, x)
	switch call, recv := asCall(x), asReceive(x); {
	case call != nil && l.isSuspension(call):
		if direct {
			l.await(call, l.targetVars(lhs, vars))
			return
		}
		lhs = l.exprsBefore(lhs)
		l.spread(source, lhs, vars, l.awaitTemps(call))
	case recv != nil:
		if direct {
			t := l.targetVars(lhs, vars)
			l.receive(recv, t[0], t[1])
			return
		}
		lhs = l.exprsBefore(lhs)
		v, ok := l.temp("v", l.elem(recv)), l.temp("ok", types.Typ[types.Bool])
		l.receive(recv, v, ok)
		l.spread(source, lhs, vars, []*variable{v, ok})
	default:
		all := append(append([]ast.Expr{}, lhs...), x)
		all = l.commaOk(all)
		lhs, x = all[:len(lhs)], all[len(lhs)]
		if (fresh == 0 || !l.anyBoxed(vars)) && !l.targetsInTurn(source) {
			l.do(&ast.AssignStmt{Lhs: l.plainTargets(lhs, vars), Tok: token.ASSIGN, Rhs: []ast.Expr{x}, TokPos: l.pos})
			return
		}
		temps := make([]*variable, len(lhs))
		targets := make([]ast.Expr, len(lhs))
		for i, t := range l.resultTypes(ast.Unparen(rhs[0]), len(lhs)) {
			temps[i] = l.temp("t", t)
			targets[i] = l.ref(temps[i])
		}
		l.do(&ast.AssignStmt{Lhs: targets, Tok: token.ASSIGN, Rhs: []ast.Expr{x}, TokPos: l.pos})
		l.spread(source, lhs, vars, temps)
	}
}

// assignEach is an assignment of n values to n operands.
func (l *lowering) assignEach(lhs, rhs []ast.Expr, vars []*variable, fresh int, typ ast.Expr) {
	if len(lhs) == 1 {
		x := ast.Unparen(rhs[0])
		id, _ := lhs[0].(*ast.Ident)
		to := vars[0]
		if to == nil && id != nil {
			to = l.byObj[l.u.info.Uses[id]]
		}
		if call := asCall(x); call != nil && l.isSuspension(call) && l.isCallOf1(call) {
			if to != nil && !to.boxed && types.Identical(to.typ, l.u.info.TypeOf(x)) && !l.isAwait(call) {
				l.await(call, []*variable{to})
				return
			}
		}
		if vars[0] != nil {
			l.bind(vars[0], l.expr(rhs[0]))
			return
		}
	}
	if l.inTurn(lhs, rhs) {
		l.oneByOne(lhs, rhs, l.exprsBefore(append(append([]ast.Expr{}, lhs...), rhs...)), vars)
		return
	}
	if fresh == 0 || !l.anyBoxed(vars) {
		all := l.exprs(append(append([]ast.Expr{}, lhs...), rhs...))
		n := len(lhs)
		l.do(&ast.AssignStmt{Lhs: l.plainTargets(all[:n], vars), Tok: token.ASSIGN, Rhs: all[n:], TokPos: l.pos})
		return
	}
	all := l.exprs(append(append([]ast.Expr{}, lhs...), rhs...))
	temps := make([]*variable, len(lhs))
	targets := make([]ast.Expr, len(lhs))
	for i := range lhs {
		t := l.u.info.TypeOf(rhs[i])
		if vars[i] != nil {
			t = vars[i].typ
		} else if id, ok := lhs[i].(*ast.Ident); !ok || id.Name != "_" {
			t = l.u.info.TypeOf(lhs[i])
		}
		temps[i] = l.temp("t", t)
		targets[i] = l.ref(temps[i])
	}
	l.do(&ast.AssignStmt{Lhs: targets, Tok: token.ASSIGN, Rhs: all[len(lhs):], TokPos: l.pos})
	l.spread(lhs, all[:len(lhs)], vars, temps)
}

func asCall(e ast.Expr) *ast.CallExpr {
	c, _ := e.(*ast.CallExpr)
	return c
}

func asReceive(e ast.Expr) *ast.UnaryExpr {
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u
	}
	return nil
}

func (l *lowering) isCallOf1(call *ast.CallExpr) bool {
	t := l.u.info.TypeOf(call)
	tuple, ok := t.(*types.Tuple)
	return !ok || tuple.Len() == 1
}

func (l *lowering) isAwait(call *ast.CallExpr) bool { return l.u.isAwait(call) }

func (l *lowering) anyBoxed(vars []*variable) bool {
	for _, v := range vars {
		if v != nil && v.boxed {
			return true
		}
	}
	return false
}

// directTargets reports whether the results of x can go straight into the
// variables on the left.
func (l *lowering) directTargets(lhs []ast.Expr, vars []*variable, x ast.Expr) bool {
	ts := l.resultTypes(x, len(lhs))
	seen := map[*variable]bool{}
	for i, e := range lhs {
		id := e.(*ast.Ident)
		if id.Name == "_" {
			continue
		}
		v := vars[i]
		if v == nil {
			v = l.byObj[l.u.info.Uses[id]]
		}
		if v == nil || v.boxed || seen[v] || !types.Identical(v.typ, types.Default(ts[i])) {
			return false
		}
		seen[v] = true
	}
	return true
}

func (l *lowering) targetVars(lhs []ast.Expr, vars []*variable) []*variable {
	out := make([]*variable, len(lhs))
	for i, e := range lhs {
		out[i] = vars[i]
		if id := e.(*ast.Ident); out[i] == nil && id.Name != "_" {
			out[i] = l.byObj[l.u.info.Uses[id]]
		}
	}
	return out
}

// plainTargets replaces newly declared variables on the left.
func (l *lowering) plainTargets(lhs []ast.Expr, vars []*variable) []ast.Expr {
	out := make([]ast.Expr, len(lhs))
	for i, e := range lhs {
		out[i] = e
		if vars[i] != nil {
			out[i] = l.ref(vars[i])
		}
	}
	return out
}

// spread assigns temporaries to operands, which were lowered from source, declaring the new ones.
func (l *lowering) spread(source, lhs []ast.Expr, vars, temps []*variable) {
	inTurn := l.targetsInTurn(source)
	if inTurn {
		lhs = l.targetsOneByOne(source, lhs)
	}
	s := &ast.AssignStmt{Tok: token.ASSIGN, TokPos: l.pos}
	for i, e := range lhs {
		if vars[i] != nil || temps[i] == nil {
			continue
		}
		if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		s.Lhs = append(s.Lhs, e)
		s.Rhs = append(s.Rhs, l.flag(l.u.info.TypeOf(source[i]), temps[i]))
		if inTurn {
			l.do(s)
			s = &ast.AssignStmt{Tok: token.ASSIGN, TokPos: l.pos}
		}
	}
	if len(s.Lhs) > 0 {
		l.do(s)
	}
	for i, v := range vars {
		if v != nil && temps[i] != nil {
			l.bind(v, l.flag(v.typ, temps[i]))
		}
	}
}

// flag is the value of v for an operand of type t, which may be of another type if v
// is whether an operation has succeeded: that is no bool in Go, but untyped.
func (l *lowering) flag(t types.Type, v *variable) ast.Expr {
	if t == nil || v.typ != types.Typ[types.Bool] || types.Identical(t, v.typ) || types.IsInterface(t) && !isTypeParam(t) {
		return l.ref(v)
	}
	return callOf(l.typeExpr(t), l.ref(v))
}

// resultTypes returns the types of the n values of an operation.
func (l *lowering) resultTypes(x ast.Expr, n int) []types.Type {
	if tuple, ok := l.u.info.TypeOf(x).(*types.Tuple); ok {
		out := make([]types.Type, tuple.Len())
		for i := range out {
			out[i] = tuple.At(i).Type()
		}
		if len(out) == 2 && asCall(x) == nil {
			out[1] = types.Typ[types.Bool] // whatever it is assigned to
		}
		return out
	}
	out := []types.Type{l.u.info.TypeOf(x)}
	if n == 2 {
		out = append(out, types.Typ[types.Bool])
	}
	return out
}

func (l *lowering) elem(recv *ast.UnaryExpr) types.Type {
	return chanOf(l.u.info.TypeOf(recv.X)).Elem()
}

// chanOf returns the channel type that t is, or that all of a type parameter's
// types are.
func chanOf(t types.Type) *types.Chan {
	return coreType(t).(*types.Chan)
}
