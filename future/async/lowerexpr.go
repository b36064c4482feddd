package async

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// The order of evaluation is gc's (cmd/compile/internal/walk, order.go): calls,
// receives and a few other operations happen in the order of the source and their
// results are kept; everything else (variables, fields, elements, arithmetic,
// conversions) is read late, when all calls of the statement have happened. So an
// expression with a suspension point becomes: what comes early before the
// suspension, each in a temporary; the suspension; and a residual expression,
// which gc orders further as it always does.

// expr evaluates e as far as its last suspension point and returns the residual.
func (l *lowering) expr(e ast.Expr) ast.Expr {
	if e == nil || !l.suspends(e) {
		return e
	}
	return l.walk(e, false)
}

// settle makes everything in e that gc evaluates early happen now.
func (l *lowering) settle(e ast.Expr) ast.Expr {
	if e == nil || !l.early(e) {
		return e
	}
	return l.walk(e, true)
}

// exprs evaluates a list in order: all but the last that suspends are settled.
func (l *lowering) exprs(es []ast.Expr) []ast.Expr { return l.list(es, false) }

// exprsBefore settles a list because a suspension follows it.
func (l *lowering) exprsBefore(es []ast.Expr) []ast.Expr { return l.list(es, true) }

func (l *lowering) list(es []ast.Expr, all bool) []ast.Expr {
	last := len(es)
	if !all {
		last = -1
		for i, e := range es {
			if e != nil && l.suspends(e) {
				last = i
			}
		}
	}
	out := make([]ast.Expr, len(es))
	for i, e := range es {
		switch {
		case i < last:
			out[i] = l.settle(e)
		case i == last:
			out[i] = l.expr(e)
		default:
			out[i] = e
		}
	}
	return out
}

// early reports whether e contains anything that is evaluated early.
func (l *lowering) early(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && !found {
			if l.isConst(x) || l.isType(x) {
				return false
			}
			found = l.isEarly(x)
		}
		if _, lit := n.(*ast.FuncLit); lit {
			return false
		}
		return !found
	})
	return found
}

func (l *lowering) isConst(e ast.Expr) bool {
	tv, ok := l.u.info.Types[e]
	return ok && tv.Value != nil && tv.Value.Kind() != constant.Unknown
}

func (l *lowering) isType(e ast.Expr) bool {
	tv, ok := l.u.info.Types[e]
	return ok && tv.IsType()
}

// isEarly reports whether the operation of e itself is evaluated early.
func (l *lowering) isEarly(e ast.Expr) bool {
	if l.u.copies[e] {
		return true
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		if !l.isType(e.Fun) {
			return !l.isUnsafe(e.Fun)
		}
		if len(e.Args) != 1 {
			return false
		}
		return isByteOrRuneSlice(l.u.info.TypeOf(e)) && isString(l.u.info.TypeOf(e.Args[0]))
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	case *ast.BinaryExpr:
		return e.Op == token.LAND || e.Op == token.LOR || l.isCompared(e.X) || l.isCompared(e.Y)
	case *ast.SliceExpr:
		return true
	case *ast.TypeAssertExpr:
		return e.Type != nil && !isDirectIface(l.u.info.TypeOf(e)) && !l.derived(l.u.info.TypeOf(e)) && !l.derived(l.u.info.TypeOf(e.X))
	case *ast.CompositeLit:
		_, isMap := coreType(l.u.info.TypeOf(e)).(*types.Map)
		return isMap && len(e.Elts) > 0
	}
	return false
}

func isString(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func isByteOrRuneSlice(t types.Type) bool { return isByteSlice(t) || isSliceOf(t, types.Rune) }

func isByteSlice(t types.Type) bool { return isSliceOf(t, types.Byte) }

func isSliceOf(t types.Type, kind types.BasicKind) bool {
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == kind
}

// isDirectIface reports whether a value of type t is itself the data word of an
// interface: gc reads such an assertion late.
func isDirectIface(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Chan, *types.Map, *types.Signature:
		return true
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Array:
		return u.Len() == 1 && isDirectIface(u.Elem())
	case *types.Struct:
		return u.NumFields() == 1 && isDirectIface(u.Field(0).Type())
	}
	return false
}

