package async

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// A rewriter copies syntax of the source, or of the translation, for the output:
// variables become fields, locals or boxes, packages get the names they are
// imported under, and statements that leave a node become jumps.
type rewriter struct {
	*function
	lits    int                  // literals around
	aliases map[*variable]string // locals that literals in the node refer to
	order   []*variable
}

var exprType = reflect.TypeFor[ast.Expr]()

func (r *rewriter) expr(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	return r.copyNode(e).(ast.Expr)
}

func (r *rewriter) exprs(list []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = r.expr(e)
	}
	return out
}

func (r *rewriter) stmt(s ast.Stmt) ast.Stmt { return r.copyNode(s).(ast.Stmt) }

func (r *rewriter) copyNode(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.Ident:
		return r.ident(n)
	case *ast.SelectorExpr:
		return r.selector(n)
	case *bindStmt:
		return r.bind(n)
	case *ast.AssignStmt:
		return withoutSelf(r.deep(n).(ast.Stmt), n.Rhs)
	case *boxExpr:
		return r.box(r.typeText(n.typ), r.expr(n.value))
	case *lendExpr:
		return r.lend(n.v)
	case *litTypeExpr:
		return name(n.fn.futText())
	case *ast.FuncLit:
		r.lits++
		out := r.deep(n)
		r.lits--
		return out
	case *ast.CallExpr:
		return r.call(n)
	case *ast.GoStmt: // another goroutine has neither the context nor the panic
		return &ast.GoStmt{Go: n.Go, Call: r.deep(n.Call).(*ast.CallExpr)}
	case *ast.IndexExpr:
		if e := r.localInstance(n.X, n.Index); e != nil {
			return e
		}
	case *ast.IndexListExpr:
		if e := r.localInstance(n.X, n.Indices...); e != nil {
			return e
		}
	case *ast.BlockStmt:
		out := *n
		out.List = r.stmts(n.List)
		return &out
	case *ast.CaseClause:
		return &ast.CaseClause{Case: n.Case, List: r.exprs2(n.List), Colon: n.Colon, Body: r.stmts(n.Body)}
	case *ast.CommClause:
		out := &ast.CommClause{Case: n.Case, Colon: n.Colon, Body: r.stmts(n.Body)}
		if n.Comm != nil {
			out.Comm = r.stmt(n.Comm)
		}
		return out
	case ast.Stmt:
		if r.lits == 0 {
			if to := r.become[n]; to != nil {
				return &ast.BlockStmt{List: r.stmts(to)}
			}
		}
	case ast.Expr:
		if e := r.constant(n); e != nil {
			return e
		}
	}
	return r.deep(n)
}

// exprs2 keeps nil lists nil: an absent list of cases means default.
func (r *rewriter) exprs2(list []ast.Expr) []ast.Expr {
	if list == nil {
		return nil
	}
	return r.exprs(list)
}

func (r *rewriter) stmts(list []ast.Stmt) []ast.Stmt {
	var out []ast.Stmt
	for _, s := range list {
		if to := r.become[s]; to != nil && r.lits == 0 {
			if len(to) == 1 {
				if b, ok := to[0].(*ast.BlockStmt); ok {
					out = append(out, r.stmt(b))
					continue
				}
			}
			for _, t := range to {
				out = append(out, r.stmt(t))
			}
			continue
		}
		out = append(out, r.stmt(s))
	}
	return out
}

// deep copies a node, and rewrites the nodes in it.
func (r *rewriter) deep(n ast.Node) ast.Node {
	from := reflect.ValueOf(n).Elem()
	to := reflect.New(from.Type())
	for i := range from.NumField() {
		f := from.Field(i)
		switch f.Kind() {
		case reflect.Interface, reflect.Pointer:
			if f.IsNil() {
				continue
			}
			switch x := f.Interface().(type) {
			case *ast.CommentGroup, *ast.Object, *ast.Scope:
			case ast.Node:
				to.Elem().Field(i).Set(reflect.ValueOf(r.copyNode(x)))
			default:
				to.Elem().Field(i).Set(f)
			}
		case reflect.Slice:
			if f.IsNil() {
				continue
			}
			list := reflect.MakeSlice(f.Type(), f.Len(), f.Len())
			for j := range f.Len() {
				if x, ok := f.Index(j).Interface().(ast.Node); ok {
					list.Index(j).Set(reflect.ValueOf(r.copyNode(x)))
				} else {
					list.Index(j).Set(f.Index(j))
				}
			}
			to.Elem().Field(i).Set(list)
		default:
			to.Elem().Field(i).Set(f)
		}
	}
	return to.Interface().(ast.Node)
}

