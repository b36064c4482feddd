package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// facts is what the source does with a local variable.
type facts struct {
	decl     token.Pos
	defs     int  // how often it is given a value, its declaration included
	address  bool // a pointer into it is taken: &x, x[:], x.M() of a pointer method
	captured bool // by a function literal that is a value
	inner    bool // it occurs in a literal within, of whatever kind
	changed  bool // it is assigned to after that, or before, but not in a straight line
	depth    int  // of loops around its declaration

	addressAt, capturedAt token.Pos // where that is so for the last time

	lent     bool // it occurs in a literal that is called in its place, or deferred
	deferred bool // by a literal that is deferred
	looped   bool // it is declared within a loop, or after a label: each time afresh
	loopVar  bool // of a three-clause for
}

// collectFacts reads the body of fn. Literals that are compiled themselves
// (see [function.isLent]) lend their outer variables; all others capture them.
func (fn *function) collectFacts() {
	fn.facts = map[types.Object]*facts{}
	f := &factFinder{fn: fn, info: fn.u.info}
	f.fields(fn.recv)
	f.fields(fn.typ.Params)
	f.fields(fn.typ.Results)
	if fn.typ.Results != nil {
		for _, field := range fn.typ.Results.List {
			for _, name := range field.Names {
				if x := f.of(fn.u.info.Defs[name]); x != nil {
					x.defs++ // by return statements
					x.changed = true
				}
			}
		}
	}
	f.walk(fn.body)
}

type factFinder struct {
	fn     *function
	info   *types.Info
	loops  int
	lits   []*ast.FuncLit // that are values, around
	all    []around
	lent   []*ast.FuncLit // that are called or deferred in place, around
	defers int
}

// around is a literal that is being read, and how many loops it stands in.
type around struct {
	*ast.FuncLit
	loops int
}

func (f *factFinder) of(obj types.Object) *facts {
	if v, ok := obj.(*types.Var); !ok || v.IsField() || v.Parent() == nil && !isParam(v) || isPackageLevel(v) {
		return nil
	}
	x := f.fn.facts[obj]
	if x == nil {
		x = &facts{}
		f.fn.facts[obj] = x
	}
	return x
}

func isParam(v *types.Var) bool { return !v.IsField() && v.Parent() != nil }

func isPackageLevel(v *types.Var) bool { return v.Pkg() != nil && v.Parent() == v.Pkg().Scope() }

func (f *factFinder) fields(list *ast.FieldList) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			f.declare(f.info.Defs[name])
		}
	}
}

func (f *factFinder) declare(obj types.Object) {
	if obj == nil {
		return
	}
	if x := f.of(obj); x != nil {
		x.decl = obj.Pos()
		x.defs++
		x.looped = x.looped || f.loops > 0
		x.depth = f.loops
	}
}

// root returns the local variable that an addressable expression is a part of.
func (f *factFinder) root(e ast.Expr) types.Object {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return f.info.Uses[x]
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			sel := f.info.Selections[x]
			if sel == nil || sel.Kind() != types.FieldVal || sel.Indirect() {
				return nil
			}
			e = x.X
		case *ast.IndexExpr:
			if !mayBeArray(f.info.TypeOf(x.X)) {
				return nil
			}
			e = x.X
		default:
			return nil
		}
	}
}

func isArray(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Array)
	return ok
}

// mayBeArray is isArray, or reports whether a type argument may be an array.
func mayBeArray(t types.Type) bool {
	if t == nil {
		return false
	}
	tp, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return isArray(t)
	}
	return slices.ContainsFunc(termsOf(tp.Constraint()), func(term *types.Term) bool { return isArray(term.Type()) })
}

func (f *factFinder) take(e ast.Expr) {
	if obj := f.root(e); obj != nil {
		if x := f.of(obj); x != nil {
			x.address, x.addressAt = true, e.Pos()
		}
	}
}

func (f *factFinder) assign(e ast.Expr) {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok {
		if obj := f.info.Uses[id]; obj != nil {
			if x := f.of(obj); x != nil {
				x.defs++
				x.changed = true
			}
		}
		return
	}
	if obj := f.root(e); obj != nil { // a part of it
		if x := f.of(obj); x != nil {
			x.defs++
			x.changed = true
		}
	}
}

