package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// static returns the function or method that fun denotes, and the type that the
// method is selected from.
func (w *leakWalker) static(fun ast.Expr) (f *types.Func, recv types.Type) {
	fun = uninstantiated(fun)
	info := w.c.u.info
	switch x := fun.(type) {
	case *ast.Ident:
		f, _ = info.Uses[x].(*types.Func)
	case *ast.SelectorExpr:
		f, _ = info.Uses[x.Sel].(*types.Func)
		if sel := info.Selections[x]; sel != nil {
			recv = sel.Recv()
		}
	}
	return f, recv
}

// uninstantiated returns fun without parentheses and type arguments.
func uninstantiated(fun ast.Expr) ast.Expr {
	fun = ast.Unparen(fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	return ast.Unparen(fun)
}

// unconverted returns e without parentheses and conversions.
func unconverted(info *types.Info, e ast.Expr) ast.Expr {
	for {
		e = ast.Unparen(e)
		call, ok := e.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || !info.Types[call.Fun].IsType() {
			return e
		}
		e = call.Args[0]
	}
}

// place returns where a call of fun at n is reported: at n, but in a chain of calls
// over several lines, at the name of what is called.
func (w *leakWalker) place(n ast.Node, fun ast.Expr) token.Pos {
	sel, ok := uninstantiated(fun).(*ast.SelectorExpr)
	if !ok {
		return n.Pos()
	}
	file := w.c.u.fset.File(n.Pos())
	if file.Line(n.Pos()) == file.Line(sel.Sel.Pos()) {
		return n.Pos()
	}
	return sel.Sel.Pos()
}

// isMethodExpr reports whether fun is T.Method, which is never lifted.
func (w *leakWalker) isMethodExpr(fun ast.Expr) bool {
	x, ok := uninstantiated(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	sel := w.c.u.info.Selections[x]
	return sel != nil && sel.Kind() == types.MethodExpr
}

// namedOf returns the name of the type t or *t, or nil.
func namedOf(t types.Type) *types.TypeName {
	if t == nil {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return t.Obj()
	case *types.TypeParam:
		return t.Obj()
	}
	return nil
}

// hasTwin reports whether a function that is not called in place has an async twin:
// by its name and by what that returns, as there is no call to compare with.
func hasTwin(f *types.Func, recv types.Type) bool {
	var obj types.Object
	if recv == nil {
		obj = f.Pkg().Scope().Lookup(f.Name() + "Async")
	} else {
		obj, _, _ = types.LookupFieldOrMethod(recv, true, f.Pkg(), f.Name()+"Async")
	}
	async, ok := obj.(*types.Func)
	return ok && isFuture(resultOf(async))
}

// localFuncs returns the local variables of a function body that are only ever
// called, or ranged over, with all that is assigned to them. What they call is known.
func localFuncs(info *types.Info, body *ast.BlockStmt) map[*types.Var][]ast.Expr {
	locals := make(map[*types.Var][]ast.Expr)
	known := make(map[*ast.Ident]bool) // uses that are calls, loops or assignments
	assign := func(lhs ast.Expr, rhs ast.Expr) {
		id, ok := lhs.(*ast.Ident)
		if !ok {
			return
		}
		v, _ := info.ObjectOf(id).(*types.Var)
		if v == nil {
			return
		}
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			known[id] = true
			locals[v] = append(locals[v], rhs)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				known[id] = true
			}
		case *ast.RangeStmt:
			if id, ok := unconverted(info, n.X).(*ast.Ident); ok {
				known[id] = true
			}
		case *ast.AssignStmt:
			if len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
				for i := range n.Lhs {
					assign(n.Lhs[i], n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if i < len(n.Values) && len(n.Values) == len(n.Names) {
					assign(id, n.Values[i])
				} else {
					known[id] = true
				}
			}
		}
		return true
	})
	ast.Inspect(body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !known[id] {
			if v, ok := info.ObjectOf(id).(*types.Var); ok {
				delete(locals, v)
			}
		}
		return true
	})
	return locals
}

// isStdin reports whether e is os.Stdin.
func (w *leakWalker) isStdin(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := w.c.u.info.Uses[sel.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "os" && v.Name() == "Stdin"
}

// stdin returns the site of a call of a method of os.Stdin.
func (w *leakWalker) stdin(pos token.Pos, method string) site {
	s := w.c.step(pos, stepBlocking)
	s.Pkg, s.PkgName, s.Name = "os", "os", "Stdin."+method
	return site{pos: pos, first: s}
}
