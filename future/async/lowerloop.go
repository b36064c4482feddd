package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (l *lowering) forStmt(s *ast.ForStmt, lab *ast.LabeledStmt) {
	l.stmt(s.Init, nil)
	head, next, done := l.newLabel("for"), l.newLabel("next"), l.newLabel("done")
	l.place(head)
	if s.Cond != nil {
		l.cond(s.Cond, false, done)
	}
	l.within(s, lab, done, next, func() { l.block(s.Body.List) })
	l.place(next)
	l.renew(s)
	l.stmt(s.Post, nil)
	l.jump(head)
	l.place(done)
}

// renew gives the next iteration variables of its own, where the difference
// can be seen.
func (l *lowering) renew(s *ast.ForStmt) {
	as, ok := s.Init.(*ast.AssignStmt)
	if !ok || as.Tok != token.DEFINE || !l.perIteration {
		return
	}
	for _, e := range as.Lhs {
		if v := l.byObj[l.u.info.Defs[e.(*ast.Ident)]]; v != nil && v.boxed {
			l.bind(v, l.ref(v))
		}
	}
}

func (l *lowering) rangeStmt(s *ast.RangeStmt, lab *ast.LabeledStmt) {
	t := l.u.info.TypeOf(s.X)
	r := &ranging{lowering: l, s: s, lab: lab, head: l.newLabel("range"), next: l.newLabel("next"), done: l.newLabel("done")}
	r.key, r.value = wanted(s.Key), wanted(s.Value)
	switch u := coreType(t).(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			r.overString()
		} else {
			r.overInt()
		}
	case *types.Slice:
		r.overSlice()
	case *types.Array:
		r.overArray(u, false)
	case *types.Pointer:
		r.overArray(u.Elem().Underlying().(*types.Array), true)
	case *types.Map:
		r.overMap(u)
	case *types.Chan:
		r.overChan(u)
	case *types.Signature:
		r.overFunc(u)
	default:
		l.fail(s.Pos(), "cannot range over "+t.String()+" with a suspension point in the body", "range over a value of one particular type")
	}
}

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

func wanted(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && id.Name == "_" {
		return nil
	}
	return e
}

// ranging is a range loop being lowered.
type ranging struct {
	*lowering
	s                *ast.RangeStmt
	lab              *ast.LabeledStmt
	key, value       ast.Expr // nil if not wanted
	head, next, done *label
}

// assign gives the iteration variables their values, late for the operands of an
// assignment, afresh for a declaration.
func (r *ranging) iterate(key, value ast.Expr) {
	l := r.lowering
	if r.s.Tok == token.DEFINE {
		for i, e := range []ast.Expr{r.key, r.value} {
			if e == nil {
				continue
			}
			v := l.declare(l.u.info.Defs[e.(*ast.Ident)])
			l.bind(v, []ast.Expr{key, value}[i])
		}
		return
	}
	s := &ast.AssignStmt{Tok: token.ASSIGN, TokPos: l.pos}
	var lhs []ast.Expr
	if r.key != nil {
		lhs = append(lhs, r.key)
		s.Rhs = append(s.Rhs, key)
	}
	if r.value != nil {
		lhs = append(lhs, r.value)
		s.Rhs = append(s.Rhs, value)
	}
	if len(lhs) > 0 {
		s.Lhs = l.exprs(lhs)
		l.do(s)
	}
}

func (r *ranging) body() {
	r.within(r.s, r.lab, r.done, r.next, func() { r.block(r.s.Body.List) })
}

// counted is the loop over the indexes below n.
func (r *ranging) counted(i *variable, n ast.Expr, value func() ast.Expr) {
	l := r.lowering
	l.set(i, intLit(0))
	l.place(r.head)
	l.branch(&ast.BinaryExpr{X: l.ref(i), Op: token.LSS, Y: n}, true, r.done)
	var v ast.Expr
	if r.value != nil {
		v = value()
	}
	r.iterate(l.ref(i), v)
	r.body()
	l.place(r.next)
	l.do(&ast.IncDecStmt{X: l.ref(i), Tok: token.INC})
	l.jump(r.head)
	l.place(r.done)
}

func (r *ranging) overInt() {
	l := r.lowering
	t := l.u.info.TypeOf(r.s.X)
	if key := l.u.info.TypeOf(r.key); r.key != nil && (!types.IsInterface(key) || isTypeParam(key)) {
		t = key
	}
	var n ast.Expr = r.s.X
	if !l.isConst(r.s.X) {
		n = l.ref(r.once("n", r.s.X, t))
	}
	r.counted(r.counter(types.Default(t)), n, nil)
}

