package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// leakWalker finds the sites of one node.
type leakWalker struct {
	c      *leakCheck
	n      *caller
	async  bool // the code is lifted
	locals map[*types.Var][]ast.Expr
}

func (w *leakWalker) walk(n ast.Node) {
	if n != nil {
		ast.Inspect(n, w.visit)
	}
}

func (w *leakWalker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		return false
	case *ast.GoStmt:
		for _, a := range n.Call.Args {
			w.walk(a)
		}
		w.walk(n.Call.Fun)
		return false
	case *ast.CallExpr:
		if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
			for _, a := range n.Args {
				w.walk(a)
			}
			w.walk(lit.Body)
			return false
		}
		w.call(n)
	case *ast.SendStmt:
		w.operation(n.Arrow, "sends to a channel")
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			w.operation(n.Pos(), "receives from a channel")
		}
	case *ast.SelectStmt:
		w.selects(n)
		return false
	case *ast.RangeStmt:
		switch w.typeOf(n.X).(type) {
		case *types.Chan:
			w.operation(n.Pos(), "ranges over a channel")
		case *types.Signature:
			w.iterator(n)
		}
	}
	return true
}

// iterator notes what the function that n ranges over reaches.
func (w *leakWalker) iterator(n *ast.RangeStmt) {
	x := unconverted(w.c.u.info, n.X)
	if lit, ok := x.(*ast.FuncLit); ok {
		(&leakWalker{c: w.c, n: w.n, locals: w.locals}).walk(lit.Body)
		return
	}
	var call *ast.CallExpr
	if w.c.u.rangeTwin(n) != nil {
		call = w.c.u.rangeCall(n)
	}
	w.callee(n.X, x, call)
}

// typeOf returns the type underneath that of e, or underneath all types of its type
// parameter.
func (w *leakWalker) typeOf(e ast.Expr) types.Type {
	if t := w.c.u.info.TypeOf(e); t != nil {
		return coreType(t)
	}
	return nil
}

func (w *leakWalker) selects(n *ast.SelectStmt) {
	switch {
	case len(n.Body.List) == 0:
		w.operation(n.Pos(), "waits for ever in a select without cases")
	case !hasDefault(n):
		w.operation(n.Pos(), "waits in a select")
	}
	for _, clause := range n.Body.List {
		clause := clause.(*ast.CommClause)
		for _, e := range commOperands(clause.Comm) {
			w.walk(e)
		}
		for _, s := range clause.Body {
			w.walk(s)
		}
	}
}

// operation notes an operation of the language that blocks, but suspends in async
// code.
func (w *leakWalker) operation(pos token.Pos, what string) {
	s := w.c.step(pos, stepLiftable)
	s.Name = what
	w.add(site{pos: pos, lifted: w.async, first: s}, pos)
}

func (w *leakWalker) add(s site, at ...token.Pos) {
	for _, pos := range at {
		if w.c.silence.line(w.c.u.fset, pos) {
			return
		}
	}
	w.n.sites = append(w.n.sites, s)
}

// call notes what a call may reach.
func (w *leakWalker) call(call *ast.CallExpr) {
	if tv := w.c.u.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return
	}
	f := w.callee(call, call.Fun, call)
	if f == nil {
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fromStdin[f.FullName()] && w.isStdin(sel.X) {
		w.add(w.stdin(call.Pos(), f.Name()), call.Pos())
	}
	for _, g := range givenTo[f.Origin().FullName()] {
		w.given(call, f, g)
	}
}