func (r *rewriter) ident(id *ast.Ident) ast.Node {
	if v := r.variable(id); v != nil {
		return r.access(v, id.NamePos)
	}
	obj := r.u.info.Uses[id]
	switch obj := obj.(type) {
	case *types.Var: // a key of a literal
		if obj.Embedded() {
			return &ast.Ident{Name: r.fieldName(obj), NamePos: id.NamePos}
		}
	case *types.Const:
		if e := r.localConst(obj); e != nil {
			return e
		}
	case *types.TypeName:
		if tp, ok := types.Unalias(obj.Type()).(*types.TypeParam); ok {
			return &ast.Ident{Name: r.paramName(tp), NamePos: id.NamePos}
		}
		if s := r.localName(obj); s != "" {
			return &ast.Ident{Name: s + r.typeArgs(), NamePos: id.NamePos}
		}
	case *types.PkgName:
		return &ast.Ident{Name: r.out.importName(obj.Imported().Path(), obj.Imported().Name()), NamePos: id.NamePos}
	}
	if obj != nil && obj.Pkg() != nil && obj.Pkg() != r.u.pkg && obj.Parent() == obj.Pkg().Scope() { // a dot import
		return &ast.Ident{Name: r.out.importName(obj.Pkg().Path(), obj.Pkg().Name()) + "." + id.Name, NamePos: id.NamePos}
	}
	return &ast.Ident{Name: id.Name, NamePos: id.NamePos}
}

func (r *rewriter) selector(x *ast.SelectorExpr) ast.Node {
	sel := x.Sel.Name
	if v, ok := r.u.info.Uses[x.Sel].(*types.Var); ok {
		sel = r.fieldName(v)
	}
	return &ast.SelectorExpr{X: r.expr(x.X), Sel: &ast.Ident{Name: sel, NamePos: x.Sel.NamePos}}
}

// path is where the variable, or for a boxed one the pointer to it, is.
func (r *rewriter) path(v *variable) string {
	if v.slot != nil {
		return r.self + "." + v.slot.name
	}
	return v.name
}

// access is the variable in an expression.
func (r *rewriter) access(v *variable, pos token.Pos) ast.Expr {
	s := r.path(v)
	if r.lits > 0 && (v.boxed || v.value && !v.pinned) {
		s = r.alias(v)
	}
	e := ast.Expr(&ast.Ident{Name: s, NamePos: pos})
	if v.boxed {
		e = &ast.ParenExpr{Lparen: pos, X: &ast.StarExpr{Star: pos, X: e}}
	}
	return e
}

// alias is the local that a literal refers to in the place of a field: the field
// may have another value when the literal runs.
func (r *rewriter) alias(v *variable) string {
	if r.aliases == nil {
		r.aliases = map[*variable]string{}
	}
	s, ok := r.aliases[v]
	if !ok {
		s = r.fresh(v.name)
		r.aliases[v] = s
		r.order = append(r.order, v)
	}
	return s
}

func (r *rewriter) bind(b *bindStmt) ast.Stmt {
	to := &ast.Ident{Name: r.path(b.v), NamePos: b.Semicolon}
	var value ast.Expr
	switch t := r.typeText(b.v.typ); {
	case b.v.boxed && b.value == nil:
		value = callOf(name(r.predeclared("new")), name(t))
	case b.v.boxed:
		value = r.box(t, r.expr(b.value))
	case b.value == nil:
		value = name(r.zero(b.v.typ))
	default:
		value = r.expr(b.value)
	}
	return withoutSelf(&ast.AssignStmt{Lhs: []ast.Expr{to}, Tok: token.ASSIGN, TokPos: b.Semicolon, Rhs: []ast.Expr{value}}, []ast.Expr{b.value})
}

func (r *rewriter) box(typ string, e ast.Expr) ast.Expr {
	return callOf(name(r.out.importName(framePath, "frame")+".Box["+typ+"]"), e)
}

func (r *rewriter) lend(v *variable) ast.Expr {
	if v.boxed || v.value || v.child && v.isPointer() {
		return name(r.path(v))
	}
	return &ast.UnaryExpr{Op: token.AND, X: name(r.path(v))}
}

