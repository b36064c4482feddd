package async

import (
	"cmp"
	"fmt"
	"slices"
)

// To know what sharing and liveness save, the compiler has the type checker measure
// a second struct for each frame, in which nothing is shared and nothing left out.
// Nobody else sees it: it is in the overlay, and in no output.

// apartName is the name of the type, which the package does not have.
func (fn *function) apartName() string {
	name := "pinionApart" + fn.fut
	for fn.u.pkg.Scope().Lookup(name) != nil {
		name += "_"
	}
	return name
}

// emitApart writes the types for fn and its literals.
func (fn *function) emitApart() {
	fn.eachFunction(func(f *function) {
		f.out.printf("type %s%s struct {\n", f.apartName(), f.typeParams())
		f.emitState()
		var fields []*slot
		for _, v := range f.vars {
			if v.obj == nil && v.slot == nil || !f.occurs(v) {
				continue
			}
			for range f.copiesOf(v) {
				s := &slot{name: fmt.Sprintf("f%d", len(fields)), typ: f.fieldType(v)}
				s.size, s.align = f.sizeOf(v)
				fields = append(fields, s)
			}
		}
		slices.SortStableFunc(fields, func(a, b *slot) int { return cmp.Compare(rank(a), rank(b)) })
		for _, s := range fields {
			f.out.printf("%s %s\n", s.name, s.typ)
		}
		f.out.printf("}\n\n")
	})
}

// copiesOf is the number of fields for a variable: a child has one for each call.
func (fn *function) copiesOf(v *variable) int {
	n := 0
	if v.child {
		for _, nd := range fn.awaitNodes() {
			if nd.await.child == v {
				n++
			}
		}
	}
	return max(n, 1)
}
