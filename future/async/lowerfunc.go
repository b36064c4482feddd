package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// overFunc is a range over a function. The iterator runs on a goroutine of its own,
// with which a frame.FuncIter takes turns, or is a future, of which a frame.StepIter
// takes care: see there.
func (r *ranging) overFunc(sig *types.Signature) {
	l := r.lowering
	l.defers = true // a panic of the body passes through the iterator
	it := r.funcIter(sig)
	if t := l.u.rangeTwin(r.s); t != nil {
		it.typ = l.u.frameType("StepIter", it.of[0], it.of[1])
		r.overTwin(it, t)
		return
	}
	it.typ = l.u.frameType("FuncIter", it.of[0], it.of[1])
	l.scanBodyRecovers(r.s, it.variable)
	l.do(it.call("Init"+it.arity, &ast.UnaryExpr{Op: token.AND, X: l.field("unwind")}, r.iterator(sig, it.yield)))
	l.place(r.head)
	l.place(r.next)
	l.branch(it.expr("Next", name(l.cx)), true, r.done)
	r.overValues(it, func() { l.do(it.call("Stop", name(l.cx))) })
}

// overTwin is a range over a function that has a twin.
func (r *ranging) overTwin(it *funcIter, t *twin) {
	l := r.lowering
	call := l.u.rangeCall(r.s)
	f, id, sel := l.u.callee(call)
	next := func() { l.suspend(&await{child: it.variable, what: f.Name(), none: true}) }
	child := l.newVar(lowerFirst(id.Name), t.fut, nil)
	child.child, child.alone, child.pinned, child.field, child.value = true, true, true, true, false
	it.child, it.alone = true, true
	if fn := l.u.origin(t); fn != nil {
		l.checkYield(r.s.X.Pos(), fn)
		l.embeds = append(l.embeds, fn)
		child.origin = fn
	}
	call = l.operands(call)
	l.do(it.call("Init", &ast.UnaryExpr{Op: token.AND, X: l.field("unwind")}))
	yield := it.expr("Yield" + it.arity)
	if t.init && l.reaches(sel) {
		args := []ast.Expr{yield}
		if sel != nil {
			args = []ast.Expr{l.receiver(call, sel, f), yield}
		}
		l.add(&node{kind: nodePlain, stmt: &bindStmt{v: child, ensure: true}})
		l.do(&ast.ExprStmt{X: callOf(&ast.SelectorExpr{X: l.ref(child), Sel: name("Init")}, args...)})
		child.init = true
	} else {
		fresh := *call
		fresh.Args = []ast.Expr{yield}
		l.set(child, l.construct(&fresh, id))
	}
	l.do(it.call("Over", &lendExpr{v: child}))
	l.place(r.head)
	l.place(r.next)
	next()
	l.branch(it.expr("More"), true, r.done)
	r.overValues(it, func() {
		l.do(it.call("Leave"))
		next()
	})
}

// funcIter is the variable of a range over a function.
type funcIter struct {
	*variable
	l     *lowering
	yield *types.Signature
	of    [2]types.Type // the values
	arity string
}

func (r *ranging) funcIter(sig *types.Signature) *funcIter {
	l := r.lowering
	yield := coreType(sig.Params().At(0).Type()).(*types.Signature)
	it := &funcIter{l: l, yield: yield, arity: strconv.Itoa(yield.Params().Len())}
	it.of = [2]types.Type{types.NewStruct(nil, nil), types.NewStruct(nil, nil)}
	for i := range yield.Params().Len() {
		it.of[i] = yield.Params().At(i).Type()
	}
	it.variable = l.newVar("iter", nil, nil)
	it.pinned, it.field = true, true
	return it
}

func (it *funcIter) expr(method string, args ...ast.Expr) ast.Expr {
	return callOf(&ast.SelectorExpr{X: it.l.ref(it.variable), Sel: name(method)}, args...)
}

func (it *funcIter) call(method string, args ...ast.Expr) ast.Stmt {
	return &ast.ExprStmt{X: it.expr(method, args...)}
}

// overValues is the loop behind the step to the next value. All ways out of the body but
// those to its end lead past stop.
func (r *ranging) overValues(it *funcIter, stop func()) {
	l := r.lowering
	if r.s.Tok == token.DEFINE {
		r.iterate(it.expr("Key"), it.expr("Value"))
	} else { // gc assigns one after the other, which it does in no other range
		value := r.value
		r.value = nil
		r.iterate(it.expr("Key"), nil)
		r.key, r.value = nil, value
		r.iterate(nil, it.expr("Value"))
	}
	ways := &leaving{}
	l.targets = append(l.targets, target{stmt: r.s, name: l.labelObj(r.lab), brk: r.done, cont: r.next, iter: ways})
	l.block(r.s.Body.List)
	l.targets = l.targets[:len(l.targets)-1]
	l.jump(r.head)
	for _, w := range ways.ways {
		l.place(w.from)
		stop()
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
