package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// An assignment of several values computes all before it assigns any, says the
// language. gc computes a value early only if an assignment before may change it, or
// could be seen when a deferred call recovers (walk, ascompatee). In
//
//	x, y = 1, z/w
//
// it assigns to x before the division panics, if x is a package's variable and nothing
// points to z and w. It looks at the variables of the source for that, and would see
// fields of the frame in the output. So where it makes a difference the output has one
// assignment after the other, and temporaries for what comes early.

// turns is what gc knows of an assignment while it goes through it from left to right.
type turns struct {
	*function
	memory   bool // it has written where others may read
	result   bool // it has written a result that a recovered panic returns
	assigned map[types.Object]bool
}

func (fn *function) newTurns() *turns {
	return &turns{function: fn, assigned: make(map[types.Object]bool)}
}

// inTurn reports whether a value of an assignment of several may turn out not to exist
// after another was assigned. Without left sides the values are results.
func (fn *function) inTurn(lhs, rhs []ast.Expr) bool {
	if len(rhs) < 2 || lhs != nil && len(lhs) != len(rhs) || lhs == nil && !hasDefer(fn.body) {
		return false
	}
	t := fn.newTurns()
	found := false
	late := t.late(&found)
	for i, r := range rhs {
		var root types.Object
		if lhs == nil {
			root = fn.sig.Results().At(i)
		} else {
			_, root = t.place(lhs[i], lhs[i], late)
		}
		late(r, r)
		found = found || lhs != nil && t.isMapEntry(lhs[i]) && !t.affected(r) && t.mayFail(r)
		t.write(root)
	}
	return found
}

// late returns a function that notes in found whether an operand is late and may panic.
func (t *turns) late(found *bool) func(source, _ ast.Expr) ast.Expr {
	return func(source, _ ast.Expr) ast.Expr {
		*found = *found || (t.result || t.memory && !t.affected(source)) && t.mayPanic(source)
		return source
	}
}

// targetsInTurn is inTurn for the results of one operation, which are there: the operands of a left side
// may panic after another was assigned.
func (fn *function) targetsInTurn(lhs []ast.Expr) (found bool) {
	t := fn.newTurns()
	late := t.late(&found)
	for _, e := range lhs {
		_, root := t.place(e, e, late)
		t.write(root)
	}
	return found
}

// targetsOneByOne returns the left sides with temporaries for what comes early.
func (l *lowering) targetsOneByOne(lhs, now []ast.Expr) []ast.Expr {
	t := l.newTurns()
	out := make([]ast.Expr, len(lhs))
	for i, e := range lhs {
		var root types.Object
		out[i], root = t.place(e, now[i], t.save(l))
		t.write(root)
	}
	return out
}

// save returns a function that puts what comes early into a temporary.
func (t *turns) save(l *lowering) func(source, now ast.Expr) ast.Expr {
	return func(source, now ast.Expr) ast.Expr {
		switch tv := l.u.info.Types[source]; {
		case tv.Value != nil || tv.IsNil() || l.isTemp(now):
			return now
		case !t.affected(source):
			return t.literalsEarly(l, source, now)
		}
		return l.copied(source, now)
	}
}

// oneByOne is the assignment of values whose operands, now, have nothing early in them
// any more. vars are the variables that it declares.
func (l *lowering) oneByOne(lhs, rhs, now []ast.Expr, vars []*variable) {
	t := l.newTurns()
	save := t.save(l)
	type pair struct{ to, value ast.Expr }
	late := make([]pair, len(rhs))
	for i := range rhs {
		to, root := t.place(lhs[i], now[i], save)
		late[i] = pair{to, save(rhs[i], now[len(lhs)+i])}
		t.write(root)
	}
	for i, p := range late {
		if vars[i] != nil {
			l.bind(vars[i], p.value)
			continue
		}
		s := &ast.AssignStmt{Lhs: []ast.Expr{p.to}, Tok: token.ASSIGN, Rhs: []ast.Expr{p.value}, TokPos: l.pos}
		if l.isMapEntry(lhs[i]) && p.value == now[len(lhs)+i] && t.mayFail(rhs[i]) {
			// The entry is made before the value, unless the assignment is of one value.
			s.Lhs, s.Rhs = append(s.Lhs, name("_")), append(s.Rhs, intLit(0))
		}
		l.do(s)
	}
}

