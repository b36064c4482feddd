package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// receive is <-ch into variables, which may be nil.
func (l *lowering) receive(x *ast.UnaryExpr, v, ok *variable) {
	l.receiveFrom(l.expr(x.X), l.elem(x), v, ok)
}

func (l *lowering) receiveFrom(ch ast.Expr, elem types.Type, v, ok *variable) {
	child := l.child(l.u.frameType("RecvFuture", elem), "recv")
	l.do(&ast.ExprStmt{X: callOf(&ast.SelectorExpr{X: l.ref(child), Sel: name("Init")}, ch)})
	l.suspend(&await{child: child, what: "a receive", results: []*variable{v, ok}, none: v == nil && ok == nil})
}

func (l *lowering) sendStmt(s *ast.SendStmt) {
	xs := l.exprs([]ast.Expr{s.Chan, s.Value})
	child := l.child(l.u.frameType("SendFuture", chanOf(l.u.info.TypeOf(s.Chan)).Elem()), "send")
	l.do(&ast.ExprStmt{X: callOf(&ast.SelectorExpr{X: l.ref(child), Sel: name("Init")}, xs...)})
	l.suspend(&await{child: child, what: "a send", none: true})
}

// A select evaluates its operands once and in order, tries with a default, and if
// nothing is ready has a pooled goroutine perform the same select with a case to stop it.
func (l *lowering) selectStmt(s *ast.SelectStmt, lab *ast.LabeledStmt) {
	done := l.newLabel("done")
	cases := make([]*selectCase, len(s.Body.List))
	var byDefault *label
	for i, c := range s.Body.List {
		clause := c.(*ast.CommClause)
		k := &selectCase{clause: clause, place: l.newLabel("case")}
		cases[i] = k
		if clause.Comm == nil {
			byDefault = k.place
			continue
		}
		l.commOperands(k)
	}
	if len(cases) == 0 { // for ever
		ch := l.temp("never", types.NewChan(types.RecvOnly, types.NewStruct(nil, nil)))
		l.set(ch, name(l.predeclared("nil")))
		l.receiveFrom(l.ref(ch), types.NewStruct(nil, nil), nil, nil)
		return
	}
	try := &ast.SelectStmt{Select: s.Select, Body: &ast.BlockStmt{}}
	for _, k := range cases {
		if k.clause.Comm != nil {
			for _, v := range []*variable{k.v, k.ok} {
				if v != nil {
					l.bind(v, nil)
				}
			}
			try.Body.List = append(try.Body.List, &ast.CommClause{Comm: k.comm(l, k.v, k.ok), Body: []ast.Stmt{l.goTo(k.place)}})
		}
	}
	try.Body.List = append(try.Body.List, &ast.CommClause{})
	l.do(try)
	if byDefault != nil {
		l.jump(byDefault)
	} else {
		l.waitSelect(s, cases)
	}
	for _, k := range cases {
		l.place(k.place)
		l.targets = append(l.targets, target{stmt: s, name: l.labelObj(lab), brk: done})
		k.store(l)
		l.block(k.clause.Body)
		l.targets = l.targets[:len(l.targets)-1]
		l.jump(done)
	}
	l.place(done)
}

type selectCase struct {
	clause *ast.CommClause
	place  *label
	ch     *variable
	send   *variable // the value, of a send
	v, ok  *variable // of a receive, if wanted
	lhs    []ast.Expr
	define bool
}

func (l *lowering) commOperands(k *selectCase) {
	was := l.pos
	l.pos = k.clause.Pos()
	defer func() { l.pos = was }()
	var ch ast.Expr
	switch c := k.clause.Comm.(type) {
	case *ast.SendStmt:
		k.ch = l.temp("ch", l.u.info.TypeOf(c.Chan))
		k.send = l.temp("v", chanOf(l.u.info.TypeOf(c.Chan)).Elem())
		l.set(k.ch, l.expr(c.Chan))
		l.set(k.send, l.expr(c.Value))
		return
	case *ast.ExprStmt:
		ch = ast.Unparen(c.X).(*ast.UnaryExpr).X
	case *ast.AssignStmt:
		ch = ast.Unparen(c.Rhs[0]).(*ast.UnaryExpr).X
		k.lhs, k.define = c.Lhs, c.Tok == token.DEFINE
	}
	t := l.u.info.TypeOf(ch)
	k.ch = l.temp("ch", t)
	l.set(k.ch, l.expr(ch))
	for i, e := range k.lhs {
		if wanted(e) == nil {
			continue
		}
		if i == 0 {
			k.v = l.temp("v", chanOf(t).Elem())
		} else {
			k.ok = l.temp("ok", types.Typ[types.Bool])
		}
	}
}