// zero is the zero value of a type.
func (r *rewriter) zero(t types.Type) string {
	if isTypeParam(t) || r.u.redeclared("nil") {
		return "*" + r.predeclared("new") + "(" + r.typeText(t) + ")"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return r.u.truth(false)
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsNumeric != 0:
			return "0"
		}
		return "nil"
	case *types.Struct, *types.Array:
		s := r.typeText(t)
		if strings.HasPrefix(s, "struct") {
			return "(" + s + "{})"
		}
		return s + "{}"
	}
	return "nil"
}

// call replaces the calls that mean something else in a future: recover, and
// functions that have a sibling which takes the context.
func (r *rewriter) call(x *ast.CallExpr) ast.Node {
	if r.lits > 0 {
		return r.deep(x)
	}
	if id, ok := ast.Unparen(x.Fun).(*ast.Ident); ok {
		if r.recovers[id] {
			return callOf(name(r.self + ".outer.Recover"))
		}
		if iter := r.iterRecovers[id]; iter != nil {
			return callOf(name(r.path(iter)+".Recover"), name(r.cx))
		}
	}
	if e := r.constant(x); e != nil {
		return e
	}
	out := r.deep(x).(*ast.CallExpr)
	if s := r.u.cxSibling(x); s != "" {
		out.Fun = renamed(out.Fun, r.dotted(x)+s)
		out.Args = append([]ast.Expr{name(r.cx)}, out.Args...)
	}
	return out
}

// constant is the value of a constant expression that is folded, or nil.
func (r *rewriter) constant(e ast.Expr) ast.Expr {
	if !r.folds(e) {
		return nil
	}
	tv := r.u.info.Types[e]
	return r.constValue(tv.Value, tv.Type)
}

// folds reports whether only the value of e is in the output: it is constant and refers
// to what the output does not have, a local constant.
func (fn *function) folds(e ast.Expr) bool {
	if tv, ok := fn.u.info.Types[e]; !ok || tv.Value == nil {
		return false
	}
	needed := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			needed = needed || fn.isLocalConst(fn.u.info.Uses[id])
		}
		return !needed
	})
	return needed
}

func (fn *function) isLocalConst(obj types.Object) bool {
	for f := fn; f != nil; f = f.outer {
		if obj != nil && f.consts[obj] {
			return true
		}
	}
	return false
}

func (r *rewriter) localConst(obj *types.Const) ast.Expr {
	if !r.isLocalConst(obj) {
		return nil
	}
	return r.constValue(obj.Val(), obj.Type())
}

// constValue writes a constant exactly, with its type or its kind.
func (r *rewriter) constValue(v constant.Value, t types.Type) ast.Expr {
	b, _ := t.(*types.Basic)
	untyped := b != nil && b.Info()&types.IsUntyped != 0
	s := exactly(v)
	if v.Kind() == constant.Bool {
		s = r.u.truth(constant.BoolVal(v)) // which may be a comparison
	}
	if untyped {
		switch b.Kind() {
		case types.UntypedBool:
			if strings.Contains(s, " ") {
				s = "(" + s + ")"
			}
		case types.UntypedRune:
			if n, ok := constant.Int64Val(v); ok && n >= 0 && n <= 0x10ffff && !(n >= 0xd800 && n <= 0xdfff) {
				s = strconv.QuoteRune(rune(n))
			} else {
				s = "('\\x00' + " + s + ")"
			}
		case types.UntypedFloat:
			s = "(0.0 + " + s + ")"
		case types.UntypedComplex:
			s = "(0i + " + s + ")"
		default:
			if strings.HasPrefix(s, "-") {
				s = "(" + s + ")" // x--5 would be a decrement
			}
		}
		return name(s)
	}
	return name("(" + r.typeText(t) + ")(" + s + ")")
}

func exactly(v constant.Value) string {
	switch v.Kind() {
	case constant.String:
		return strconv.Quote(constant.StringVal(v))
	case constant.Float:
		num, den := constant.Num(v), constant.Denom(v)
		if num.Kind() == constant.Int && den.Kind() == constant.Int {
			if s := den.ExactString(); s != "1" {
				return "(" + num.ExactString() + ".0 / " + s + ".0)"
			}
			return num.ExactString() + ".0"
		}
		return v.ExactString()
	case constant.Complex:
		return "(" + exactly(constant.Real(v)) + " + 1i*" + exactly(constant.Imag(v)) + ")"
	}
	return v.ExactString()
}