// literalsEarly returns now, which is late, with literals that are converted to interfaces in
// temporaries: their values are early.
func (t *turns) literalsEarly(l *lowering, source, now ast.Expr) ast.Expr {
	switch s := source.(type) {
	case *ast.ParenExpr:
		if n, ok := now.(*ast.ParenExpr); ok {
			return &ast.ParenExpr{Lparen: n.Lparen, X: t.literalsEarly(l, s.X, n.X), Rparen: n.Rparen}
		}
	case *ast.TypeAssertExpr:
		if n, ok := now.(*ast.TypeAssertExpr); ok {
			y := *n
			y.X = t.literalsEarly(l, s.X, n.X)
			return &y
		}
	case *ast.CallExpr:
		n, ok := now.(*ast.CallExpr)
		if !ok || len(s.Args) != 1 || !l.u.info.Types[s.Fun].IsType() {
			return now
		}
		y := *n
		if t.isLiteral(s.Args[0]) && !l.isTemp(n.Args[0]) {
			y.Args = []ast.Expr{l.copied(s.Args[0], n.Args[0])}
		} else {
			y.Args = []ast.Expr{t.literalsEarly(l, s.Args[0], n.Args[0])}
		}
		return &y
	}
	return now
}

func (fn *function) isMapEntry(e ast.Expr) bool {
	x, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, isMap := coreType(fn.u.info.TypeOf(x.X)).(*types.Map)
	return isMap
}

// resultsOneByOne is oneByOne for the results, which have no syntax.
func (l *lowering) resultsOneByOne(es, now []ast.Expr) {
	t := l.newTurns()
	late := make([]ast.Expr, len(es))
	for i, e := range es {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok && l.variable(id) == l.results[i] {
			continue
		}
		late[i] = now[i]
		if l.u.info.Types[e].Value == nil && !l.u.info.Types[e].IsNil() && !l.isTemp(now[i]) && t.affected(e) {
			late[i] = l.copied(e, now[i])
		}
		t.write(l.sig.Results().At(i))
	}
	for i, value := range late {
		if value != nil {
			l.set(l.results[i], value)
		}
	}
}

// place returns a left side with its operands replaced, and the variable that it is a
// part of, if no pointer lies between: of an element of an array the index is an
// operand, of one of a slice the slice too. The form now of the source may have
// temporaries in it.
func (t *turns) place(source, now ast.Expr, replace func(source, now ast.Expr) ast.Expr) (ast.Expr, types.Object) {
	switch s := source.(type) {
	case *ast.ParenExpr:
		if n, ok := now.(*ast.ParenExpr); ok {
			return t.place(s.X, n.X, replace)
		}
	case *ast.IndexExpr:
		if n, ok := now.(*ast.IndexExpr); ok {
			y := *n
			var root types.Object
			if isArray(t.u.info.TypeOf(s.X)) {
				y.Index = replace(s.Index, n.Index)
				y.X, root = t.place(s.X, n.X, replace)
			} else {
				y.X = replace(s.X, n.X)
				y.Index = replace(s.Index, n.Index)
			}
			return &y, root
		}
	case *ast.SelectorExpr:
		sel := t.u.info.Selections[s]
		if n, ok := now.(*ast.SelectorExpr); ok && sel != nil {
			y := *n
			var root types.Object
			if sel.Indirect() || isPointer(t.u.info.TypeOf(s.X)) {
				y.X = replace(s.X, n.X)
			} else {
				y.X, root = t.place(s.X, n.X, replace)
			}
			return &y, root
		}
		if sel == nil {
			return now, t.u.info.Uses[s.Sel]
		}
	case *ast.StarExpr:
		if n, ok := now.(*ast.StarExpr); ok {
			y := *n
			y.X = replace(s.X, n.X)
			return &y, nil
		}
	case *ast.Ident:
		return now, t.u.info.ObjectOf(s)
	}
	return now, nil
}

// write notes the assignment to a variable, or with nil to what a pointer leads to.
func (t *turns) write(root types.Object) {
	v, _ := root.(*types.Var)
	switch {
	case root == nil:
		t.memory = true
	case v == nil || v.Name() == "_" && !t.isResult(v):
	case t.isResult(v) && hasDefer(t.body) && !t.needsBox(v):
		t.result = true
	case t.inMemory(v):
		t.memory = true
	default:
		t.assigned[v] = true
	}
}

func (t *turns) isResult(v *types.Var) bool {
	for r := range t.sig.Results().Variables() {
		if r == v {
			return true
		}
	}
	return false
}

// inMemory reports whether gc takes a variable for one that others may read or write.
func (t *turns) inMemory(v *types.Var) bool {
	if isPackageLevel(v) || v.IsField() {
		return true
	}
	x := t.root().facts[v]
	if x == nil {
		return false
	}
	const small = 128
	copied := x.copied() && !t.isResult(v) && t.u.sizes != nil && !t.derived(v.Type()) && t.u.sizes.Sizeof(v.Type()) <= small
	if t.lit != nil && (v.Pos() < t.lit.Pos() || v.Pos() >= t.lit.End()) {
		// What a literal takes the value of is a parameter of one that is called at once.
		return !t.direct || !copied
	}
	return x.address || x.inner && !copied
}
