package async

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// walk edits what stands in n. Calls are lifted unless n is in a literal that is
// a value, or one that does not suspend.
func (sh *shadow) walk(n ast.Node, lifted bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			sh.literal(n, false)
			return false
		case *ast.GoStmt:
			// The call itself is a goroutine's, and so of the blocking form.
			sh.walk(n.Call.Fun, lifted)
			for _, a := range n.Call.Args {
				sh.walk(a, lifted)
			}
			return false
		case *ast.DeferStmt:
			sh.call(n.Call, lifted, true)
			return false
		case *ast.CallExpr:
			sh.call(n, lifted, false)
			return false
		case *ast.IfStmt:
			sh.opaque(n.Cond)
		case *ast.ForStmt:
			sh.opaque(n.Cond)
		case *ast.RangeStmt:
			if lifted && sh.job.unit.rangeTwin(n) != nil {
				sh.ranges(n)
				return false
			}
		case *ast.SwitchStmt:
			sh.opaque(n.Tag)
			if n.Tag == nil {
				for _, c := range n.Body.List {
					for _, e := range c.(*ast.CaseClause).List {
						sh.opaque(e)
					}
				}
			}
		case *ast.BinaryExpr:
			if (n.Op == token.LAND || n.Op == token.LOR) && !sh.isConst(n) {
				sh.operand(n.X)
				sh.operand(n.Y)
			}
		}
		return true
	})
}

func (sh *shadow) isConst(e ast.Expr) bool {
	return e != nil && sh.job.info.Types[e].Value != nil
}

// operand is opaque for one of two operands. It has the type that the other wants, as
// true has: it is a comparison.
func (sh *shadow) operand(e ast.Expr) {
	if !sh.isConst(e) {
		return
	}
	sh.edits.insert(e.Pos(), "(")
	sh.opaque(e)
	sh.edits.insert(e.End(), " == true)")
}

// opaque hides the value of a constant from gc.
func (sh *shadow) opaque(e ast.Expr) {
	if !sh.isConst(e) {
		return
	}
	sh.edits.insert(e.Pos(), sh.helper("Opaque", "[T interface{}](v T) T { return v }")+"(")
	sh.edits.insert(e.End(), ")")
}

// literal edits a function literal; it is lifted if it is itself compiled.
func (sh *shadow) literal(lit *ast.FuncLit, lifted bool) {
	var refs []string
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			obj := sh.job.info.Uses[id]
			outside := obj != nil && (obj.Pos() < lit.Pos() || obj.Pos() >= lit.End())
			if outside && sh.current.candidates[obj] && !slices.Contains(refs, obj.Name()) {
				refs = append(refs, obj.Name())
			}
		}
		return true
	})
	for _, name := range refs {
		sh.edits.insert(lit.Body.Lbrace+1, " _ = &"+name+"; ")
	}
	sh.walk(lit.Body, lifted)
}

func (sh *shadow) call(call *ast.CallExpr, lifted, deferred bool) {
	u := sh.job.unit
	args := func() {
		for _, a := range call.Args {
			sh.walk(a, lifted)
		}
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		sh.literal(lit, lifted && sh.fn.suspends(lit.Body))
		args()
		return
	}
	f, id, _ := u.callee(call)
	var t *twin
	cx := ""
	if lifted && f != nil {
		t = u.twin(call)
		if !deferred { // which is called as it stands
			cx = u.cxSibling(call)
		}
	}
	switch {
	case t == nil && cx != "":
		sh.sibling(call, f, id, cx)
	case t == nil && f != nil && sh.leaves.keepsNothing(sh.fset, f) && sh.plainArgs(call, f):
		sh.leaf(call, f, lifted)
	case t == nil && !(lifted && u.isAwait(call)):
		sh.walk(call.Fun, lifted)
		args()
	case t != nil && sh.copiesOf(f):
		sh.walk(call.Fun, lifted)
		sh.edits.insert(id.End(), shadowPrefix)
		args()
	case t != nil && sh.leaves.keepsNothing(sh.fset, t.async) && sh.plainArgs(call, f):
		sh.leaf(call, f, true)
	default:
		sh.keep(call, f)
	}
}