// walk rebuilds e with its operands evaluated: all of them, or those up to the
// last suspension. With all, an early operation leaves a temporary.
func (l *lowering) walk(e ast.Expr, all bool) ast.Expr {
	now := l.rebuild(e, all)
	if !all || !l.u.copies[e] || l.isTemp(now) {
		return now
	}
	return l.copied(e, now)
}

// copied puts the value of an operand into a temporary.
func (l *lowering) copied(source, now ast.Expr) ast.Expr {
	v := l.temp("t", l.u.info.TypeOf(source))
	l.set(v, now)
	return l.ref(v)
}

func (l *lowering) isCompared(e ast.Expr) bool { return l.u.compared[ast.Unparen(e)] }

func (l *lowering) copyCompared(source, now ast.Expr) ast.Expr {
	if !l.isCompared(source) || l.isTemp(now) {
		return now
	}
	return l.copied(source, now)
}

// isUnsafe reports whether e is a built-in function of package unsafe: for gc those
// are no calls.
func (l *lowering) isUnsafe(e ast.Expr) bool {
	var obj types.Object
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj = l.u.info.Uses[x]
	case *ast.SelectorExpr:
		obj = l.u.info.Uses[x.Sel]
	}
	return obj != nil && obj.Pkg() == types.Unsafe
}

// isTemp reports whether e is a variable that the translation has made.
func (l *lowering) isTemp(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && l.byIdent[id] != nil
}

func (l *lowering) rebuild(e ast.Expr, all bool) ast.Expr {
	was := l.pos
	l.pos = e.Pos()
	defer func() { l.pos = was }()
	switch x := e.(type) {
	case *ast.ParenExpr:
		return &ast.ParenExpr{Lparen: x.Lparen, X: l.walk(x.X, all), Rparen: x.Rparen}
	case *ast.SelectorExpr:
		return &ast.SelectorExpr{X: l.one(x.X, all), Sel: x.Sel}
	case *ast.StarExpr:
		return &ast.StarExpr{Star: x.Star, X: l.one(x.X, all)}
	case *ast.UnaryExpr:
		if x.Op == token.ARROW {
			v := l.temp("v", l.elem(x))
			l.receive(x, v, nil)
			return l.ref(v)
		}
		return &ast.UnaryExpr{OpPos: x.OpPos, Op: x.Op, X: l.one(x.X, all)}
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			return l.logical(x)
		}
		xs := l.list([]ast.Expr{x.X, x.Y}, all)
		if all {
			xs = []ast.Expr{l.copyCompared(x.X, xs[0]), l.copyCompared(x.Y, xs[1])}
		}
		return &ast.BinaryExpr{X: xs[0], OpPos: x.OpPos, Op: x.Op, Y: xs[1]}
	case *ast.IndexExpr:
		xs := l.list([]ast.Expr{x.X, x.Index}, all)
		return l.keep(e, &ast.IndexExpr{X: xs[0], Lbrack: x.Lbrack, Index: xs[1], Rbrack: x.Rbrack}, all)
	case *ast.SliceExpr:
		xs := l.list([]ast.Expr{x.X, x.Low, x.High, x.Max}, all)
		return l.keep(e, &ast.SliceExpr{X: xs[0], Lbrack: x.Lbrack, Low: xs[1], High: xs[2], Max: xs[3], Slice3: x.Slice3, Rbrack: x.Rbrack}, all)
	case *ast.TypeAssertExpr:
		return l.keep(e, &ast.TypeAssertExpr{X: l.one(x.X, all), Lparen: x.Lparen, Type: x.Type, Rparen: x.Rparen}, all)
	case *ast.CompositeLit:
		return l.composite(x, all)
	case *ast.CallExpr:
		return l.call(x, all)
	}
	return e
}

func (l *lowering) one(e ast.Expr, all bool) ast.Expr { return l.list([]ast.Expr{e}, all)[0] }

// keep puts the value of an early operation into a temporary.
func (l *lowering) keep(source, now ast.Expr, all bool) ast.Expr {
	if !all || !l.isEarly(source) {
		return now
	}
	return l.copied(source, now)
}

// logical is && or ||: the right side may not happen.
func (l *lowering) logical(x *ast.BinaryExpr) ast.Expr {
	v := l.temp("cond", l.u.info.TypeOf(x))
	l.set(v, l.expr(x.X))
	end := l.newLabel("short")
	l.branch(l.ref(v), x.Op == token.LAND, end)
	l.set(v, l.expr(x.Y))
	l.place(end)
	return l.ref(v)
}

