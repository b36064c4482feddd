package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// overFunc is a range over a function. The iterator runs on a goroutine of its own,
// with which a frame.FuncIter takes turns: see there. All ways out of the body but
// those to its end lead past a Stop.
func (r *ranging) overFunc(sig *types.Signature) {
	l := r.lowering
	l.defers = true // a panic of the body passes through the iterator
	yield := coreType(sig.Params().At(0).Type()).(*types.Signature)
	of := []types.Type{types.NewStruct(nil, nil), types.NewStruct(nil, nil)}
	for i := range yield.Params().Len() {
		of[i] = yield.Params().At(i).Type()
	}
	it := l.newVar("iter", l.u.funcIter(of[0], of[1]), nil)
	it.pinned, it.field = true, true
	call := func(method string, args ...ast.Expr) *ast.CallExpr {
		return callOf(&ast.SelectorExpr{X: l.ref(it), Sel: name(method)}, args...)
	}
	init := "Init" + string(rune('0'+yield.Params().Len()))
	l.do(&ast.ExprStmt{X: call(init, &ast.UnaryExpr{Op: token.AND, X: l.field("unwind")}, r.iterator(sig, yield))})
	l.place(r.head)
	l.place(r.next)
	l.branch(call("Next", name(l.cx)), true, r.done)
	if r.key != nil || r.value != nil {
		r.iterate(call("Key"), call("Value"))
	}
	ways := &leaving{}
	l.targets = append(l.targets, target{stmt: r.s, name: l.labelObj(r.lab), brk: r.done, cont: r.next, iter: ways})
	l.block(r.s.Body.List)
	l.targets = l.targets[:len(l.targets)-1]
	l.jump(r.head)
	for _, w := range ways.ways {
		l.place(w.from)
		l.do(&ast.ExprStmt{X: call("Stop", name(l.cx))})
		l.jump(w.to)
	}
	l.place(r.done)
}

// iterator is the function that is ranged over. One whose yield has a type with a name
// is called by a literal that has not.
func (r *ranging) iterator(sig, yield *types.Signature) ast.Expr {
	l := r.lowering
	t := sig.Params().At(0).Type()
	if types.Identical(t, yield) {
		return l.expr(r.s.X)
	}
	fn := l.temp("fn", l.u.info.TypeOf(r.s.X))
	l.set(fn, l.expr(r.s.X))
	y := l.fresh("yield")
	return &ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{name(y)}, Type: l.typeExpr(yield)}}}},
		Body: &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: callOf(l.ref(fn), name(y))}}},
	}
}

// leaving is the ways out of the body of a range over a function.
type leaving struct{ ways []way }

// way is one of them: from is where the iterator is stopped, before the jump.
type way struct{ from, to *label }

func (w *leaving) past(l *lowering, to *label) *label {
	for _, x := range w.ways {
		if x.to == to {
			return x.from
		}
	}
	from := l.newLabel("stop")
	w.ways = append(w.ways, way{from, to})
	return from
}

// leave is where to jump to get to a label and out of the enclosing statements from the
// given one on, with their iterators stopped, the innermost first.
func (l *lowering) leave(to *label, outermost int) *label {
	for _, t := range l.targets[outermost:] {
		if t.iter != nil {
			to = t.iter.past(l, to)
		}
	}
	return to
}

// enclosing returns how many of the enclosing statements have pos in them.
func (l *lowering) enclosing(pos token.Pos) int {
	for i, t := range l.targets {
		if pos < t.stmt.Pos() || pos >= t.stmt.End() {
			return i
		}
	}
	return len(l.targets)
}
