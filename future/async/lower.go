package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// lowering turns the body of a function into nodes, statement by statement.
type lowering struct {
	*function
	targets []target // enclosing statements that break and continue may mean
	exit    *label   // where return goes
	pos     token.Pos
}

type target struct {
	stmt ast.Stmt
	name types.Object // its label, or nil
	brk  *label
	cont *label // of loops
	next *label // of switches: where fallthrough goes
	iter *leaving
	loop bool // of plain statements
}

func (l *lowering) add(n *node) *node {
	if n.pos == token.NoPos {
		n.pos = l.pos
	}
	l.nodes = append(l.nodes, n)
	return n
}

func (l *lowering) newLabel(hint string) *label {
	return &label{name: l.fresh(hint)}
}

// place puts the label here.
func (l *lowering) place(at *label) {
	at.node = l.add(&node{kind: nodeLabel, label: at})
}

func (l *lowering) jump(to *label) {
	to.refs++
	l.add(&node{kind: nodeJump, to: to})
}

// branch jumps if cond holds, or with not if it does not.
func (l *lowering) branch(cond ast.Expr, not bool, to *label) {
	to.refs++
	l.add(&node{kind: nodeBranch, cond: cond, not: not, to: to})
}

func (l *lowering) do(s ast.Stmt) { l.add(&node{kind: nodePlain, stmt: s}) }

// Making syntax.

func (l *lowering) ref(v *variable) *ast.Ident {
	id := &ast.Ident{Name: v.name, NamePos: l.pos}
	l.byIdent[id] = v
	return id
}

func (l *lowering) set(v *variable, e ast.Expr) {
	l.do(&ast.AssignStmt{Lhs: []ast.Expr{l.ref(v)}, Tok: token.ASSIGN, Rhs: []ast.Expr{e}, TokPos: l.pos})
}

func intLit(n int) ast.Expr { return &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(n)} }

func name(s string) *ast.Ident { return &ast.Ident{Name: s} }

func callOf(fun ast.Expr, args ...ast.Expr) *ast.CallExpr { return &ast.CallExpr{Fun: fun, Args: args} }

// goTo is a jump within a plain node.
func (l *lowering) goTo(to *label) *ast.BranchStmt {
	to.refs++
	s := &ast.BranchStmt{Tok: token.GOTO, Label: name(to.name), TokPos: l.pos}
	l.gotos[s] = to
	return s
}

// temp makes a variable of the translation's own.
func (l *lowering) temp(hint string, t types.Type) *variable {
	if t == nil {
		t = types.Typ[types.Invalid]
	}
	return l.newVar(hint, types.Default(t), nil)
}

// declare makes the variable for an object of the source.
func (l *lowering) declare(obj types.Object) *variable {
	if obj == nil {
		return nil
	}
	if v := l.byObj[obj]; v != nil {
		return v
	}
	v := l.newVar(obj.Name(), obj.Type(), obj.(*types.Var))
	x := l.facts[obj]
	v.boxed = l.needsBox(obj)
	v.pinned = !v.boxed && (x.refers() || x != nil && x.lent && !x.byValue())
	l.byObj[obj] = v
	return v
}

// Statements.

func (l *lowering) block(list []ast.Stmt) {
	for _, s := range list {
		l.stmt(s, nil)
	}
}

func (l *lowering) stmt(s ast.Stmt, lab *ast.LabeledStmt) {
	if s == nil {
		return
	}
	was := l.pos
	l.pos = s.Pos()
	defer func() { l.pos = was }()
	switch s := s.(type) {
	case *ast.LabeledStmt:
		l.labeled(s)
		return
	case *ast.DeclStmt:
		l.declStmt(s)
		return
	case *ast.AssignStmt:
		l.assignStmt(s)
		return
	case *ast.ReturnStmt:
		l.returnStmt(s)
		return
	case *ast.DeferStmt:
		l.deferStmt(s)
		return
	case *ast.BranchStmt:
		l.branchStmt(s)
		return
	case *ast.BlockStmt:
		if l.flat(s) {
			l.block(s.List)
			return
		}
	case *ast.EmptyStmt:
		return
	}
	if !l.flat(s) {
		l.plain(s, lab)
		return
	}
	switch s := s.(type) {
	case *ast.ExprStmt:
		l.exprStmt(s)
	case *ast.IncDecStmt:
		l.do(&ast.IncDecStmt{X: l.expr(s.X), Tok: s.Tok, TokPos: s.TokPos})
	case *ast.SendStmt:
		l.sendStmt(s)
	case *ast.GoStmt:
		l.goStmt(s)
	case *ast.IfStmt:
		l.ifStmt(s)
	case *ast.ForStmt:
		l.forStmt(s, lab)
	case *ast.RangeStmt:
		l.rangeStmt(s, lab)
	case *ast.SwitchStmt:
		l.switchStmt(s, lab)
	case *ast.TypeSwitchStmt:
		l.typeSwitchStmt(s, lab)
	case *ast.SelectStmt:
		l.selectStmt(s, lab)
	default:
		l.fail(s.Pos(), "a statement of this kind cannot contain a suspension point", "move the call out of it")
	}
}

