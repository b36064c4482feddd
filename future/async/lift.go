package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A twin is the future that stands in for a call in async code.
type twin struct {
	async *types.Func // FAsync
	fut   types.Type  // what it returns
	init  bool        // *fut has Init with F's parameters, after the receiver if there is one
}

// isFuture reports whether p has the method Poll(*future.Context) future.Poll.
func isFuture(t types.Type) bool {
	m := method(t, "Poll")
	if m == nil {
		return false
	}
	sig := m.Signature()
	if sig.Params().Len() != 1 || sig.Results().Len() != 1 || sig.Variadic() {
		return false
	}
	ptr, ok := types.Unalias(sig.Params().At(0).Type()).(*types.Pointer)
	return ok && isNamed(ptr.Elem(), futurePath, "Context") && isNamed(sig.Results().At(0).Type(), futurePath, "Poll")
}

func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

// method returns the method of t, or of *t, or nil.
func method(t types.Type, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	m, _ := obj.(*types.Func)
	return m
}

// callee returns the function or method that call calls statically, its
// identifier, and the selection if it is a method.
func (u *unit) callee(call *ast.CallExpr) (*types.Func, *ast.Ident, *types.Selection) {
	switch x := uninstantiated(call.Fun).(type) {
	case *ast.Ident:
		f, _ := u.info.Uses[x].(*types.Func)
		return f, x, nil
	case *ast.SelectorExpr:
		f, _ := u.info.Uses[x.Sel].(*types.Func)
		sel := u.info.Selections[x]
		if sel != nil && sel.Kind() != types.MethodVal {
			return nil, nil, nil // a method expression: a function value
		}
		return f, x.Sel, sel
	}
	return nil, nil, nil
}

// twin returns the future that a call is lifted to, or nil if it is no
// suspension point. The rule is structural: beside F there is FAsync with the same
// parameters, which returns a future whose Result has F's results. A method's
// twin belongs to the same type at the same depth of embedding.
func (u *unit) twin(call *ast.CallExpr) *twin {
	if t, ok := u.twins[call]; ok {
		return t
	}
	t := u.findTwin(call)
	if u.twins == nil {
		u.twins = map[*ast.CallExpr]*twin{}
	}
	u.twins[call] = t
	return t
}

func (u *unit) findTwin(call *ast.CallExpr) *twin {
	f, id, sel := u.callee(call)
	if f == nil || f.Pkg() == nil {
		return nil
	}
	var async *types.Func
	if sel == nil {
		async, _ = f.Pkg().Scope().Lookup(f.Name() + "Async").(*types.Func)
	} else {
		obj, index, _ := types.LookupFieldOrMethod(sel.Recv(), true, u.pkg, f.Name()+"Async")
		async, _ = obj.(*types.Func)
		if async != nil && (len(index) != len(sel.Index()) || !samePath(index, sel.Index())) {
			u.twinTrouble(call, f, async)
			return nil
		}
	}
	if async == nil || async.Pkg() != f.Pkg() && sel == nil {
		return nil
	}
	want, _ := u.info.TypeOf(call.Fun).(*types.Signature)
	have := async.Signature()
	if inst, ok := u.info.Instances[id]; ok && have.TypeParams().Len() > 0 {
		t, err := types.Instantiate(nil, have, instArgs(inst), false)
		if err != nil {
			return nil
		}
		have = t.(*types.Signature)
	}
	if want == nil || have.Results().Len() != 1 || have.Variadic() != want.Variadic() || !sameTuple(have.Params(), want.Params()) {
		return nil
	}
	fut := have.Results().At(0).Type()
	if !isFuture(fut) {
		return nil
	}
	result := method(fut, "Result")
	if result == nil || result.Signature().Params().Len() != 0 || !sameTuple(result.Signature().Results(), want.Results()) {
		return nil
	}
	t := &twin{async: async, fut: fut}
	if n, ok := types.Unalias(fut).(*types.Named); ok {
		if init := method(n, "Init"); init != nil && !types.IsInterface(n) {
			t.init = initFits(init, have, async, sel)
		}
	}
	return t
}

// origin returns the marked function of this unit that t is made from, or nil. It is
// known once all of them are.
func (u *unit) origin(t *twin) *function {
	if n, ok := types.Unalias(t.fut).(*types.Named); ok {
		return u.byFuture[n.Origin().Obj()]
	}
	return nil
}

func instArgs(inst types.Instance) []types.Type {
	args := make([]types.Type, inst.TypeArgs.Len())
	for i := range args {
		args[i] = inst.TypeArgs.At(i)
	}
	return args
}

// samePath reports whether two methods are found through the same embedded
// fields. The last index is the method's own.
func samePath(a, b []int) bool {
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func sameTuple(a, b *types.Tuple) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !types.Identical(a.At(i).Type(), b.At(i).Type()) {
			return false
		}
	}
	return true
}

// initFits reports whether Init takes the parameters of have, after the receiver.
// The method of an interface or of a type parameter has no receiver that an Init
// could take, though the future that it returns may be of a type with another's.
func initFits(init *types.Func, have *types.Signature, async *types.Func, sel *types.Selection) bool {
	sig := init.Signature()
	skip := 0
	if sel != nil {
		skip = 1
		if p := sig.Params(); p.Len() == 0 || !types.Identical(p.At(0).Type(), async.Signature().Recv().Type()) {
			return false
		}
	}
	if sig.Results().Len() != 0 || sig.Params().Len() != have.Params().Len()+skip || sig.Variadic() != have.Variadic() {
		return false
	}
	for i := range have.Params().Len() {
		if !types.Identical(sig.Params().At(i+skip).Type(), have.Params().At(i).Type()) {
			return false
		}
	}
	return true
}