func (l *lowering) composite(x *ast.CompositeLit, all bool) ast.Expr {
	if m, ok := coreType(l.u.info.TypeOf(x)).(*types.Map); ok {
		return l.mapLit(x, m)
	}
	values := make([]ast.Expr, len(x.Elts))
	for i, e := range x.Elts {
		values[i] = valueOf(e)
	}
	values = l.list(values, all)
	out := &ast.CompositeLit{Type: l.litType(x), Lbrace: x.Lbrace, Rbrace: x.Rbrace}
	for i, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			out.Elts = append(out.Elts, &ast.KeyValueExpr{Key: kv.Key, Colon: kv.Colon, Value: values[i]})
		} else {
			out.Elts = append(out.Elts, values[i])
		}
	}
	if x.Type == nil {
		if p, ok := coreType(l.u.info.TypeOf(x)).(*types.Pointer); ok {
			out.Type = l.typeExpr(p.Elem())
			return &ast.UnaryExpr{Op: token.AND, OpPos: x.Lbrace, X: out}
		}
	}
	return out
}

// litType is the type of a composite literal, spelled out where it was elided: the
// residual may no longer stand where it can be.
func (l *lowering) litType(x *ast.CompositeLit) ast.Expr {
	if x.Type != nil {
		return x.Type
	}
	return l.typeExpr(l.u.info.TypeOf(x))
}

// mapLit fills a map entry by entry, as gc does: first those that are laid out already.
func (l *lowering) mapLit(x *ast.CompositeLit, m *types.Map) ast.Expr {
	v := l.temp("m", l.u.info.TypeOf(x))
	lit := &ast.CompositeLit{Type: l.litType(x), Lbrace: x.Lbrace, Rbrace: x.Rbrace}
	var rest []*ast.KeyValueExpr
	for _, e := range x.Elts {
		kv := e.(*ast.KeyValueExpr)
		if l.u.isStatic(kv.Key, m.Key()) && l.u.isStatic(kv.Value, m.Elem()) {
			lit.Elts = append(lit.Elts, kv)
		} else {
			rest = append(rest, kv)
		}
	}
	l.set(v, lit)
	for _, kv := range rest {
		xs := l.exprs([]ast.Expr{kv.Key, kv.Value})
		xs[0], xs[1] = l.elided(xs[0], m.Key()), l.elided(xs[1], m.Elem())
		l.do(&ast.AssignStmt{Lhs: []ast.Expr{&ast.IndexExpr{X: l.ref(v), Index: xs[0]}}, Tok: token.ASSIGN, Rhs: xs[1:], TokPos: l.pos})
	}
	return l.ref(v)
}

// elided spells out the type of a literal that took it from its surroundings.
func (l *lowering) elided(e ast.Expr, t types.Type) ast.Expr {
	lit, ok := e.(*ast.CompositeLit)
	if !ok || lit.Type != nil {
		return e
	}
	out := *lit
	if p, ok := coreType(t).(*types.Pointer); ok {
		out.Type = l.typeExpr(p.Elem())
		return &ast.UnaryExpr{Op: token.AND, OpPos: lit.Lbrace, X: &out}
	}
	out.Type = l.typeExpr(t)
	return &out
}

// call is a call, a conversion or a builtin.
func (l *lowering) call(x *ast.CallExpr, all bool) ast.Expr {
	if l.isSuspension(x) {
		temps := l.awaitTemps(x)
		if len(temps) == 0 {
			return x // it has no value; only a statement holds it
		}
		return l.ref(temps[0])
	}
	if l.isType(x.Fun) {
		y := *x
		y.Args = l.list(x.Args, all)
		return l.keep(x, &y, all)
	}
	y := l.operandsOf(x, all)
	l.evaluateLiteral(x, y)
	if !all || l.isUnsafe(x.Fun) {
		return y
	}
	if tuple, ok := l.u.info.TypeOf(x).(*types.Tuple); ok && tuple.Len() == 0 {
		return y
	}
	v := l.temp("t", l.u.info.TypeOf(x))
	l.set(v, y)
	return l.ref(v)
}