// flat reports whether s must be taken apart. Labels that are jumped to from
// elsewhere never lie within another statement: the language forbids jumps into blocks.
func (l *lowering) flat(s ast.Stmt) bool {
	if l.suspends(s) {
		return true
	}
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			switch coreType(l.u.info.TypeOf(n.X)).(type) {
			case nil, *types.Signature: // such a body is never taken apart
				return false
			}
		case *ast.AssignStmt:
			found = found || l.inTurn(n.Lhs, n.Rhs) || len(n.Lhs) > len(n.Rhs) && l.targetsInTurn(n.Lhs)
		case *ast.ReturnStmt:
			found = found || l.inTurn(nil, n.Results)
		}
		return !found
	})
	return found
}

func (l *lowering) labeled(s *ast.LabeledStmt) {
	obj := l.u.info.Defs[s.Label]
	if l.jumpedTo[obj] {
		lab := l.labelFor(obj)
		l.place(lab)
	}
	l.stmt(s.Stmt, s)
}

func (l *lowering) labelFor(obj types.Object) *label {
	lab := l.labels[obj]
	if lab == nil {
		lab = l.newLabel(obj.Name())
		l.labels[obj] = lab
	}
	return lab
}

func (l *lowering) labelObj(s *ast.LabeledStmt) types.Object {
	if s == nil {
		return nil
	}
	return l.u.info.Defs[s.Label]
}

// within lowers a body within which break and continue mean these labels.
func (l *lowering) within(s ast.Stmt, lab *ast.LabeledStmt, brk, cont *label, body func()) {
	l.targets = append(l.targets, target{stmt: s, name: l.labelObj(lab), brk: brk, cont: cont})
	body()
	l.targets = l.targets[:len(l.targets)-1]
}

// branchTarget finds what a break, continue or goto means.
func (l *lowering) branchTarget(s *ast.BranchStmt) *label {
	if s.Tok == token.GOTO {
		obj := l.u.info.Uses[s.Label]
		return l.leave(l.labelFor(obj), l.enclosing(obj.Pos()))
	}
	for i := len(l.targets) - 1; i >= 0; i-- {
		t := l.targets[i]
		if s.Label != nil && t.name != l.u.info.Uses[s.Label] {
			continue
		}
		if s.Tok == token.BREAK && (s.Label != nil || t.brk != nil) {
			return l.leave(t.brk, i)
		}
		if s.Tok == token.CONTINUE && t.cont != nil {
			return l.leave(t.cont, i+1)
		}
		if s.Tok == token.FALLTHROUGH && t.next != nil {
			return t.next
		}
	}
	return nil
}

func (l *lowering) branchStmt(s *ast.BranchStmt) {
	if to := l.branchTarget(s); to != nil {
		l.jump(to)
	}
}

func (l *lowering) exprStmt(s *ast.ExprStmt) {
	x := ast.Unparen(s.X)
	if call, ok := x.(*ast.CallExpr); ok && l.isSuspension(call) {
		l.await(call, nil)
		return
	}
	if recv, ok := x.(*ast.UnaryExpr); ok && recv.Op == token.ARROW {
		l.receive(recv, nil, nil)
		return
	}
	l.do(&ast.ExprStmt{X: l.expr(s.X)})
}

func (l *lowering) goStmt(s *ast.GoStmt) {
	l.refuseYield(s)
	call := l.operands(s.Call)
	l.do(&ast.GoStmt{Call: call, Go: s.Go})
}

func (l *lowering) ifStmt(s *ast.IfStmt) {
	l.stmt(s.Init, nil)
	after := l.newLabel("endif")
	otherwise := after
	if s.Else != nil {
		otherwise = l.newLabel("else")
	}
	l.cond(s.Cond, false, otherwise)
	l.block(s.Body.List)
	if s.Else != nil {
		l.jump(after)
		l.place(otherwise)
		l.stmt(s.Else, nil)
	}
	l.place(after)
}

