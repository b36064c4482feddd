package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (l *lowering) switchStmt(s *ast.SwitchStmt, lab *ast.LabeledStmt) {
	l.stmt(s.Init, nil)
	done := l.newLabel("done")
	clauses := make([]*ast.CaseClause, len(s.Body.List))
	places := make([]*label, len(clauses))
	chain := false // a case suspends: they are compared one by one
	for i, c := range s.Body.List {
		clauses[i] = c.(*ast.CaseClause)
		places[i] = l.newLabel("case")
		for _, e := range clauses[i].List {
			chain = chain || l.suspends(e)
		}
	}
	tag := s.Tag
	if tag != nil && l.suspends(tag) {
		tag = l.expr(tag)
	}
	if chain {
		l.caseChain(s, tag, clauses, places, done)
	} else {
		l.caseSwitch(s, tag, clauses, places, done)
	}
	for i, c := range clauses {
		l.place(places[i])
		next := done
		if i+1 < len(places) {
			next = places[i+1]
		}
		l.targets = append(l.targets, target{stmt: s, name: l.labelObj(lab), brk: done, next: next})
		l.block(c.Body)
		l.targets = l.targets[:len(l.targets)-1]
		l.jump(done)
	}
	l.place(done)
}

// caseSwitch keeps the switch, with jumps as its bodies.
func (l *lowering) caseSwitch(s *ast.SwitchStmt, tag ast.Expr, clauses []*ast.CaseClause, places []*label, done *label) {
	out := &ast.SwitchStmt{Switch: s.Switch, Tag: tag, Body: &ast.BlockStmt{}}
	byDefault := done
	for i, c := range clauses {
		if c.List == nil {
			byDefault = places[i]
			continue
		}
		out.Body.List = append(out.Body.List, &ast.CaseClause{List: c.List, Body: []ast.Stmt{l.goTo(places[i])}})
	}
	l.do(out)
	l.jump(byDefault)
}

// caseChain compares case by case.
func (l *lowering) caseChain(s *ast.SwitchStmt, tag ast.Expr, clauses []*ast.CaseClause, places []*label, done *label) {
	var t *variable
	if tag != nil {
		t = l.temp("tag", types.Default(l.u.info.TypeOf(s.Tag)))
		l.set(t, tag)
	}
	byDefault := done
	for i, c := range clauses {
		if c.List == nil {
			byDefault = places[i]
		}
		for _, e := range c.List {
			cond := l.expr(e)
			switch {
			case t != nil:
				cond = &ast.BinaryExpr{X: l.ref(t), Op: token.EQL, Y: &ast.ParenExpr{X: cond}}
			case types.IsInterface(l.u.info.TypeOf(e)):
				cond = &ast.BinaryExpr{X: name(l.u.truth(true)), Op: token.EQL, Y: &ast.ParenExpr{X: cond}}
			}
			l.branch(cond, false, places[i])
		}
	}
	l.jump(byDefault)
}

func (l *lowering) typeSwitchStmt(s *ast.TypeSwitchStmt, lab *ast.LabeledStmt) {
	l.stmt(s.Init, nil)
	done := l.newLabel("done")
	var x *ast.TypeAssertExpr
	var bound *ast.Ident
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = ast.Unparen(a.X).(*ast.TypeAssertExpr)
	case *ast.AssignStmt:
		x = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr)
		bound = a.Lhs[0].(*ast.Ident)
	}
	subject := &ast.TypeAssertExpr{X: l.expr(x.X)}
	out := &ast.TypeSwitchStmt{Switch: s.Switch, Assign: &ast.ExprStmt{X: subject}, Body: &ast.BlockStmt{}}
	symbol := ""
	if bound != nil {
		for _, c := range s.Body.List {
			if l.implicitUsed(l.u.info.Implicits[c]) {
				symbol = l.fresh(bound.Name)
			}
		}
	}
	if symbol != "" {
		out.Assign = &ast.AssignStmt{Lhs: []ast.Expr{name(symbol)}, Tok: token.DEFINE, Rhs: []ast.Expr{subject}}
	}
	places := make([]*label, len(s.Body.List))
	hasDefault := false
	for i, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		places[i] = l.newLabel("case")
		hasDefault = hasDefault || c.List == nil
		clause := &ast.CaseClause{List: c.List}
		if obj := l.u.info.Implicits[c]; symbol != "" && l.implicitUsed(obj) {
			v := l.declare(obj)
			clause.Body = append(clause.Body, &bindStmt{v: v, value: name(symbol)})
		}
		clause.Body = append(clause.Body, l.goTo(places[i]))
		out.Body.List = append(out.Body.List, clause)
	}
	l.do(out)
	l.jump(done)
	for i, c := range s.Body.List {
		l.place(places[i])
		l.targets = append(l.targets, target{stmt: s, name: l.labelObj(lab), brk: done})
		l.block(c.(*ast.CaseClause).Body)
		l.targets = l.targets[:len(l.targets)-1]
		l.jump(done)
	}
	l.place(done)
}

// implicitUsed reports whether the clause's own variable occurs in the clause.
func (l *lowering) implicitUsed(obj types.Object) bool { return obj != nil && l.usedObjs[obj] }