// callee notes what calling fun reaches, at n. call is the call if it is one that
// could be lifted. It returns the function if it is known and does not block.
func (w *leakWalker) callee(n ast.Node, fun ast.Expr, call *ast.CallExpr) *types.Func {
	if f, recv := w.static(fun); f != nil {
		if w.isMethodExpr(fun) {
			call = nil
		}
		s, ok := w.reach(w.place(n, fun), f, recv, call)
		if !ok {
			return f
		}
		w.add(s, n.Pos(), s.pos)
		return nil
	}
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := w.c.u.info.Uses[id].(*types.Var)
	for _, e := range w.locals[v] {
		if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
			s := w.c.step(n.Pos(), stepLit)
			s.Pkg, s.Name = w.c.u.pkg.Path(), v.Name()
			w.add(site{pos: n.Pos(), first: s, callee: w.literal(lit, v.Name())}, n.Pos())
			continue
		}
		f, recv := w.static(e)
		if f == nil {
			continue
		}
		if s, ok := w.reach(n.Pos(), f, recv, nil); ok {
			s.first.Through = v.Name()
			w.add(s, n.Pos())
		}
	}
	return nil
}

// literal returns the node of a literal that a local variable calls. Its code is not
// lifted, wherever it stands.
func (w *leakWalker) literal(lit *ast.FuncLit, name string) *caller {
	if n := w.c.nodes[lit]; n != nil {
		return n
	}
	n := &caller{name: name}
	w.c.add(lit, n)
	(&leakWalker{c: w.c, n: n, locals: w.locals}).walk(lit.Body)
	return n
}

// reach returns the site at pos that a call of f is, if it may block. recv is the
// type that f is selected from if it is a method.
func (w *leakWalker) reach(pos token.Pos, f *types.Func, recv types.Type, call *ast.CallExpr) (site, bool) {
	f = f.Origin()
	if f.Pkg() == nil {
		return site{}, false
	}
	full := f.FullName()
	if neverBlocks[full] {
		return site{}, false
	}
	u := w.c.u
	s := site{pos: pos, first: w.c.step(pos, stepFunc)}
	s.first.Pkg, s.first.PkgName, s.first.Name = f.Pkg().Path(), f.Pkg().Name(), f.Name()
	if named := namedOf(recv); named != nil {
		s.first.Name = named.Name() + "." + f.Name()
		if named.Pkg() != nil {
			s.first.Pkg, s.first.PkgName = named.Pkg().Path(), named.Pkg().Name()
		}
	}
	twinned := false
	if call != nil {
		twinned = u.twin(call) != nil
		s.lifted = w.async && (twinned || u.isAwait(call))
	} else {
		twinned = hasTwin(f, recv)
	}
	if instead, ok := blockingFuncs[full]; ok {
		s.first.Kind, s.first.Instead = stepBlocking, instead
		return s, true
	}
	if full == futurePath+".Await" {
		s.first.Kind = stepLiftable
		return s, true
	}
	n := w.c.nodes[f]
	if n != nil && (n.marked || !twinned) {
		if n.marked {
			s.first.Kind = stepMarked
		}
		s.callee = n
		return s, true
	}
	if n == nil && f.Pkg() != u.pkg {
		if fact := w.c.colourOf(f); fact != nil && (fact.Marked || !twinned) {
			if fact.Marked {
				s.first.Kind = stepMarked
			}
			s.rest = fact.Path
			return s, fact.Path != nil
		}
	}
	s.first.Kind = stepLiftable
	return s, twinned
}

// given notes that a call of f, which calls a method of what it is given, may block.
func (w *leakWalker) given(call *ast.CallExpr, f *types.Func, g given) {
	if g.arg >= len(call.Args) {
		return
	}
	arg := call.Args[g.arg]
	t := w.c.u.info.TypeOf(arg)
	m := method(t, g.method)
	if m == nil {
		return
	}
	s, ok := w.reach(call.Pos(), m, t, nil)
	if !ok && g.method == "Read" && w.isStdin(arg) {
		s, ok = w.stdin(call.Pos(), g.method), true
	}
	if !ok {
		return
	}
	name := s.first.callee(w.c.u.pkg.Path())
	s.first.Kind, s.first.Instead = stepGiven, ""
	s.first.Pkg, s.first.PkgName, s.first.Name = f.Pkg().Path(), f.Pkg().Name(), f.Name()+" and so "+name
	w.add(s, call.Pos())
}