// cond jumps to the label unless e is want.
func (l *lowering) cond(e ast.Expr, unless bool, to *label) {
	l.branch(l.expr(e), !unless, to)
}

func (l *lowering) declStmt(s *ast.DeclStmt) {
	d := s.Decl.(*ast.GenDecl)
	switch d.Tok {
	case token.CONST:
		for _, spec := range d.Specs {
			for _, id := range spec.(*ast.ValueSpec).Names {
				l.consts[l.u.info.Defs[id]] = true
			}
		}
	case token.TYPE:
		for _, spec := range d.Specs {
			l.localType(spec.(*ast.TypeSpec))
		}
	case token.VAR:
		for _, spec := range d.Specs {
			l.varSpec(spec.(*ast.ValueSpec))
		}
	}
}

func (l *lowering) varSpec(s *ast.ValueSpec) {
	if len(s.Values) == 0 {
		for _, id := range s.Names {
			if id.Name != "_" {
				v := l.declare(l.u.info.Defs[id])
				l.bind(v, nil)
			}
		}
		return
	}
	lhs, rhs := make([]ast.Expr, len(s.Names)), slices.Clone(s.Values)
	for i, id := range s.Names {
		lhs[i] = id
	}
	for i := len(lhs) - 1; i >= 0 && len(lhs) == len(rhs); i-- {
		if s.Names[i].Name == "_" && l.u.info.Types[rhs[i]].IsNil() {
			lhs, rhs = slices.Delete(lhs, i, i+1), slices.Delete(rhs, i, i+1) // no assignment may give that to a blank
		}
	}
	if len(lhs) > 0 {
		l.assign(lhs, rhs, true, s.Type)
	}
}

// bind gives a newly declared variable its value; nil is the zero value.
func (l *lowering) bind(v *variable, e ast.Expr) {
	l.add(&node{kind: nodePlain, stmt: &bindStmt{v: v, value: e, EmptyStmt: ast.EmptyStmt{Semicolon: l.pos}}})
}

func (l *lowering) returnStmt(s *ast.ReturnStmt) {
	l.setResults(s.Results)
	l.jump(l.leave(l.exit, 0))
}

// setResults gives the results their values.
func (l *lowering) setResults(es []ast.Expr) {
	switch {
	case len(es) == 0:
	case len(es) == 1 && len(l.results) > 1:
		call := ast.Unparen(es[0]).(*ast.CallExpr)
		if l.isSuspension(call) {
			if l.directResults(l.resultTypes(call, 0)) {
				l.await(call, l.results)
				return
			}
			temps := l.awaitTemps(call)
			l.setEach(l.refs(temps))
			return
		}
		l.do(&ast.AssignStmt{Lhs: l.refs(l.results), Tok: token.ASSIGN, Rhs: []ast.Expr{l.expr(call)}, TokPos: l.pos})
	case len(es) == 1:
		if call := asCall(ast.Unparen(es[0])); call != nil && l.isSuspension(call) && !l.isAwait(call) && l.directResults(l.resultTypes(call, 0)) {
			l.await(call, l.results)
			return
		}
		l.setEach(l.exprs(es))
	case l.inTurn(nil, es):
		l.resultsOneByOne(es, l.exprsBefore(es))
	default:
		l.setEach(l.exprs(es))
	}
}

func (l *lowering) directResults(ts []types.Type) bool {
	for i, v := range l.results {
		if v.boxed || !types.Identical(v.typ, ts[i]) {
			return false
		}
	}
	return true
}

func (l *lowering) refs(vars []*variable) []ast.Expr {
	out := make([]ast.Expr, len(vars))
	for i, v := range vars {
		out[i] = l.ref(v)
	}
	return out
}

func (l *lowering) setEach(es []ast.Expr) {
	if s := l.resultAssign(es); s != nil {
		l.do(s)
	}
}

// resultAssign assigns the values of a return statement, those left out that are the
// result itself.
func (l *lowering) resultAssign(es []ast.Expr) ast.Stmt {
	s := &ast.AssignStmt{Tok: token.ASSIGN, TokPos: l.pos}
	for i, v := range l.results {
		if len(es) == len(l.results) {
			if id, ok := ast.Unparen(es[i]).(*ast.Ident); ok && l.variable(id) == v {
				continue
			}
		}
		s.Lhs = append(s.Lhs, l.ref(v))
		if len(es) == len(l.results) {
			s.Rhs = append(s.Rhs, es[i])
		}
	}
	if len(es) != len(l.results) {
		s.Rhs = es
	}
	if len(s.Lhs) == 0 {
		return nil
	}
	return s
}
