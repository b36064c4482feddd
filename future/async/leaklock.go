package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// mutex is a lock that a function holds: a variable, and what is selected from it.
type mutex struct {
	root types.Object
	text string // the expression
	read bool   // locked by RLock
}

// held is the mutexes that may be locked at a point of a function, each with the
// place where it was.
type held map[mutex]token.Pos

// lockMethods are the methods that lock and unlock.
var lockMethods = map[string]struct{ lock, read bool }{
	"(*sync.Mutex).Lock":      {true, false},
	"(*sync.Mutex).Unlock":    {false, false},
	"(*sync.RWMutex).Lock":    {true, false},
	"(*sync.RWMutex).Unlock":  {false, false},
	"(*sync.RWMutex).RLock":   {true, true},
	"(*sync.RWMutex).RUnlock": {false, true},
}

// lockCheck follows the mutexes of one marked function along its control flow.
type lockCheck struct {
	w         *leakWalker
	comms     map[ast.Node]bool  // communications: whether they suspend
	suspended map[mutex]lockedAt // what was found
}

// lockedAt is where a mutex was locked, and where the function suspends with it.
type lockedAt struct{ lock, suspension token.Pos }

// checkLocks reports the mutexes that a marked function holds across a suspension
// point: an iteration over its control-flow graph, in which a mutex is held at a
// block if it is at the end of any block before.
func (c *leakCheck) checkLocks(n *caller) {
	k := &lockCheck{w: &leakWalker{c: c, n: n}, suspended: make(map[mutex]lockedAt)}
	if !k.locks(n.decl.Body) {
		return
	}
	k.comms = selects(n.decl.Body)
	graph := cfg.New(n.decl.Body, func(call *ast.CallExpr) bool {
		id, ok := call.Fun.(*ast.Ident)
		return !ok || c.u.info.Uses[id] != types.Universe.Lookup("panic")
	})
	in := make(map[*cfg.Block]held)
	work := []*cfg.Block{graph.Blocks[0]}
	in[graph.Blocks[0]] = held{}
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		out := maps.Clone(in[b])
		k.enter(b, out)
		for _, n := range b.Nodes {
			k.node(n, out)
		}
		for _, s := range b.Succs {
			if k.merge(in, s, out) {
				work = append(work, s)
			}
		}
	}
	found := slices.SortedFunc(maps.Keys(k.suspended), func(a, b mutex) int {
		return int(k.suspended[a].lock - k.suspended[b].lock)
	})
	for _, m := range found {
		k.report(n, m)
	}
}

func (k *lockCheck) report(n *caller, m mutex) {
	c, at := k.w.c, k.suspended[m]
	if c.silence.line(c.u.fset, at.lock) || c.silence.line(c.u.fset, at.suspension) {
		return
	}
	instead := "future.Mutex"
	if m.read {
		instead = "future.RWMutex"
	}
	line := func(pos token.Pos) string {
		p := c.u.fset.Position(pos)
		return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
	}
	c.report(at.lock,
		fmt.Sprintf("%s blocks its loop: %s locks %s (%s) and suspends with it (%s), so that a task that locks it meanwhile blocks for good", n.name, n.name, m.text, line(at.lock), line(at.suspension)),
		"unlock it before, use "+instead+", or say "+silencer+" REASON")
}

// locks reports whether anything in body locks a mutex: most functions do not.
func (k *lockCheck) locks(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, _ := k.w.static(call.Fun); f != nil && lockMethods[f.FullName()].lock {
				found = true
			}
		}
		return !found
	})
	return found
}

// merge adds what is held at the end of a block to the beginning of the next, and
// reports whether that is news.
func (k *lockCheck) merge(in map[*cfg.Block]held, next *cfg.Block, out held) bool {
	old, seen := in[next]
	if !seen {
		in[next] = maps.Clone(out)
		return true
	}
	news := false
	for m, pos := range out {
		if _, ok := old[m]; !ok {
			old[m], news = pos, true
		}
	}
	return news
}

