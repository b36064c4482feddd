package async

import "go/types"

// A field that holds a pointer of a dead variable would keep alive what it points
// to for as long as the future waits, which may be for ever. So the way out of a
// poll clears such fields: where the future suspends, those whose variables are dead
// there; where it ends, all but the results.

// findDirty computes which slots may hold an old value at each node.
func (fn *function) findDirty() {
	if len(fn.nodes) == 0 {
		return
	}
	n := len(fn.slots)
	gen := func(nd *node, set bitset) {
		for _, id := range nd.touches {
			if s := fn.vars[id].slot; s != nil {
				set.add(s.index)
			}
		}
	}
	in := make([]bitset, len(fn.nodes))
	for i := range in {
		in[i] = newBits(n)
	}
	for _, v := range fn.vars {
		if v.param && v.slot != nil {
			in[0].add(v.slot.index)
		}
	}
	for changed := true; changed; {
		changed = false
		for i, nd := range fn.nodes {
			out := append(bitset(nil), in[i]...)
			gen(nd, out)
			for _, s := range nd.succs {
				changed = in[s.index].or(out) || changed
			}
		}
	}
	for i, nd := range fn.nodes {
		if nd.kind != nodeAwait && nd.kind != nodeReturn || fn.defers && nd.kind == nodeReturn {
			continue
		}
		for _, s := range fn.slots {
			if s.ptrs && in[i].has(s.index) && !fn.neededAt(nd, s) {
				nd.clears = append(nd.clears, s)
			}
		}
	}
}

// neededAt reports whether the slot's value is used after the node.
func (fn *function) neededAt(nd *node, s *slot) bool {
	for _, v := range s.members {
		if v.child {
			return true
		}
		if nd.kind == nodeReturn {
			for _, r := range fn.results {
				if r == v {
					return true
				}
			}
			continue
		}
		if v.pinned || nd.liveIn.has(v.id) || nd.liveOut.has(v.id) {
			return true
		}
	}
	return false
}

// hasPointers reports whether values of the type can hold pointers.
func hasPointers(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.String || u.Kind() == types.UnsafePointer
	case *types.Array:
		return u.Len() > 0 && hasPointers(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if hasPointers(u.Field(i).Type()) {
				return true
			}
		}
		return false
	}
	return true
}

// zeroOf is what a cleared field holds.
func (fn *function) zeroOf(s *slot) string {
	v := s.members[0]
	if v.boxed || v.boxIn {
		return fn.predeclared("nil")
	}
	return (&rewriter{function: fn}).zero(v.typ)
}
