package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// gc passes some values to its runtime by their address: what becomes an interface
// and is larger than a word or has another shape, keys of most maps, structs and
// arrays that are compared. A value that has no address gets one by being copied,
// early; one that has is read late (cmd/compile/internal/walk/order.go, addrTemp
// and mapKeyTemp). findCopies collects the expressions that are copied.

type copyFinder struct {
	u        *unit
	results  []*types.Tuple    // of the functions around
	assigned map[ast.Expr]bool // entries of maps
}

// findCopies notes what is copied in a function.
func (u *unit) findCopies(body *ast.BlockStmt, sig *types.Signature) {
	f := &copyFinder{u: u, assigned: map[ast.Expr]bool{}}
	f.function(body, sig)
}

func (f *copyFinder) function(body *ast.BlockStmt, sig *types.Signature) {
	f.results = append(f.results, sig.Results())
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			f.function(n.Body, f.u.info.TypeOf(n).(*types.Signature))
			return false
		case *ast.CallExpr:
			f.call(n)
		case *ast.CompositeLit:
			f.literal(n)
		case *ast.AssignStmt:
			f.assigns(n.Lhs...)
			f.appends(n)
			if len(n.Lhs) == len(n.Rhs) {
				for i, e := range n.Rhs {
					f.convert(e, f.u.info.TypeOf(n.Lhs[i]))
				}
			}
		case *ast.IncDecStmt:
			f.assigns(n.X)
		case *ast.RangeStmt:
			f.assigns(n.Key, n.Value)
		case *ast.ValueSpec:
			if n.Type != nil {
				f.convertAll(n.Values, f.u.info.TypeOf(n.Type))
			}
		case *ast.ReturnStmt:
			if r := f.results[len(f.results)-1]; r.Len() == len(n.Results) {
				for i, e := range n.Results {
					f.convert(e, r.At(i).Type())
				}
			}
		case *ast.SendStmt:
			if c, ok := coreType(f.u.info.TypeOf(n.Chan)).(*types.Chan); ok {
				f.convert(n.Value, c.Elem())
			}
		case *ast.IndexExpr:
			if m, ok := coreType(f.u.info.TypeOf(n.X)).(*types.Map); ok {
				f.key(n.Index, m)
				f.entry(n, m)
			}
		case *ast.SliceExpr:
			f.bounds(n)
		case *ast.BinaryExpr:
			f.compare(n)
		}
		return true
	})
	f.results = f.results[:len(f.results)-1]
}

func (f *copyFinder) call(call *ast.CallExpr) {
	tv := f.u.info.Types[call.Fun]
	if tv.IsType() {
		f.convertAll(call.Args, tv.Type)
		return
	}
	sig, ok := under(tv.Type).(*types.Signature)
	if !ok {
		return
	}
	for i, e := range call.Args {
		f.convert(e, paramType(sig, i, call.Ellipsis.IsValid()))
	}
}

func (f *copyFinder) literal(lit *ast.CompositeLit) {
	m, _ := f.u.litType(lit).(*types.Map)
	for e, t := range f.u.elements(lit) {
		if m != nil {
			kv := e.(*ast.KeyValueExpr)
			f.convert(kv.Key, m.Key())
			f.key(kv.Key, m)
			e = kv.Value
		}
		f.convert(e, t)
	}
}

func (f *copyFinder) convertAll(es []ast.Expr, to types.Type) {
	for _, e := range es {
		f.convert(e, to)
	}
}

func (f *copyFinder) copy(e ast.Expr) { f.note(&f.u.copies, e) }

func (f *copyFinder) note(in *map[ast.Expr]bool, e ast.Expr) {
	if f.u.isStatic(e, f.u.info.TypeOf(e)) {
		return // it never changes
	}
	if *in == nil {
		*in = map[ast.Expr]bool{}
	}
	(*in)[ast.Unparen(e)] = true
}

