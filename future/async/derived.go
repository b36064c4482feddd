package async

import "go/types"

// derived reports whether gc knows a type of this function only when it runs: it has a
// type parameter in it, or was declared in a generic function. Assertions of such types
// are read late.
func (fn *function) derived(t types.Type) bool {
	if len(fn.tps) == 0 {
		return false
	}
	seen := map[types.Type]bool{}
	var in func(types.Type) bool
	in = func(t types.Type) bool {
		if t == nil || seen[t] {
			return false
		}
		seen[t] = true
		switch t := types.Unalias(t).(type) {
		case *types.TypeParam:
			return true
		case interface{ Elem() types.Type }: // of pointers, slices, arrays and channels
			if m, ok := t.(*types.Map); ok && in(m.Key()) {
				return true
			}
			return in(t.Elem())
		case *types.Signature:
			return in(t.Params()) || in(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				if in(v.Type()) {
					return true
				}
			}
		case *types.Struct:
			for v := range t.Fields() {
				if in(v.Type()) {
					return true
				}
			}
		case *types.Interface:
			for m := range t.Methods() {
				if in(m.Type()) {
					return true
				}
			}
		case *types.Named:
			for arg := range t.TypeArgs().Types() {
				if in(arg) {
					return true
				}
			}
			obj := t.Obj()
			return obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope()
		}
		return false
	}
	return in(t)
}
