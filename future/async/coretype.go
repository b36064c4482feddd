package async

import "go/types"

// coreType returns the type underneath t, or underneath all types of a type
// parameter. Of channels that differ in direction alone it is one that has all
// their limits. It is nil if there is no such type.
func coreType(t types.Type) types.Type {
	tp, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return under(t)
	}
	var core types.Type
	for _, term := range termsOf(tp.Constraint()) {
		u := term.Type().Underlying()
		switch c, ok := sameChan(core, u); {
		case core == nil:
			core = u
		case ok:
			core = c
		case !types.Identical(core, u):
			return nil
		}
	}
	return core
}

// sameChan returns the one with a direction, if a and b are channels of the same
// elements.
func sameChan(a, b types.Type) (types.Type, bool) {
	x, ok := a.(*types.Chan)
	if !ok {
		return nil, false
	}
	y, ok := b.(*types.Chan)
	if !ok || !types.Identical(x.Elem(), y.Elem()) {
		return nil, false
	}
	if x.Dir() == types.SendRecv {
		return y, true
	}
	return x, y.Dir() == types.SendRecv || y.Dir() == x.Dir()
}

// termsOf returns the terms of a constraint's type set. It is nil for a constraint
// that limits the methods alone.
func termsOf(constraint types.Type) []*types.Term {
	switch c := types.Unalias(constraint).Underlying().(type) {
	case *types.Union:
		var all []*types.Term
		for term := range c.Terms() {
			if _, ok := term.Type().Underlying().(*types.Interface); ok {
				all = append(all, termsOf(term.Type())...)
			} else {
				all = append(all, term)
			}
		}
		return all
	case *types.Interface:
		var all []*types.Term
		for e := range c.EmbeddedTypes() {
			if terms := termsOf(e); all == nil {
				all = terms
			} else if terms != nil {
				all = intersection(all, terms)
			}
		}
		return all
	}
	return []*types.Term{types.NewTerm(false, constraint)}
}

func intersection(as, bs []*types.Term) []*types.Term {
	all := []*types.Term{}
	for _, a := range as {
		for _, b := range bs {
			switch x, y := a.Type(), b.Type(); {
			case a.Tilde() && types.Identical(x, y.Underlying()):
				all = append(all, b)
			case b.Tilde() && types.Identical(x.Underlying(), y), types.Identical(x, y):
				all = append(all, a)
			}
		}
	}
	return all
}
