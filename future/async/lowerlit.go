package async

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// gc makes a literal of a struct or an array where it is assigned to, if that is a variable to which
// nothing points (walk, oaslit): it clears the variable, or gives it the constants if there are more than
// four values, and assigns one value after the other. When one of them panics, and a deferred
// call recovers, a result has what was assigned until then. It does not so to a field of the frame.

// fills reports whether gc makes the value e of result i where that is, and something in it may panic.
func (fn *function) fills(i int, e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok || i < 0 || !hasDefer(fn.body) {
		return false
	}
	v := fn.sig.Results().At(i)
	t := fn.newTurns()
	if t.inMemory(v) || fn.needsBox(v) || !types.Identical(fn.u.info.TypeOf(lit), v.Type()) || !t.fillable(lit) || !t.partFails(lit) {
		return false
	}
	used := false
	ast.Inspect(lit, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		used = used || ok && fn.u.info.Uses[id] == v
		return !used
	})
	return !used
}

// fillsAny is fills for one of the values of a return statement.
func (fn *function) fillsAny(es []ast.Expr) bool {
	if len(es) != fn.sig.Results().Len() {
		return false
	}
	for i, e := range es {
		if fn.fills(i, e) {
			return true
		}
	}
	return false
}

// resultOf returns which result e names, -1 if it is none.
func (fn *function) resultOf(e ast.Expr) int {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		return fn.resultIndex(fn.u.info.Uses[id])
	}
	return -1
}

// resultIndex returns which result v is, -1 if it is none.
func (fn *function) resultIndex(v types.Object) int {
	for i := range fn.sig.Results().Len() {
		if fn.sig.Results().At(i) == v {
			return i
		}
	}
	return -1
}

// fillable reports whether the parts of a literal can be assigned by themselves.
func (t *turns) fillable(lit *ast.CompositeLit) bool {
	switch typ := t.u.info.TypeOf(lit).Underlying().(type) {
	case *types.Array:
		return true
	case *types.Struct:
		for f := range typ.Fields() {
			if f.Name() == "_" {
				return false
			}
		}
		return true
	}
	return false
}

// partFails reports whether a value in a literal may panic.
func (t *turns) partFails(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		e = valueOf(e)
		if inner, ok := ast.Unparen(e).(*ast.CompositeLit); ok && t.fillable(inner) {
			return t.partFails(inner)
		}
		return !t.isMapLit(e) && t.mayFail(e)
	})
}

// isMapLit reports whether e is a literal of a map, which is made early.
func (t *turns) isMapLit(e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return false
	}
	_, ok = t.u.info.TypeOf(lit).Underlying().(*types.Map)
	return ok
}

// fill assigns the literal source, of which the operands have become those of now, to v.
func (l *lowering) fill(v *variable, source, now ast.Expr) {
	from, is := ast.Unparen(source).(*ast.CompositeLit), ast.Unparen(now).(*ast.CompositeLit)
	is = l.mapsEarly(from, is)
	static := len(from.Elts) > 4
	l.set(v, &ast.CompositeLit{Type: l.typeExpr(v.typ)})
	if static {
		l.fillParts(l.ref(v), from, is, func(e ast.Expr) bool { return l.u.info.Types[e].Value != nil })
	}
	l.fillParts(l.ref(v), from, is, func(e ast.Expr) bool { return !static || l.u.info.Types[e].Value == nil })
}

// mapsEarly returns the literal now with its maps in temporaries.
func (l *lowering) mapsEarly(from, now *ast.CompositeLit) *ast.CompositeLit {
	t, out := l.newTurns(), *now
	out.Elts = slices.Clone(now.Elts)
	for i, e := range from.Elts {
		value, part := valueOf(e), valueOf(now.Elts[i])
		inner, ok := ast.Unparen(value).(*ast.CompositeLit)
		lit, same := ast.Unparen(part).(*ast.CompositeLit)
		switch {
		case !ok || !same:
			continue
		case t.isMapLit(inner):
			part = l.copied(inner, l.spelled(lit))
		case t.fillable(inner):
			part = l.mapsEarly(inner, lit)
		}
		if kv, ok := now.Elts[i].(*ast.KeyValueExpr); ok {
			part = &ast.KeyValueExpr{Key: kv.Key, Value: part}
		}
		out.Elts[i] = part
	}
	return &out
}

// fillParts assigns those values of a literal that are wanted to the parts of to.
func (l *lowering) fillParts(to ast.Expr, from, is *ast.CompositeLit, wanted func(source ast.Expr) bool) {
	index := int64(0)
	for i, e := range from.Elts {
		value, now := valueOf(e), valueOf(is.Elts[i])
		var part ast.Expr
		var typ types.Type
		switch t := l.u.info.TypeOf(from).Underlying().(type) {
		case *types.Array:
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				index, _ = constant.Int64Val(constant.ToInt(l.u.info.Types[kv.Key].Value))
			}
			part, typ = &ast.IndexExpr{X: to, Index: intLit(int(index))}, t.Elem()
			index++
		case *types.Struct:
			f := t.Field(i)
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				f = l.u.info.Uses[kv.Key.(*ast.Ident)].(*types.Var)
			}
			part, typ = &ast.SelectorExpr{X: to, Sel: name(l.fieldName(f))}, f.Type()
		}
		inner, ok := ast.Unparen(value).(*ast.CompositeLit)
		if nowLit, same := ast.Unparen(now).(*ast.CompositeLit); ok && same && types.Identical(l.u.info.TypeOf(inner), typ) && l.newTurns().fillable(inner) {
			l.fillParts(part, inner, nowLit, wanted)
			continue
		}
		if !wanted(value) {
			continue
		}
		l.do(&ast.AssignStmt{Lhs: []ast.Expr{part}, Tok: token.ASSIGN, Rhs: []ast.Expr{l.spelled(now)}, TokPos: l.pos})
	}
}

// spelled is e with its type, which may be left out in a literal of such.
func (l *lowering) spelled(e ast.Expr) ast.Expr {
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		return l.composite(lit, false)
	}
	return e
}
