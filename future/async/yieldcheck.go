package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
)

// A loop over a compiled function cannot work if something else than compiled code is
// to call its yield. Here is found what can be seen of that: that the yield of a
// function of this package is called in a literal that is a value, or given to a
// function that has no future.

// checkYield reports, at pos, that the yield of fn would be called where it cannot suspend.
func (l *lowering) checkYield(pos token.Pos, fn *function) {
	c := &yieldCheck{seen: map[*types.Var]bool{}}
	if c.param(fn, 0); c.what == "" {
		return
	}
	at := l.u.fset.Position(c.at)
	l.fail(pos, fmt.Sprintf("the loop would suspend within yield, and %s at %s:%d", c.what, filepath.Base(at.Filename), at.Line),
		"have a compiled function call it, as its parameter yield, or take the mark off "+fn.decl.Name.Name)
}

// yieldCheck looks for what is wrong with the yield of a function.
type yieldCheck struct {
	seen map[*types.Var]bool
	what string
	at   token.Pos
}

func (c *yieldCheck) found(at token.Pos, what string) {
	if c.what == "" {
		c.what, c.at = what, at
	}
}

// param checks the i-th parameter of fn.
func (c *yieldCheck) param(fn *function, i int) {
	v := fn.sig.Params().At(i)
	if c.seen[v] {
		return
	}
	c.seen[v] = true
	if !assigned(fn.u, v, fn.body) { // else it may be another function where it is called
		c.uses(fn.u, v, fn.body, false)
	}
}

// assigned reports whether v is assigned to in n, or its address is taken.
func assigned(u *unit, v *types.Var, n ast.Node) (found bool) {
	is := func(e ast.Expr) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		found = found || ok && u.info.Uses[id] == v
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				is(e)
			}
		case *ast.RangeStmt:
			is(n.Key)
			is(n.Value)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				is(n.X)
			}
		}
		return !found
	})
	return found
}

// uses checks the uses of v in n. value is set within a literal that is a value.
func (c *yieldCheck) uses(u *unit, v *types.Var, n ast.Node, value bool) {
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && u.info.Uses[id] == v
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			c.uses(u, v, n.Body, true)
			return false
		case *ast.GoStmt:
			for _, a := range n.Call.Args {
				if is(a) {
					c.found(a.Pos(), "a goroutine is given it")
				}
			}
		case *ast.CallExpr:
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				c.uses(u, v, lit.Body, value)
				for i, a := range n.Args {
					if is(a) {
						c.given(u, n, i)
					} else {
						c.uses(u, v, a, value)
					}
				}
				return false
			}
			switch {
			case !is(n.Fun):
			case value:
				c.found(n.Pos(), "a function literal that is a value calls it")
			case v.Name() != "yield":
				c.found(n.Pos(), "it is called "+v.Name())
			}
			for i, a := range n.Args {
				if is(a) {
					c.given(u, n, i)
				}
			}
		}
		return true
	})
}

// given checks the call of a function that yield is the i-th argument of.
func (c *yieldCheck) given(u *unit, call *ast.CallExpr, i int) {
	tv := u.info.Types[call.Fun]
	sig, ok := tv.Type.(*types.Signature)
	if tv.IsType() || tv.IsBuiltin() || !ok || i >= sig.Params().Len() {
		return
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		if p := sig.Params().At(i); !c.seen[p] && !assigned(u, p, lit.Body) {
			c.seen[p] = true
			c.uses(u, p, lit.Body, false)
		}
		return
	}
	t := u.twin(call)
	if t == nil {
		c.found(call.Pos(), "it is given to a function that has no future")
		return
	}
	if fn := u.origin(t); fn != nil {
		c.param(fn, i)
	}
}
