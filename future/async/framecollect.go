package async

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
)

// This file describes the frames of translated functions, but for their sizes.
// These are known when the output is type-checked, see framemeasure.go.

// A sketch is a frame to be measured.
type sketch struct {
	Frame
	output string // the path of the file
	apart  string // the name of the type with fields apart
	slots  map[string]*slot
	fn     *function
}

// sketches returns the frames of the functions of a file, those of literals after
// the functions that they are in.
func (u *unit) sketches(s *source) []*sketch {
	var list []*sketch
	for _, fn := range u.funcs {
		if fn.file == s.file {
			fn.eachFunction(func(f *function) { list = append(list, f.sketch(s.output)) })
		}
	}
	return list
}

func (fn *function) sketch(output string) *sketch {
	f := &sketch{fn: fn, output: output, apart: fn.apartName(), slots: map[string]*slot{}}
	f.Package, f.Future, f.Generic = fn.u.pkg.Path(), fn.fut, len(fn.tps) > 0
	f.Func, f.Pos = title(fn.root().decl), fn.u.fset.Position(fn.typ.Pos())
	if fn.lit != nil {
		f.Func = fn.name
	} else {
		f.Pos = fn.u.fset.Position(fn.decl.Name.Pos())
	}
	for _, s := range fn.slots {
		f.slots[s.name] = s
	}
	for _, nd := range fn.awaitNodes() {
		f.Awaits = append(f.Awaits, Await{fn.u.fset.Position(nd.pos), nd.await.what})
	}
	f.Boxed = fn.boxedList()
	return f
}

func (fn *function) awaitNodes() []*node {
	var list []*node
	for _, nd := range fn.nodes {
		if nd.kind == nodeAwait {
			list = append(list, nd)
		}
	}
	return list
}

// held describes a variable in a field.
func (fn *function) held(v *variable) Held {
	h := Held{Name: v.name, Kind: "value"}
	if v.obj != nil {
		h.Name, h.Kind, h.Pos = v.obj.Name(), "local", fn.u.fset.Position(v.obj.Pos())
	}
	switch {
	case v.child:
		h.Kind = "child"
	case v.param:
		h.Kind = "parameter"
		if fn.lit != nil && v.obj != nil && (v.obj.Pos() < fn.lit.Pos() || v.obj.Pos() >= fn.lit.End()) {
			h.Kind = "captured"
		}
	case slices.Contains(fn.results, v):
		h.Kind = "result"
	}
	written := fn.writtenAt(v)
	for i, nd := range fn.awaitNodes() {
		switch {
		case v.child:
			if nd.await.child == v {
				h.Name = nd.await.what
				h.Awaits = append(h.Awaits, i)
			}
		case nd.liveIn.has(v.id), v.pinned && written[nd]:
			h.Awaits = append(h.Awaits, i)
		}
	}
	return h
}

// writtenAt returns the nodes before which v may have been given a value.
func (fn *function) writtenAt(v *variable) map[*node]bool {
	seen := map[*node]bool{}
	var work []*node
	if v.param && len(fn.nodes) > 0 {
		work = append(work, fn.nodes[0])
	}
	for _, nd := range fn.nodes {
		if slices.Contains(nd.touches, v.id) {
			work = append(work, nd.succs...)
		}
	}
	for len(work) > 0 {
		nd := work[len(work)-1]
		work = work[:len(work)-1]
		if !seen[nd] {
			seen[nd] = true
			work = append(work, nd.succs...)
		}
	}
	return seen
}

// boxedList returns what lies on the heap, in the order of the source.
func (fn *function) boxedList() []Boxed {
	var list []Boxed
	for _, v := range fn.vars {
		if v.boxed && v.obj != nil && !v.param && fn.occurs(v) {
			list = append(list, Boxed{v.obj.Name(), fn.u.fset.Position(v.obj.Pos()), fn.whyBoxed(v.obj)})
		}
	}
	for _, nd := range fn.awaitNodes() {
		a, why := nd.await, ""
		switch {
		case a.child.box:
			why = boxMark
		case a.child.boxIn:
			why = "its frame may contain this one"
		case !a.child.child:
			why = "Await keeps the future that it is given on the heap"
		default:
			continue
		}
		list = append(list, Boxed{a.what, fn.u.fset.Position(nd.pos), why})
	}
	slices.SortStableFunc(list, func(a, b Boxed) int { return a.Pos.Offset - b.Pos.Offset })
	return list
}

// whyBoxed says what refers to a variable, and who found that it may do so for too
// long.
func (fn *function) whyBoxed(obj types.Object) string {
	x := fn.facts[obj]
	line := func(pos token.Pos) int { return fn.u.fset.Position(pos).Line }
	why := ""
	switch {
	case x.captured:
		why = fmt.Sprintf("a function literal shares it at line %d", line(x.capturedAt))
	case x.address:
		why = fmt.Sprintf("its address is taken at line %d", line(x.addressAt))
	default:
		why = "a deferred function literal shares it, and there is one in each iteration"
	}
	switch {
	case len(fn.tps) > 0:
		return why + ", and functions with type parameters are not judged"
	case fn.u.implicit(obj):
		return why + ", and variables of type switches are not judged"
	case !fn.u.judged[obj]:
		return why + ", and gc could not be asked: see the notes"
	}
	return why + ", and gc finds that it outlives the call, or the iteration"
}

// implicit reports whether the variable is one of a type switch.
func (u *unit) implicit(obj types.Object) bool {
	for _, o := range u.info.Implicits {
		if o == obj {
			return true
		}
	}
	return false
}

// large is the size from which on advice is given: below, the allocator's size
// classes and the frame's own fields eat up the gain.
const large = 512

// advice returns the children that had better be boxed, given the sizes.
func (f *sketch) advice(pointer int64) []Advice {
	if f.Size <= large {
		return nil
	}
	for _, field := range f.Fields {
		if len(field.Holds) == 0 || field.Size <= f.Size/2 {
			continue
		}
		s := f.slots[field.Name]
		child := s.members[0]
		a := Advice{Child: field.Holds[0].Name, Bytes: field.Size - pointer}
		elsewhere := false
		for _, nd := range f.fn.awaitNodes() {
			switch {
			case nd.await.child != child:
				elsewhere = true
			case !nd.await.call || f.fn.repeats(nd):
				return nil
			default:
				a.Calls = append(a.Calls, f.fn.u.fset.Position(nd.pos))
			}
		}
		if elsewhere && len(a.Calls) > 0 && !child.boxIn {
			return []Advice{a}
		}
	}
	return nil
}

// repeats reports whether a node may run again.
func (fn *function) repeats(nd *node) bool {
	seen := map[*node]bool{}
	work := slices.Clone(nd.succs)
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		if n == nd {
			return true
		}
		if !seen[n] {
			seen[n] = true
			work = append(work, n.succs...)
		}
	}
	return false
}
