package async

import "strconv"

// Generated code refers to predeclared names, but a package may give them another
// meaning. What can do without them does; the rest is an error.

// redeclared reports whether the package gives one of the names another meaning.
func (u *unit) redeclared(names ...string) bool {
	for _, n := range names {
		if u.pkg.Scope().Lookup(n) != nil {
			return true
		}
	}
	return false
}

// predeclared returns a predeclared name, and complains if it is redeclared.
func (fn *function) predeclared(name string) string {
	if fn.u.redeclared(name) {
		fn.fail(fn.body.Pos(), "the package redeclares "+name+", which the translation needs here", "name it otherwise")
	}
	return name
}

// truth is true or false, whatever the package calls so.
func (u *unit) truth(b bool) string {
	s := strconv.FormatBool(b)
	switch {
	case !u.redeclared(s):
		return s
	case b:
		return "0 == 0"
	}
	return "0 != 0"
}
