package async

import (
	"go/ast"
	"go/token"
	"math/bits"
)

// Liveness decides where variables live. What is alive at a suspension point needs
// a field of the frame; what is not is a local of Poll. Two fields of one type
// whose variables are never alive at the same time are one field.

// bitset is a set of variables by id.
type bitset []uint64

func newBits(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }
func (b bitset) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) del(i int)      { b[i/64] &^= 1 << (i % 64) }

// or adds c to b and reports whether b has grown.
func (b bitset) or(c bitset) bool {
	grown := false
	for i, w := range c {
		if w&^b[i] != 0 {
			b[i] |= w
			grown = true
		}
	}
	return grown
}

func (b bitset) each(f func(i int)) {
	for n, w := range b {
		for w != 0 {
			f(n*64 + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}

// analyse fills in the nodes' effects, successors and live variables, and drops
// the nodes that nothing reaches.
func (fn *function) analyse() {
	fn.link()
	fn.reach()
	n := len(fn.vars)
	for _, nd := range fn.nodes {
		nd.liveIn, nd.liveOut = newBits(n), newBits(n)
		e := &effects{fn: fn, node: nd}
		e.node0()
	}
	for changed := true; changed; {
		changed = false
		for i := len(fn.nodes) - 1; i >= 0; i-- {
			nd := fn.nodes[i]
			for _, s := range nd.succs {
				changed = nd.liveOut.or(s.liveIn) || changed
			}
			in := append(bitset(nil), nd.liveOut...)
			for _, v := range nd.kills {
				in.del(v)
			}
			for _, v := range nd.uses {
				in.add(v)
			}
			changed = nd.liveIn.or(in) || changed
		}
	}
	for _, nd := range fn.nodes {
		if nd.kind != nodeAwait {
			continue
		}
		// The results are set when the suspension is over.
		live := append(bitset(nil), nd.liveIn...)
		live.each(func(i int) { fn.vars[i].field = true })
	}
	for _, v := range fn.vars {
		if v.pinned {
			v.field = true
		}
	}
}

// link sets the successors.
func (fn *function) link() {
	for i, nd := range fn.nodes {
		nd.index = i
		nd.succs = nil
		if nd.kind != nodeJump && nd.kind != nodeReturn && i+1 < len(fn.nodes) && !fn.leaves(nd) {
			nd.succs = append(nd.succs, fn.nodes[i+1])
		}
		if nd.to != nil {
			nd.succs = append(nd.succs, nd.to.node)
		}
		if nd.kind == nodePlain {
			fn.eachGoto(nd.stmt, func(to *label) { nd.succs = append(nd.succs, to.node) })
		}
	}
}

// eachGoto calls f for the jumps out of a plain statement.
func (fn *function) eachGoto(s ast.Stmt, f func(*label)) {
	if b, ok := s.(*bindStmt); ok {
		_ = b
		return
	}
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *bindStmt, *boxExpr, *lendExpr, *litTypeExpr:
			return false
		case ast.Stmt:
			if to := fn.gotos[asBranch(n)]; to != nil {
				f(to)
			}
			for _, r := range fn.become[n] {
				fn.eachGoto(r, f)
			}
			if fn.become[n] != nil {
				return false
			}
		case *ast.FuncLit:
			return false
		}
		return true
	})
}

func asBranch(s ast.Stmt) *ast.BranchStmt {
	b, _ := s.(*ast.BranchStmt)
	return b
}

