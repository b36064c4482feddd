package async

import (
	"go/ast"
	"go/types"
)

// scanRecovers learns which calls of recover in n are those of fn itself, and not of a
// literal within. The body of a range over a function is one to gc, which the iterator
// calls: see scanBodyRecovers.
func (fn *function) scanRecovers(n ast.Node) {
	fn.eachRecover(n, fn.setRecover, fn.setRecover)
}

// scanBodyRecovers learns which calls of recover are those of the body of a range over
// a function, with the variables that it assigns to. If the iterator defers the body,
// and panics, they recover that: iter, a frame.FuncIter, has them made by the function
// that the iterator has deferred. Else they return nil, as do those in the body of a
// frame.StepIter: yield cannot be deferred there.
func (fn *function) scanBodyRecovers(s *ast.RangeStmt, iter *variable) {
	set := func(id *ast.Ident) { fn.iterRecovers[id] = iter }
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil {
			fn.eachRecover(e, set, nil)
		}
	}
	fn.eachRecover(s.Body, set, nil)
}

// eachRecover calls f for the calls of recover in n, and deferred for those that n
// defers. It leaves out those in literals and in bodies of ranges over functions, of
// which it calls deferred all the same: what such a body defers, fn defers, even recover.
func (fn *function) eachRecover(n ast.Node, f, deferred func(*ast.Ident)) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			if _, ok := coreType(fn.u.info.TypeOf(n.X)).(*types.Signature); ok {
				fn.eachRecover(n.X, f, deferred)
				fn.eachRecover(n.Body, nil, deferred)
				return false
			}
		case *ast.DeferStmt:
			if id, ok := ast.Unparen(n.Call.Fun).(*ast.Ident); ok && fn.isRecover(id) {
				if deferred != nil {
					deferred(id)
				}
				return false
			}
		case *ast.Ident:
			if f != nil && fn.isRecover(n) {
				f(n)
			}
		}
		return true
	})
}

func (fn *function) isRecover(id *ast.Ident) bool {
	if id.Name != "recover" {
		return false
	}
	_, ok := fn.u.info.Uses[id].(*types.Builtin)
	return ok
}

func (fn *function) setRecover(id *ast.Ident) {
	if fn.recovers == nil {
		fn.recovers = map[*ast.Ident]bool{}
	}
	fn.recovers[id] = true
}
