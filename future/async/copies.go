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

// mapMaxElem is internal/abi.MapMaxElemBytes: maps of larger elements have no fast paths.
const mapMaxElem = 128

type copyFinder struct {
	u       *unit
	results []*types.Tuple // of the functions around
}

// findCopies notes what is copied in a function.
func (u *unit) findCopies(body *ast.BlockStmt, sig *types.Signature) {
	f := &copyFinder{u: u}
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
			if len(n.Lhs) == len(n.Rhs) {
				for i, e := range n.Rhs {
					f.convert(e, f.u.info.TypeOf(n.Lhs[i]))
				}
			}
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
			if c, ok := under(f.u.info.TypeOf(n.Chan)).(*types.Chan); ok {
				f.convert(n.Value, c.Elem())
			}
		case *ast.IndexExpr:
			if m, ok := under(f.u.info.TypeOf(n.X)).(*types.Map); ok {
				f.key(n.Index, m)
			}
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
	t := coreType(f.u.info.TypeOf(lit))
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	for i, e := range lit.Elts {
		kv, _ := e.(*ast.KeyValueExpr)
		if kv != nil {
			e = kv.Value
		}
		switch t := t.(type) {
		case *types.Slice:
			f.convert(e, t.Elem())
		case *types.Array:
			f.convert(e, t.Elem())
		case *types.Map:
			f.convert(kv.Key, t.Key())
			f.convert(e, t.Elem())
		case *types.Struct:
			if kv == nil {
				f.convert(e, t.Field(i).Type())
			} else if field := f.u.info.Uses[kv.Key.(*ast.Ident)]; field != nil {
				f.convert(e, field.Type())
			}
		}
	}
}

func (f *copyFinder) convertAll(es []ast.Expr, to types.Type) {
	for _, e := range es {
		f.convert(e, to)
	}
}

func (f *copyFinder) copy(e ast.Expr) {
	if f.u.copies == nil {
		f.u.copies = map[ast.Expr]bool{}
	}
	f.u.copies[ast.Unparen(e)] = true
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
		_, ok := u.info.Uses[x].(*types.Var)
		return ok
	case *ast.StarExpr:
		return true
	case *ast.SelectorExpr:
		sel := u.info.Selections[x]
		if sel == nil { // of a package
			_, ok := u.info.Uses[x.Sel].(*types.Var)
			return ok
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

// key notes the key of a map index.
func (f *copyFinder) key(e ast.Expr, m *types.Map) {
	t := f.concrete(e)
	if dependsOnTypeParam(m.Key(), map[types.Type]bool{}) || dependsOnTypeParam(m.Elem(), map[types.Type]bool{}) {
		return
	}
	fast := f.u.sizes.Sizeof(m.Elem()) <= mapMaxElem && f.u.fastKey(m.Key())
	switch k := m.Key().Underlying().(type) {
	case *types.Interface: // what is copied is the converted value
		if t != nil {
			f.copy(e)
			return
		}
	case *types.Struct, *types.Array:
		if fast && !isDirectIface(k) { // through memory
			f.copy(e)
			return
		}
	}
	if !fast && f.u.info.Types[e].Value == nil && !f.u.addressable(e) {
		f.copy(e)
	}
}

// fastKey reports whether maps with such keys of at most [mapMaxElem] have a fast path.
func (u *unit) fastKey(t types.Type) bool {
	if b, ok := soleComponent(t).(*types.Basic); ok && b.Info()&types.IsString != 0 {
		return true
	}
	size := u.sizes.Sizeof(t)
	return (size == 4 || size == 8) && u.isMemory(t)
}

// isMemory reports whether values of the type are equal if and only if their bytes are.
func (u *unit) isMemory(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsInteger|types.IsBoolean) != 0 || t.Kind() == types.UnsafePointer
	case *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return u.isMemory(t.Elem())
	case *types.Struct:
		sum := int64(0)
		for i := range t.NumFields() {
			field := t.Field(i)
			if field.Name() == "_" || !u.isMemory(field.Type()) {
				return false
			}
			sum += u.sizes.Sizeof(field.Type())
		}
		return sum == u.sizes.Sizeof(t)
	}
	return false
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
				f.copy(x)
			}
		}
	}
}