// counter is the variable that counts: the key itself if the body cannot change it, or
// else one of its own.
func (r *ranging) counter(t types.Type) *variable {
	if id, ok := r.key.(*ast.Ident); ok && r.s.Tok == token.DEFINE {
		if obj := r.u.info.Defs[id]; r.facts[obj].byValue() && types.Identical(obj.Type(), t) {
			r.key = nil
			return r.declare(obj)
		}
	}
	return r.temp("i", t)
}

// once evaluates the operand, and keeps it unless it is a variable that never changes.
func (r *ranging) once(hint string, e ast.Expr, t types.Type) *variable {
	l := r.lowering
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if v := l.variable(id); v != nil && v.value && !v.boxed && types.Identical(v.typ, t) {
			return v
		}
	}
	v := l.temp(hint, t)
	l.set(v, l.expr(e))
	return v
}

func (r *ranging) index() *variable { return r.counter(types.Typ[types.Int]) }

func (r *ranging) overSlice() {
	l := r.lowering
	xs := r.once("xs", r.s.X, l.u.info.TypeOf(r.s.X))
	i := r.index()
	r.counted(i, callOf(l.builtin("len"), l.ref(xs)), func() ast.Expr { return &ast.IndexExpr{X: l.ref(xs), Index: l.ref(i)} })
}

func (r *ranging) overArray(a *types.Array, ptr bool) {
	l := r.lowering
	n := intLit(int(a.Len()))
	if r.value == nil {
		// It is evaluated if there is a second variable, even a blank one, or if its
		// length is not a constant to the language.
		if r.s.Value != nil || l.callsOrReceives(r.s.X) {
			l.do(&ast.AssignStmt{Lhs: []ast.Expr{name("_")}, Tok: token.ASSIGN, Rhs: []ast.Expr{l.expr(r.s.X)}})
		}
		r.counted(r.index(), n, nil)
		return
	}
	xs := r.once("xs", r.s.X, l.u.info.TypeOf(r.s.X))
	i := r.index()
	r.counted(i, n, func() ast.Expr { return &ast.IndexExpr{X: l.ref(xs), Index: l.ref(i)} })
}

// callsOrReceives reports whether len of an array expression is not a constant.
func (l *lowering) callsOrReceives(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !l.isConst(n) && !l.isType(n.Fun)
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

func (r *ranging) overString() {
	l := r.lowering
	s := l.temp("s", types.Typ[types.String])
	l.set(s, callOf(l.builtin("string"), l.expr(r.s.X)))
	i, next, c := r.index(), l.temp("next", types.Typ[types.Int]), l.temp("r", types.Typ[types.Rune])
	l.set(i, intLit(0))
	l.place(r.head)
	l.branch(&ast.BinaryExpr{X: l.ref(i), Op: token.LSS, Y: callOf(l.builtin("len"), l.ref(s))}, true, r.done)
	l.do(&ast.AssignStmt{Lhs: []ast.Expr{l.ref(c), l.ref(next)}, Tok: token.ASSIGN, Rhs: []ast.Expr{callOf(l.frame("DecodeRune"), l.ref(s), l.ref(i))}})
	r.iterate(l.ref(i), l.ref(c))
	r.body()
	l.place(r.next)
	l.set(i, l.ref(next))
	l.jump(r.head)
	l.place(r.done)
}

func (r *ranging) overMap(m *types.Map) {
	l := r.lowering
	it := l.newVar("iter", l.u.mapIter(m), nil)
	it.pinned, it.field = true, true
	l.do(&ast.ExprStmt{X: callOf(&ast.SelectorExpr{X: l.ref(it), Sel: name("Init")}, l.expr(r.s.X))})
	l.place(r.head)
	l.place(r.next)
	l.branch(callOf(&ast.SelectorExpr{X: l.ref(it), Sel: name("Next")}), true, r.done)
	r.iterate(callOf(&ast.SelectorExpr{X: l.ref(it), Sel: name("Key")}), callOf(&ast.SelectorExpr{X: l.ref(it), Sel: name("Value")}))
	r.body()
	l.jump(r.head)
	l.place(r.done)
}

func (r *ranging) overChan(c *types.Chan) {
	l := r.lowering
	ch := l.temp("ch", l.u.info.TypeOf(r.s.X))
	l.set(ch, l.expr(r.s.X))
	v, ok := l.temp("v", c.Elem()), l.temp("ok", types.Typ[types.Bool])
	l.place(r.head)
	l.place(r.next)
	l.receiveFrom(l.ref(ch), c.Elem(), v, ok)
	l.branch(l.ref(ok), true, r.done)
	r.iterate(l.ref(v), nil)
	r.body()
	l.jump(r.head)
	l.place(r.done)
}