// ranges edits a range over a function that has a twin. The loop's body is as gc has it.
func (sh *shadow) ranges(n *ast.RangeStmt) {
	f, id, _ := sh.job.unit.callee(sh.job.unit.rangeCall(n))
	for _, e := range []ast.Expr{n.Key, n.Value} {
		if e != nil {
			sh.walk(e, true)
		}
	}
	if sh.copiesOf(f) {
		sh.walk(n.X, true)
		sh.edits.insert(id.End(), shadowPrefix)
	} else {
		sh.edits.insert(n.X.Pos(), sh.keeper(1)+"(")
		sh.walk(n.X, true)
		sh.edits.insert(n.X.End(), ")")
	}
	sh.walk(n.Body, true)
}

// copiesOf reports whether there is a shadow of f.
func (sh *shadow) copiesOf(f *types.Func) bool {
	return !isGeneric(f) && sh.oracle.copies[keyOf(f)]
}

// sibling has the call be one of FCx, or of a leaf if that keeps nothing.
func (sh *shadow) sibling(call *ast.CallExpr, f *types.Func, id *ast.Ident, name string) {
	if cx := beside(f, name); cx != nil && sh.leaves.keepsNothing(sh.fset, cx) && sh.plainArgs(call, f) {
		sh.leaf(call, f, true)
		return
	}
	if len(call.Args) == 1 && sh.isTuple(call.Args[0]) {
		sh.keep(call, f)
		return
	}
	sh.walk(call.Fun, true)
	sh.edits.replace(id.Pos(), id.End(), name)
	nothing := "nil"
	if len(call.Args) > 0 {
		nothing = "nil, "
	}
	sh.edits.insert(call.Lparen+1, nothing)
	for _, a := range call.Args {
		sh.walk(a, true)
	}
}

// beside returns the function with a name that is declared beside f.
func beside(f *types.Func, name string) *types.Func {
	var obj types.Object
	if recv := f.Signature().Recv(); recv != nil {
		obj, _, _ = types.LookupFieldOrMethod(recv.Type(), true, f.Pkg(), name)
	} else {
		obj = f.Pkg().Scope().Lookup(name)
	}
	sibling, _ := obj.(*types.Func)
	return sibling
}

// plainArgs reports whether the call can be written as one of a leaf.
func (sh *shadow) plainArgs(call *ast.CallExpr, f *types.Func) bool {
	if f.Origin().Signature().TypeParams().Len() > 0 || len(call.Args) == 1 && sh.isTuple(call.Args[0]) {
		return false
	}
	return !slices.ContainsFunc(call.Args, sh.tooLarge)
}

// tooLarge reports whether e is a constant that cannot be put into an interface
// without naming its type.
func (sh *shadow) tooLarge(e ast.Expr) bool {
	tv := sh.job.info.Types[e]
	if tv.Value == nil || tv.Value.Kind() != constant.Int {
		return false
	}
	n, exact := constant.Int64Val(tv.Value)
	return !exact || n != int64(int32(n)) && sh.job.sizes != nil && sh.job.sizes.Sizeof(types.Typ[types.Int]) < 8
}

func (sh *shadow) isTuple(e ast.Expr) bool {
	t, ok := sh.job.info.TypeOf(e).(*types.Tuple)
	return ok && t.Len() > 1
}