// twinTrouble reports a method whose twin belongs to another type: embedding has
// overridden one of the two, and lifting would leave the override out.
func (u *unit) twinTrouble(call *ast.CallExpr, f, async *types.Func) {
	if !isFuture(resultOf(async)) {
		return
	}
	u.fail(call.Pos(), f.Name()+" and "+async.Name()+" are found in different types, so that lifting the call would leave one of them out",
		"declare both on the type that overrides one of them")
}

func resultOf(f *types.Func) types.Type {
	if r := f.Signature().Results(); r.Len() == 1 {
		return r.At(0).Type()
	}
	return types.Typ[types.Invalid]
}

// cxSibling returns the name of F's sibling that takes the context, FCx, if a
// call is to use it: one that does not suspend, but wakes.
func (u *unit) cxSibling(call *ast.CallExpr) string {
	f, _, sel := u.callee(call)
	if f == nil || f.Pkg() == nil {
		return ""
	}
	var obj types.Object
	if sel == nil {
		obj = f.Pkg().Scope().Lookup(f.Name() + "Cx")
	} else {
		var index []int
		obj, index, _ = types.LookupFieldOrMethod(sel.Recv(), true, u.pkg, f.Name()+"Cx")
		if obj != nil && (len(index) != len(sel.Index()) || !samePath(index, sel.Index())) {
			return ""
		}
	}
	cx, ok := obj.(*types.Func)
	if !ok || !cx.Exported() && cx.Pkg() != u.pkg {
		return ""
	}
	have, want := cx.Signature(), f.Signature()
	if have.TypeParams().Len() != want.TypeParams().Len() || have.TypeParams().Len() > 0 {
		return ""
	}
	if have.Params().Len() != want.Params().Len()+1 || have.Variadic() != want.Variadic() || !sameTuple(have.Results(), want.Results()) {
		return ""
	}
	ptr, ok := have.Params().At(0).Type().(*types.Pointer)
	if !ok || !isNamed(ptr.Elem(), futurePath, "Context") {
		return ""
	}
	return cx.Name()
}

// suspends reports whether a suspension point lies in n itself, literals that are
// values left out.
func (fn *function) suspends(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if found {
			return false
		}
		if e, ok := n.(ast.Expr); ok && fn.u.info.Types[e].Value != nil {
			return false // a constant: unsafe.Sizeof(f()) does not call f
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			found = fn.operandsSuspend(n.Call)
			return false
		case *ast.DeferStmt:
			found = fn.isSuspension(n.Call) || fn.operandsSuspend(n.Call)
			return false
		case *ast.CallExpr:
			if fn.isSuspension(n) {
				found = true
				return false
			}
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.SendStmt:
			found = true
		case *ast.SelectStmt:
			found = !hasDefault(n) || fn.selectSuspends(n)
			return false
		case *ast.RangeStmt:
			_, isChan := coreType(fn.u.info.TypeOf(n.X)).(*types.Chan)
			found = found || isChan || fn.u.rangeTwin(n) != nil
		}
		return !found
	})
	return found
}

// operandsSuspend reports whether what is called, or an argument, suspends.
func (fn *function) operandsSuspend(call *ast.CallExpr) bool {
	for _, a := range call.Args {
		if fn.suspends(a) {
			return true
		}
	}
	_, lit := ast.Unparen(call.Fun).(*ast.FuncLit)
	return !lit && fn.suspends(call.Fun)
}

// selectSuspends reports whether an operand or a body of a select with a default
// suspends; the operations themselves do not.
func (fn *function) selectSuspends(n *ast.SelectStmt) bool {
	for _, c := range n.Body.List {
		c := c.(*ast.CommClause)
		for _, e := range commOperands(c.Comm) {
			if fn.suspends(e) {
				return true
			}
		}
		for _, s := range c.Body {
			if fn.suspends(s) {
				return true
			}
		}
	}
	return false
}

// commOperands returns the expressions of a communication without its operation.
func commOperands(s ast.Stmt) []ast.Expr {
	switch s := s.(type) {
	case *ast.SendStmt:
		return []ast.Expr{s.Chan, s.Value}
	case *ast.ExprStmt:
		return []ast.Expr{ast.Unparen(s.X).(*ast.UnaryExpr).X}
	case *ast.AssignStmt:
		return append([]ast.Expr{ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr).X}, s.Lhs...)
	}
	return nil
}

// isSuspension reports whether the call itself is a suspension point.
func (fn *function) isSuspension(call *ast.CallExpr) bool {
	if fn.u.twin(call) != nil {
		return true
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return fn.suspends(lit.Body)
	}
	return fn.u.isAwait(call) || fn.u.isYield(call)
}

// isAwait reports whether call is future.Await(f).
func (u *unit) isAwait(call *ast.CallExpr) bool {
	f, _, _ := u.callee(call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == futurePath && f.Name() == "Await"
}

func hasDefault(n *ast.SelectStmt) bool {
	for _, c := range n.Body.List {
		if c.(*ast.CommClause).Comm == nil {
			return true
		}
	}
	return false
}