// evaluateLiteral has gc evaluate the array literal of which y takes the length or capacity: with all
// calls taken out of it, as they are in y and not in x, that is a constant, and the rest of the
// literal would not happen.
func (l *lowering) evaluateLiteral(x, y *ast.CallExpr) {
	if !l.isBuiltin(x.Fun, "len") && !l.isBuiltin(x.Fun, "cap") || l.isConst(x) || l.callsOrReceives(y.Args[0]) {
		return
	}
	lit := ast.Unparen(y.Args[0])
	if u, ok := lit.(*ast.UnaryExpr); ok && u.Op == token.AND {
		lit = ast.Unparen(u.X)
	}
	if _, ok := lit.(*ast.CompositeLit); !ok {
		return
	}
	t := l.u.info.TypeOf(x.Args[0]).Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	if _, ok := t.(*types.Array); ok {
		l.do(&ast.AssignStmt{Lhs: []ast.Expr{name("_")}, Tok: token.ASSIGN, Rhs: []ast.Expr{y.Args[0]}})
	}
}

// operands evaluates the function and the arguments of a call, not the call.
func (l *lowering) operands(x *ast.CallExpr) *ast.CallExpr { return l.operandsOf(x, false) }

func (l *lowering) operandsOf(x *ast.CallExpr, all bool) *ast.CallExpr {
	y := *x
	if len(x.Args) == 1 {
		if call := asCall(ast.Unparen(x.Args[0])); call != nil {
			if tuple, ok := l.u.info.TypeOf(call).(*types.Tuple); ok && tuple.Len() > 1 && (all || l.suspends(call)) {
				y.Fun = l.callFun(x.Fun, true)
				y.Args = l.refs(l.tuple(call, tuple))
				return &y
			}
		}
	}
	es := append([]ast.Expr{x.Fun}, x.Args...)
	last := len(es)
	if !all {
		last = -1
		for i, e := range es {
			if !l.isType(e) && l.suspends(e) {
				last = i
			}
		}
	}
	if last >= 0 {
		y.Fun = l.callFun(x.Fun, last > 0)
	}
	y.Args = make([]ast.Expr, len(x.Args))
	for i, a := range x.Args {
		switch {
		case l.isType(a) || i+1 > last:
			y.Args[i] = a
		case i+1 < last:
			y.Args[i] = l.settle(a)
		default:
			y.Args[i] = l.expr(a)
		}
	}
	return &y
}

// callFun evaluates what is called. A suspension follows if before is set.
func (l *lowering) callFun(fun ast.Expr, before bool) ast.Expr {
	x, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		if lit, ok := ast.Unparen(fun).(*ast.FuncLit); ok {
			return lit
		}
		return l.one(fun, before)
	}
	sel := l.u.info.Selections[x]
	if sel == nil {
		return fun
	}
	return &ast.SelectorExpr{X: l.one(x.X, before), Sel: x.Sel}
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// tuple calls a function of several results and keeps them.
func (l *lowering) tuple(call *ast.CallExpr, t *types.Tuple) []*variable {
	if l.isSuspension(call) {
		return l.awaitTemps(call)
	}
	y := l.operands(call)
	temps := make([]*variable, t.Len())
	for i := range temps {
		temps[i] = l.temp("t", t.At(i).Type())
	}
	l.do(&ast.AssignStmt{Lhs: l.refs(temps), Tok: token.ASSIGN, Rhs: []ast.Expr{y}, TokPos: l.pos})
	return temps
}

// commaOk evaluates the operands of an assignment whose last element is an
// operation with an optional second result: a type assertion, a map index, or a call of several results.
func (l *lowering) commaOk(es []ast.Expr) []ast.Expr {
	n := len(es) - 1
	suspends := l.suspends(es[n])
	out := append(l.list(es[:n], suspends), es[n])
	if !suspends {
		return out
	}
	switch x := es[n].(type) {
	case *ast.TypeAssertExpr:
		out[n] = &ast.TypeAssertExpr{X: l.expr(x.X), Lparen: x.Lparen, Type: x.Type, Rparen: x.Rparen}
	case *ast.IndexExpr:
		xs := l.exprs([]ast.Expr{x.X, x.Index})
		out[n] = &ast.IndexExpr{X: xs[0], Lbrack: x.Lbrack, Index: xs[1], Rbrack: x.Rbrack}
	case *ast.CallExpr:
		out[n] = l.operands(x)
	}
	return out
}