// leaves reports whether a plain node surely jumps away: what follows it in the
// list is not its successor.
func (fn *function) leaves(nd *node) bool {
	if nd.kind != nodePlain {
		return false
	}
	s := nd.stmt
	if l, ok := s.(*ast.LabeledStmt); ok {
		s = l.Stmt
	}
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call := asCall(ast.Unparen(e.X))
	if call == nil {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == "panic" && fn.u.info.Types[id].IsBuiltin()
}

// reach drops nodes that are not reached from the first.
func (fn *function) reach() {
	if len(fn.nodes) == 0 {
		return
	}
	work := []*node{fn.nodes[0]}
	fn.nodes[0].reached = true
	for len(work) > 0 {
		nd := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range nd.succs {
			if !s.reached {
				s.reached = true
				work = append(work, s)
			}
		}
	}
	kept := fn.nodes[:0]
	for _, nd := range fn.nodes {
		if nd.reached {
			kept = append(kept, nd)
		}
	}
	fn.nodes = kept
	for i, nd := range fn.nodes {
		nd.index = i
	}
}

// effects collects what a node does to variables.
type effects struct {
	fn   *function
	node *node
}

func (e *effects) use(v *variable) {
	v.used = true
	e.node.uses = append(e.node.uses, v.id)
}

func (e *effects) kill(v *variable) {
	e.node.kills = append(e.node.kills, v.id)
	e.node.touches = append(e.node.touches, v.id)
}

func (e *effects) touch(v *variable) { e.node.touches = append(e.node.touches, v.id) }

func (e *effects) node0() {
	switch nd := e.node; nd.kind {
	case nodePlain:
		e.stmt(nd.stmt, true)
	case nodeBranch:
		e.expr(nd.cond)
	case nodeAwait:
		a := nd.await
		e.use(a.child)
		for _, v := range a.lent {
			e.use(v)
		}
		for _, v := range a.results {
			if v != nil {
				e.kill(v)
			}
		}
	case nodeReturn:
		for _, v := range e.fn.results {
			e.use(v)
		}
	}
}

// stmt collects the effects of a statement; top is set for one that is the whole
// node, whose assignments surely happen and come last.
func (e *effects) stmt(s ast.Stmt, top bool) {
	switch s := s.(type) {
	case *bindStmt:
		e.bind(s, top)
	case *ast.AssignStmt:
		for _, x := range s.Rhs {
			e.expr(x)
		}
		for _, x := range s.Lhs {
			v := e.variable(x)
			if v == nil || v.boxed || s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
				if v == nil {
					v = e.partOf(x)
				}
				if v != nil && !v.boxed {
					e.touch(v)
				}
				e.expr(x)
				continue
			}
			if top {
				e.kill(v)
			} else {
				e.touch(v)
			}
		}
	default:
		e.inspect(s)
	}
}

func (e *effects) bind(s *bindStmt, top bool) {
	if s.ensure {
		return
	}
	if s.value != nil {
		e.expr(s.value)
	}
	if top {
		e.kill(s.v)
	} else {
		e.touch(s.v)
	}
}

func (e *effects) variable(x ast.Expr) *variable {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		return e.fn.variable(id)
	}
	return nil
}

// partOf returns the variable that an operand is a part of, or may be: what the compiler has made has
// no types.
func (e *effects) partOf(x ast.Expr) *variable {
	for {
		switch n := x.(type) {
		case *ast.Ident:
			return e.fn.variable(n)
		case *ast.ParenExpr:
			x = n.X
		case *ast.SelectorExpr:
			if sel := e.fn.u.info.Selections[n]; sel != nil && sel.Indirect() {
				return nil
			}
			x = n.X
		case *ast.IndexExpr:
			if t := e.fn.u.info.TypeOf(n.X); t != nil && !mayBeArray(t) {
				return nil
			}
			x = n.X
		default:
			return nil
		}
	}
}

func (e *effects) expr(x ast.Expr) {
	if x != nil {
		e.inspect(x)
	}
}

func (e *effects) inspect(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && e.fn.folds(x) {
			return false // the variables of len([3]int{x, y}) are gone
		}
		switch x := n.(type) {
		case *bindStmt:
			e.bind(x, false)
			return false
		case *boxExpr:
			e.expr(x.value)
			return false
		case *lendExpr:
			e.use(x.v)
			return false
		case *litTypeExpr:
			return false
		case *ast.Ident:
			if v := e.fn.variable(x); v != nil {
				e.use(v)
			} else if v := e.fn.iterRecovers[x]; v != nil {
				e.use(v)
			}
		case *ast.AssignStmt:
			if r := e.fn.become[x]; r == nil {
				e.stmt(x, false)
				return false
			}
		case *ast.IncDecStmt:
			if v := e.partOf(x.X); v != nil {
				e.touch(v)
			}
		case *ast.RangeStmt:
			for _, k := range []ast.Expr{x.Key, x.Value} {
				if k != nil {
					if v := e.partOf(k); v != nil {
						e.touch(v)
					}
				}
			}
		case *ast.FuncLit:
			e.lit(x)
			return false
		}
		if s, ok := n.(ast.Stmt); ok {
			if r := e.fn.become[s]; r != nil {
				for _, s := range r {
					e.stmt(s, false)
				}
				return false
			}
		}
		return true
	})
}

// lit is a literal within a node: it may read and write all it refers to.
func (e *effects) lit(n *ast.FuncLit) {
	ast.Inspect(n.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v := e.fn.variable(id); v != nil {
				e.use(v)
				e.touch(v)
			}
		}
		return true
	})
}

// variable returns the variable that an identifier means, or nil.
func (fn *function) variable(id *ast.Ident) *variable {
	if v := fn.byIdent[id]; v != nil {
		return v
	}
	if obj := fn.u.info.Uses[id]; obj != nil {
		return fn.byObj[obj]
	}
	if obj := fn.u.info.Defs[id]; obj != nil {
		return fn.byObj[obj]
	}
	return nil
}
