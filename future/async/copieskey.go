package async

import (
	"go/ast"
	"go/types"
)

// mapMaxElem is internal/abi.MapMaxElemBytes: maps of larger elements have no fast paths.
const mapMaxElem = 128

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

// assigns notes the entries of maps that are assigned to.
func (f *copyFinder) assigns(es ...ast.Expr) {
	for _, e := range es {
		if index, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			f.assigned[index] = true
		}
	}
}

// entry notes m[string(bytes)], unless it is assigned to: for it no string is made,
// so gc looks it up before the bytes can change (mapKeyReplaceStrConv in order.go).
func (f *copyFinder) entry(e *ast.IndexExpr, m *types.Map) {
	if !f.assigned[e] && f.hasBytes(e.Index, m.Key()) {
		f.copy(e)
	}
}

// hasBytes reports whether e is a string of bytes, or a literal of a struct or an
// array with one in it, and not converted to another type.
func (f *copyFinder) hasBytes(e ast.Expr, to types.Type) bool {
	e = ast.Unparen(e)
	t := f.u.info.TypeOf(e)
	if types.IsInterface(to) {
		return false
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		return f.u.info.Types[e.Fun].IsType() && len(e.Args) == 1 && isString(t) && isByteSlice(f.u.info.TypeOf(e.Args[0]))
	case *ast.CompositeLit:
		switch f.u.litType(e).(type) {
		case *types.Array, *types.Struct:
			for part, to := range f.u.elements(e) {
				if f.hasBytes(part, to) {
					return true
				}
			}
		}
	}
	return false
}