func (f *factFinder) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			f.ident(n)
		case *ast.LabeledStmt:
			if f.fn.backward(n) {
				f.loops++ // for the rest of the function
			}
		case *ast.ForStmt:
			f.forStmt(n)
			return false
		case *ast.RangeStmt:
			f.rangeStmt(n)
			return false
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && n.Tok == token.DEFINE && f.info.Defs[id] != nil {
					f.declare(f.info.Defs[id])
				} else {
					f.assign(l)
				}
			}
		case *ast.IncDecStmt:
			f.assign(n.X)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				f.declare(f.info.Defs[id])
			}
		case *ast.CaseClause:
			f.declare(f.info.Implicits[n])
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				f.take(n.X)
			}
		case *ast.SliceExpr:
			if mayBeArray(f.info.TypeOf(n.X)) {
				f.take(n.X)
			}
		case *ast.SelectorExpr:
			if sel := f.info.Selections[n]; sel != nil && sel.Kind() == types.MethodVal {
				if implicitAddress(sel) {
					f.takeReceiver(n, sel)
				}
			}
		case *ast.DeferStmt:
			if lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				f.defers++
				f.lentLit(lit)
				f.defers--
				for _, a := range n.Call.Args {
					f.walk(a)
				}
				return false
			}
		case *ast.GoStmt:
			if lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				f.valueLit(lit)
				for _, a := range n.Call.Args {
					f.walk(a)
				}
				return false
			}
		case *ast.CallExpr:
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				if f.fn.suspends(lit.Body) {
					f.lentLit(lit)
				} else {
					f.litBody(lit) // it comes and goes within one node
				}
				for _, a := range n.Args {
					f.walk(a)
				}
				return false
			}
		case *ast.FuncLit:
			f.valueLit(n)
			return false
		}
		return true
	})
}

// implicitAddress reports whether the method call takes the address of its
// operand: a pointer method of an addressable value.
func implicitAddress(sel *types.Selection) bool {
	m, ok := sel.Obj().(*types.Func)
	if !ok {
		return false
	}
	recv := m.Signature().Recv()
	if recv == nil {
		return false
	}
	_, ptr := types.Unalias(recv.Type()).(*types.Pointer)
	return ptr && !sel.Indirect() && !isPointer(sel.Recv())
}

func isInteger(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// takeReceiver takes the address of the receiver of a pointer method, unless an
// embedded pointer lies on the way to it.
func (f *factFinder) takeReceiver(n *ast.SelectorExpr, sel *types.Selection) {
	f.take(n.X)
}

func (f *factFinder) forStmt(n *ast.ForStmt) {
	if n.Init != nil {
		f.loops++
		f.walk(n.Init)
		f.loops--
		if as, ok := n.Init.(*ast.AssignStmt); ok && as.Tok == token.DEFINE {
			for _, l := range as.Lhs {
				if x := f.of(f.info.Defs[l.(*ast.Ident)]); x != nil {
					x.loopVar = true
				}
			}
		}
	}
	f.loops++
	if n.Cond != nil {
		f.walk(n.Cond)
	}
	if n.Post != nil {
		f.walk(n.Post)
	}
	f.walk(n.Body)
	f.loops--
}

func (f *factFinder) rangeStmt(n *ast.RangeStmt) {
	f.walk(n.X)
	f.loops++
	for _, e := range []ast.Expr{n.Key, n.Value} {
		if e == nil {
			continue
		}
		if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
			f.declare(f.info.Defs[id])
			continue
		}
		f.walk(e)
		f.assign(e)
	}
	f.walk(n.Body)
	f.loops--
}

func (f *factFinder) valueLit(n *ast.FuncLit) {
	f.lits = append(f.lits, n)
	f.litBody(n)
	f.lits = f.lits[:len(f.lits)-1]
}

func (f *factFinder) lentLit(n *ast.FuncLit) {
	f.lent = append(f.lent, n)
	f.litBody(n)
	f.lent = f.lent[:len(f.lent)-1]
}

func (f *factFinder) litBody(n *ast.FuncLit) {
	f.all = append(f.all, around{n, f.loops})
	defer func() { f.all = f.all[:len(f.all)-1] }()
	f.fields(n.Type.Params)
	f.fields(n.Type.Results)
	f.walk(n.Type)
	f.walk(n.Body)
}

func (f *factFinder) ident(id *ast.Ident) {
	obj := f.info.Uses[id]
	if obj == nil {
		return
	}
	x := f.of(obj)
	if x == nil {
		return
	}
	outside := func(lits []*ast.FuncLit) bool {
		for _, lit := range lits {
			if obj.Pos() < lit.Pos() || obj.Pos() >= lit.End() {
				return true
			}
		}
		return false
	}
	for _, lit := range f.all {
		if !x.inner && (obj.Pos() < lit.Pos() || obj.Pos() >= lit.End()) {
			x.inner = true
			x.changed = x.changed && x.depth != lit.loops
		}
	}
	if outside(f.lits) {
		x.captured, x.capturedAt = true, id.Pos()
	}
	if outside(f.lent) {
		x.lent = true
		x.deferred = x.deferred || f.defers > 0
	}
}

// byValue reports whether a literal may take a copy of the variable in the place
// of a reference: it never changes after its declaration.
func (x *facts) byValue() bool { return x.defs <= 1 && !x.address }

// copied reports whether gc copies the variable into literals (escape, flowClosure), if
// it is not too large.
func (x *facts) copied() bool { return !x.changed && !x.address }

// refers reports whether something refers to the variable that may outlive the call,
// or the iteration that declares it.
func (x *facts) refers() bool {
	return x != nil && !x.byValue() && (x.address || x.captured || x.deferred && x.looped)
}

// needsBox reports whether the variable must lie on the heap: what refers to it may
// outlive the call, or there may be several of it at a time, and gc has not proved
// otherwise.
func (fn *function) needsBox(obj types.Object) bool {
	return fn.facts[obj].refers() && !fn.u.stays[obj]
}
