package async

import (
	"go/types"
	"slices"
)

// assignSlots gives each variable that needs one a field. Pinned ones have their
// own; the others share with those of the same type that are never alive together.
func (fn *function) assignSlots() []*slot {
	n := len(fn.vars)
	clash := make([]bitset, n)
	for i := range clash {
		clash[i] = newBits(n)
	}
	together := func(set bitset, v int) {
		set.each(func(i int) {
			if i != v {
				clash[i].add(v)
				clash[v].add(i)
			}
		})
	}
	params := newBits(n)
	for _, v := range fn.vars {
		if v.param {
			params.add(v.id)
		}
	}
	params.each(func(i int) { together(params, i) })
	for _, nd := range fn.nodes {
		for _, v := range nd.touches {
			together(nd.liveOut, v)
			if len(nd.touches) > 1 || len(nd.kills) != 1 {
				together(nd.liveIn, v) // else it is written when all has been read
			}
			for _, w := range nd.touches {
				if w != v {
					clash[v].add(w)
					clash[w].add(v)
				}
			}
			if nd.kind != nodeAwait && len(nd.touches) > 1 || nd.kind == nodePlain && len(nd.kills) != len(nd.touches) {
				for _, w := range nd.uses {
					if w != v {
						clash[v].add(w)
						clash[w].add(v)
					}
				}
			}
		}
	}
	if len(fn.nodes) > 0 { // parameters are there from the start
		fn.nodes[0].liveIn.each(func(i int) {
			if fn.vars[i].param {
				together(fn.nodes[0].liveIn, i)
			}
		})
	}
	var slots []*slot
	members := map[*slot][]*variable{}
	for _, v := range fn.vars {
		if !v.field || !fn.occurs(v) {
			continue
		}
		typ := fn.fieldType(v)
		var home *slot
		if !v.pinned {
			for _, s := range slots {
				if s.typ != typ || members[s][0].pinned {
					continue
				}
				if !slices.ContainsFunc(members[s], func(w *variable) bool { return clash[v.id].has(w.id) }) {
					home = s
					break
				}
			}
		}
		if home == nil {
			home = &slot{name: v.name, typ: typ, index: len(slots)}
			home.size, home.align = fn.sizeOf(v)
			slots = append(slots, home)
		}
		members[home] = append(members[home], v)
		v.slot = home
		home.ptrs = v.boxed || v.typ != nil && hasPointers(v.typ)
	}
	for _, s := range slots {
		s.members = members[s]
		for _, v := range members[s] {
			if v.name != s.name {
				s.doc = append(s.doc, v.name)
			}
		}
	}
	return slots
}

// occurs reports whether the variable matters at all: dead code may have held its
// only mention.
func (fn *function) occurs(v *variable) bool {
	if v.param || slices.Contains(fn.results, v) {
		return true
	}
	for _, nd := range fn.nodes {
		if slices.Contains(nd.uses, v.id) || slices.Contains(nd.touches, v.id) {
			return true
		}
	}
	return false
}

// fieldType is the type of the variable's field, as printed.
func (fn *function) fieldType(v *variable) string {
	if v.boxed || v.boxIn {
		return "*" + fn.valueType(v)
	}
	return fn.valueType(v)
}

// valueType is the type of the variable itself, as printed.
func (fn *function) valueType(v *variable) string {
	if v.lit != nil {
		return v.lit.futText()
	}
	return fn.typeText(v.typ)
}

// sizeOf estimates size and alignment, to order the fields. Those that cannot be
// known yet, of futures and of type parameters, are taken as large.
func (fn *function) sizeOf(v *variable) (size, align int64) {
	if v.boxed || v.boxIn {
		return fn.u.sizes.Sizeof(types.Typ[types.Uintptr]), fn.u.sizes.Alignof(types.Typ[types.Uintptr])
	}
	if v.lit != nil || v.child || v.typ == nil || dependsOnTypeParam(v.typ, map[types.Type]bool{}) {
		return 1 << 20, 8
	}
	defer func() {
		if recover() != nil {
			size, align = 1<<20, 8
		}
	}()
	return fn.u.sizes.Sizeof(v.typ), fn.u.sizes.Alignof(v.typ)
}

func dependsOnTypeParam(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return dependsOnTypeParam(t.Elem(), seen)
	case *types.Array:
		return dependsOnTypeParam(t.Elem(), seen)
	case *types.Slice:
		return dependsOnTypeParam(t.Elem(), seen)
	case *types.Struct:
		for i := range t.NumFields() {
			if dependsOnTypeParam(t.Field(i).Type(), seen) {
				return true
			}
		}
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			if dependsOnTypeParam(t.TypeArgs().At(i), seen) {
				return true
			}
		}
		return dependsOnTypeParam(t.Underlying(), seen)
	}
	return false
}