// enter notes what suspends at the beginning of a block: a range statement itself is
// no node of the graph.
func (k *lockCheck) enter(b *cfg.Block, h held) {
	if stmt, ok := b.Stmt.(*ast.RangeStmt); ok && b.Kind == cfg.KindRangeLoop {
		if _, ok := k.w.typeOf(stmt.X).(*types.Chan); ok {
			k.suspend(stmt.Pos(), h)
		}
	}
}

// selects returns the communications of a function, which are nodes of the graph, and
// whether their select waits.
func selects(body ast.Node) map[ast.Node]bool {
	waits := make(map[ast.Node]bool)
	ast.Inspect(body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectStmt); ok {
			for _, clause := range s.Body.List {
				comm := clause.(*ast.CommClause).Comm
				if x, ok := comm.(*ast.ExprStmt); ok {
					waits[x.X] = !hasDefault(s)
				}
				if comm != nil {
					waits[comm] = !hasDefault(s)
				}
			}
		}
		return true
	})
	return waits
}

// operands returns what a communication evaluates before it waits.
func operands(comm ast.Node) []ast.Expr {
	switch comm := comm.(type) {
	case ast.Stmt:
		return commOperands(comm)
	case *ast.UnaryExpr:
		return []ast.Expr{comm.X}
	}
	return nil
}

func (k *lockCheck) suspend(pos token.Pos, h held) {
	for m, lock := range h {
		if old, ok := k.suspended[m]; !ok || pos < old.suspension {
			k.suspended[m] = lockedAt{lock, pos}
		}
	}
}

// node follows what a node of the graph does, in about the order of its evaluation.
func (k *lockCheck) node(n ast.Node, h held) {
	if waits, ok := k.comms[n]; ok {
		for _, e := range operands(n) {
			k.node(e, h)
		}
		if waits {
			k.suspend(n.Pos(), h)
		}
		return
	}
	switch n := n.(type) {
	case nil, *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
		return
	case *ast.CallExpr:
		if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
			k.children(n, h)
			k.children(lit.Body, h)
			k.deferred(lit.Body, h)
			return
		}
	}
	k.children(n, h)
	switch n := n.(type) {
	case *ast.CallExpr:
		k.call(n, h)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			k.suspend(n.Pos(), h)
		}
	case *ast.SendStmt:
		k.suspend(n.Arrow, h)
	}
}

// children follows what is directly in n.
func (k *lockCheck) children(n ast.Node, h held) {
	ast.Inspect(n, func(child ast.Node) bool {
		if child == n {
			return true
		}
		k.node(child, h)
		return false
	})
}

// deferred unlocks what a literal that is called in place unlocks at its end.
func (k *lockCheck) deferred(body ast.Node, h held) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			return false
		case *ast.DeferStmt:
			if lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				k.children(lit.Body, h)
			} else {
				k.call(n.Call, h)
			}
			return false
		}
		return true
	})
}

func (k *lockCheck) call(call *ast.CallExpr, h held) {
	f, _ := k.w.static(call.Fun)
	if f != nil {
		if op, ok := lockMethods[f.FullName()]; ok {
			sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if !ok {
				return
			}
			m := mutex{k.root(sel.X), types.ExprString(sel.X), op.read}
			if op.lock {
				h[m] = call.Pos()
			} else {
				delete(h, m)
			}
			return
		}
	}
	if u := k.w.c.u; u.twin(call) != nil || u.isAwait(call) {
		k.suspend(call.Pos(), h)
	}
}

// root returns the variable at the beginning of a selection, or nil.
func (k *lockCheck) root(e ast.Expr) types.Object {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return k.w.c.u.info.ObjectOf(x)
	case *ast.SelectorExpr:
		return k.root(x.X)
	case *ast.StarExpr:
		return k.root(x.X)
	case *ast.UnaryExpr:
		return k.root(x.X)
	case *ast.IndexExpr:
		return k.root(x.X)
	}
	return nil
}