// leaf has F(a, b) be leaf(F, a, b), whose body is empty.
func (sh *shadow) leaf(call *ast.CallExpr, f *types.Func, lifted bool) {
	sig := f.Signature()
	n, r := sig.Params().Len(), sig.Results().Len()
	var tps, in, out, results []string
	for i := range n {
		tps = append(tps, fmt.Sprintf("A%d", i))
		in = append(in, fmt.Sprintf("A%d", i))
	}
	name := fmt.Sprintf("Leaf%dx%d", n, r)
	if sig.Variadic() {
		in[n-1] = "..." + in[n-1]
		name += "v"
	}
	for i := range r {
		tps = append(tps, fmt.Sprintf("R%d", i))
		out = append(out, fmt.Sprintf("R%d", i))
		results = append(results, fmt.Sprintf("r%d R%d", i, i))
	}
	list := ""
	if len(tps) > 0 {
		list = "[" + strings.Join(tps, ", ") + " interface{}]"
	}
	name = sh.helper(name, fmt.Sprintf("%s(_ func(%s) (%s), _ ...interface{}) (%s) { return }",
		list, strings.Join(in, ", "), strings.Join(out, ", "), strings.Join(results, ", ")))
	sh.edits.insert(call.Pos(), name+"(")
	if sel := sh.selection(call); sel != nil {
		// Of a method value gc assumes that the method is called. So it is one of
		// another receiver.
		x := ast.Unparen(call.Fun).(*ast.SelectorExpr).X
		zero := sh.helper("Zero", "[T interface{}](T) (zero T) { return }") + "("
		if implicitAddress(sel) {
			zero += "&"
		}
		sh.edits.insert(x.Pos(), zero)
		sh.walk(x, lifted)
		sh.edits.insert(x.End(), ")")
	} else {
		sh.walk(call.Fun, lifted)
	}
	comma := " "
	if len(call.Args) > 0 {
		comma = ","
	}
	sh.edits.replace(call.Lparen, call.Lparen+1, comma)
	for _, a := range call.Args {
		sh.walk(a, lifted)
	}
	if call.Ellipsis.IsValid() {
		sh.edits.replace(call.Ellipsis, call.Ellipsis+3, "   ")
	}
}

func (sh *shadow) selection(call *ast.CallExpr) *types.Selection {
	_, _, sel := sh.job.callee(call)
	return sel
}

// keep has the call keep its receiver and its arguments: a function is called
// through a variable, of which gc knows nothing; a generic one, which is no value,
// gets arguments that were kept before.
func (sh *shadow) keep(call *ast.CallExpr, f *types.Func) {
	if f.Origin().Signature().TypeParams().Len() == 0 {
		sh.edits.insert(call.Fun.Pos(), sh.keeper(1)+"(")
		sh.walk(call.Fun, true)
		sh.edits.insert(call.Fun.End(), ")")
		for _, a := range call.Args {
			sh.walk(a, true)
		}
		return
	}
	sh.walk(call.Fun, true)
	for _, a := range call.Args {
		n := 1
		if t, ok := sh.job.info.TypeOf(a).(*types.Tuple); ok {
			n = t.Len()
		}
		if sh.nothing(a) {
			sh.walk(a, true)
			continue
		}
		sh.edits.insert(a.Pos(), sh.keeper(n)+"(")
		sh.walk(a, true)
		sh.edits.insert(a.End(), ")")
	}
}

// nothing reports whether there is nothing to keep of a value; only such an
// expression can be without a type of its own.
func (sh *shadow) nothing(e ast.Expr) bool {
	tv := sh.job.info.Types[e]
	b, ok := tv.Type.Underlying().(*types.Basic)
	return tv.Value != nil || tv.IsNil() || ok && b.Info()&(types.IsBoolean|types.IsNumeric) != 0
}

// keeper is a function that returns its n arguments and keeps them.
func (sh *shadow) keeper(n int) string {
	var tps, in, keep, out []string
	for i := range n {
		tps = append(tps, fmt.Sprintf("T%d", i))
		in = append(in, fmt.Sprintf("v%d T%d", i, i))
		keep = append(keep, fmt.Sprintf("%s = v%d; ", sh.sink(), i))
		out = append(out, fmt.Sprintf("v%d", i))
	}
	return sh.helper(fmt.Sprintf("Keep%d", n), fmt.Sprintf("[%s interface{}](%s) (%s) { %sreturn %s }",
		strings.Join(tps, ", "), strings.Join(in, ", "), strings.Join(tps, ", "), strings.Join(keep, ""), strings.Join(out, ", ")))
}

// helper declares a function of the shadow's own and returns its name.
func (sh *shadow) helper(name, rest string) string {
	full := fmt.Sprintf("%s%s_%d", shadowPrefix, name, sh.n)
	if !sh.made[full] {
		sh.made[full] = true
		fmt.Fprintf(&sh.helpers, "func %s%s\n", full, rest)
	}
	return full
}

// sink is the variable that keeps things.
func (sh *shadow) sink() string {
	full := fmt.Sprintf("%sSink_%d", shadowPrefix, sh.n)
	if !sh.made[full] {
		sh.made[full] = true
		fmt.Fprintf(&sh.helpers, "var %s interface{}\n", full)
	}
	return full
}
