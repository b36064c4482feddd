package async

import (
	"go/ast"
	"go/types"
)

// scanRecovers learns which calls of recover in n are those of fn itself, and not of a
// literal within. The body of a range over a function is one to gc, which calls it from
// the iterator: recover in it returns nil.
func (fn *function) scanRecovers(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			if _, ok := coreType(fn.u.info.TypeOf(n.X)).(*types.Signature); ok {
				fn.scanRecovers(n.X)
				fn.scanDeferredRecovers(n.Body)
				return false
			}
		case *ast.Ident:
			if fn.isRecover(n) {
				fn.setRecover(n)
			}
		}
		return true
	})
}

// scanDeferredRecovers is scanRecovers for the body of a range over a function. What it
// defers is deferred by fn, even recover.
func (fn *function) scanDeferredRecovers(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			if id, ok := ast.Unparen(n.Call.Fun).(*ast.Ident); ok && fn.isRecover(id) {
				fn.setRecover(id)
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