// comm is the communication on the operands that were evaluated; what is received
// goes to v and ok, which may be nil.
func (k *selectCase) comm(l *lowering, v, ok *variable) ast.Stmt {
	if k.send != nil {
		return &ast.SendStmt{Chan: l.ref(k.ch), Value: l.ref(k.send)}
	}
	recv := &ast.UnaryExpr{Op: token.ARROW, X: l.ref(k.ch)}
	blank := func(v *variable) ast.Expr {
		if v == nil {
			return name("_")
		}
		return l.ref(v)
	}
	switch {
	case ok != nil:
		return &ast.AssignStmt{Lhs: []ast.Expr{blank(v), blank(ok)}, Tok: token.ASSIGN, Rhs: []ast.Expr{recv}}
	case v != nil:
		return &ast.AssignStmt{Lhs: []ast.Expr{blank(v)}, Tok: token.ASSIGN, Rhs: []ast.Expr{recv}}
	}
	return &ast.ExprStmt{X: recv}
}

// store gives what was received to the operands on the left, which are evaluated
// only now that the case is chosen.
func (k *selectCase) store(l *lowering) {
	var lhs []ast.Expr
	var rhs []ast.Expr
	for i, v := range []*variable{k.v, k.ok} {
		if v == nil {
			continue
		}
		e := k.lhs[i]
		if id, ok := e.(*ast.Ident); ok && k.define && l.u.info.Defs[id] != nil {
			l.bind(l.declare(l.u.info.Defs[id]), l.ref(v))
			continue
		}
		lhs, rhs = append(lhs, e), append(rhs, l.flag(l.u.info.TypeOf(e), v))
	}
	if len(lhs) > 0 {
		l.do(&ast.AssignStmt{Lhs: l.exprs(lhs), Tok: token.ASSIGN, Rhs: rhs, TokPos: l.pos})
	}
}

// waitSelect waits for one of the cases. What the goroutine receives it leaves in
// boxes: an abort may end the function, and give its frame away, before that.
func (l *lowering) waitSelect(s *ast.SelectStmt, cases []*selectCase) {
	stop := l.fresh("stop")
	wait := &ast.SelectStmt{Body: &ast.BlockStmt{}}
	pick := &ast.SwitchStmt{Body: &ast.BlockStmt{}}
	moves := make([][]ast.Stmt, len(cases)) // out of the boxes
	for i, k := range cases {
		in := func(v *variable) *variable {
			if v == nil {
				return nil
			}
			box := l.temp(v.name, v.typ)
			box.boxed = true
			l.bind(box, nil)
			moves[i] = append(moves[i], &ast.AssignStmt{Lhs: []ast.Expr{l.ref(v)}, Tok: token.ASSIGN, Rhs: []ast.Expr{l.ref(box)}, TokPos: l.pos})
			return box
		}
		wait.Body.List = append(wait.Body.List, &ast.CommClause{Comm: k.comm(l, in(k.v), in(k.ok)), Body: []ast.Stmt{&ast.ReturnStmt{Results: []ast.Expr{intLit(i)}}}})
	}
	wait.Body.List = append(wait.Body.List, &ast.CommClause{
		Comm: &ast.ExprStmt{X: &ast.UnaryExpr{Op: token.ARROW, X: name(stop)}},
		Body: []ast.Stmt{&ast.ReturnStmt{Results: []ast.Expr{&ast.UnaryExpr{Op: token.SUB, X: intLit(1)}}}},
	})
	run := &ast.FuncLit{
		Type: &ast.FuncType{
			Params:  &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{name(stop)}, Type: &ast.ChanType{Dir: ast.RECV, Value: &ast.StructType{Fields: &ast.FieldList{}}}}}},
			Results: &ast.FieldList{List: []*ast.Field{{Type: l.builtin("int")}}},
		},
		Body: &ast.BlockStmt{List: []ast.Stmt{wait}},
	}
	child := l.child(l.u.frameType("SelectFuture"), "sel")
	l.do(&ast.ExprStmt{X: callOf(&ast.SelectorExpr{X: l.ref(child), Sel: name("Init")}, run)})
	chosen := l.temp("chosen", types.Typ[types.Int])
	l.suspend(&await{child: child, what: "a select", results: []*variable{chosen}})
	last := len(cases) - 1
	for i, k := range cases[:last] {
		pick.Body.List = append(pick.Body.List, &ast.CaseClause{List: []ast.Expr{intLit(i)}, Body: append(moves[i], l.goTo(k.place))})
	}
	pick.Tag = l.ref(chosen)
	if len(cases) > 1 {
		l.do(pick)
	}
	for _, m := range moves[last] {
		l.do(m)
	}
	l.jump(cases[last].place)
}