// concrete returns the type of a value that is no constant and no interface, or nil.
func (f *copyFinder) concrete(e ast.Expr) types.Type {
	tv := f.u.info.Types[e]
	if tv.Value != nil || tv.IsType() || tv.IsNil() || tv.Type == nil || types.IsInterface(tv.Type) {
		return nil
	}
	if _, tuple := tv.Type.(*types.Tuple); tuple {
		return nil
	}
	return tv.Type
}

// convert notes e if it is converted to the type, and that is an interface.
func (f *copyFinder) convert(e ast.Expr, to types.Type) {
	if to == nil || !types.IsInterface(to) || isTypeParam(to) {
		return
	}
	if t := f.concrete(e); t != nil && f.u.byAddress(t) && !f.u.addressable(e) {
		f.copy(e)
	}
}

// byAddress reports whether values of the type are passed by address when they
// become interfaces.
func (u *unit) byAddress(t types.Type) bool {
	if dependsOnTypeParam(t, map[types.Type]bool{}) {
		return false
	}
	size, align := u.sizes.Sizeof(t), u.sizes.Alignof(t)
	switch {
	case size == 2 && align == 2:
		return false
	case (size == 4 && align == 4 || size == 8 && align == u.sizes.Alignof(types.Typ[types.Uint64])) && !hasPointers(t):
		return false
	}
	switch c := soleComponent(t).(type) {
	case *types.Slice:
		return false
	case *types.Basic:
		return c.Info()&types.IsString == 0
	}
	return true
}

// soleComponent is what structs of one field and arrays of one element consist of.
func soleComponent(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if u.NumFields() == 1 {
			return soleComponent(u.Field(0).Type())
		}
	case *types.Array:
		if u.Len() == 1 {
			return soleComponent(u.Elem())
		}
	}
	return t.Underlying()
}

// addressable reports whether e is a variable, or a part of one, for gc.
func (u *unit) addressable(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return u.variable(x) != nil
	case *ast.StarExpr:
		return true
	case *ast.SelectorExpr:
		sel := u.info.Selections[x]
		if sel == nil {
			return u.variable(x) != nil
		}
		return sel.Kind() == types.FieldVal && (sel.Indirect() || u.addressable(x.X))
	case *ast.IndexExpr:
		switch under(u.info.TypeOf(x.X)).(type) {
		case *types.Slice, *types.Pointer:
			return true
		case *types.Array:
			return u.addressable(x.X)
		}
	}
	return false
}

// bounds notes the bounds of a slice expression: its operand is read when it is
// sliced, but each bound that is no variable in its turn.
func (f *copyFinder) bounds(e *ast.SliceExpr) {
	for _, x := range []ast.Expr{e.Low, e.High, e.Max} {
		if x != nil {
			f.unlessCheap(x)
		}
	}
}

// unlessCheap notes e unless it is a variable or a constant (order.go, cheapExpr).
func (f *copyFinder) unlessCheap(e ast.Expr) {
	if tv := f.u.info.Types[e]; tv.Value == nil && !tv.IsNil() && f.u.variable(e) == nil {
		f.copy(e)
	}
}

// variable returns the variable that e names, or nil.
func (u *unit) variable(e ast.Expr) *types.Var {
	var v *types.Var
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ = u.info.Uses[x].(*types.Var)
	case *ast.SelectorExpr: // of a package
		if u.info.Selections[x] == nil {
			v, _ = u.info.Uses[x.Sel].(*types.Var)
		}
	}
	return v
}

// compare notes the operands of a comparison of structs or arrays, and the one that
// is converted to the other's interface.
func (f *copyFinder) compare(e *ast.BinaryExpr) {
	if e.Op != token.EQL && e.Op != token.NEQ {
		return
	}
	f.convert(e.X, f.u.info.TypeOf(e.Y))
	f.convert(e.Y, f.u.info.TypeOf(e.X))
	for _, x := range []ast.Expr{e.X, e.Y} {
		switch under(f.u.info.TypeOf(x)).(type) {
		case *types.Struct, *types.Array:
			if f.concrete(x) != nil && !f.u.addressable(x) {
				f.note(&f.u.compared, x)
			}
		}
	}
}
