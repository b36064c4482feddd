package gosmith

import "fmt"

// variable is a declared variable.
type variable struct {
	name   string
	typ    string
	fixed  bool    // not to be assigned: the program's end depends on it
	unused *string // the line to be written if nothing reads it
}

// scope is a block with its variables.
type scope struct {
	outer *scope
	vars  []*variable
	lit   bool // the body of a function literal: labels and jumps end here
}

func (g *gen) push() { g.scope = &scope{outer: g.scope} }

// pop ends a block. Variables that nothing has read are read by an assignment to
// the blank identifier after their declaration.
func (g *gen) pop() {
	for _, v := range g.scope.vars {
		if v.unused != nil {
			*v.unused = "_ = " + v.name
		}
	}
	g.scope = g.scope.outer
}

// names of local variables: some that generated code or its imports could use
// itself, and predeclared ones that the generator has no other use for.
var names = []string{
	"a", "b", "c", "x", "y", "z", "v", "w", "acc", "tmp",
	"f", "s", "cx", "self", "state", "poll", "result", "done", "p",
	"future", "frame", "pin", "unsafe", "runtime", "init_", "resume", "sel",
	"cap", "min_", "print", "println", "real", "imag", "complex", "close_",
	"int32", "uint32", "uint64", "uintptr", "float64", "float32", "int64", "int16",
}

// fresh returns a name that is not declared in this block; it may hide one of an
// outer block.
func (g *gen) fresh() string {
	for range 20 {
		name := oneOf(g, names...)
		if g.chance(25) {
			name = fmt.Sprintf("%s%d", name, g.r.IntN(4))
		}
		taken := false
		for _, v := range g.scope.vars {
			taken = taken || v.name == name
		}
		if !taken {
			if g.lookup(name) != nil {
				g.cover("shadowed variable")
			}
			return name
		}
	}
	g.labels++
	return fmt.Sprintf("v%d", g.labels)
}

// define declares a local variable, whose declaration is written already.
func (g *gen) define(name, typ string) *variable {
	v := &variable{name: name, typ: typ, unused: g.line("")}
	g.scope.vars = append(g.scope.vars, v)
	return v
}

// param declares a variable that need not be read.
func (g *gen) param(name, typ string) *variable {
	v := &variable{name: name, typ: typ}
	g.scope.vars = append(g.scope.vars, v)
	return v
}

func (g *gen) lookup(name string) *variable {
	for s := g.scope; s != nil; s = s.outer {
		for _, v := range s.vars {
			if v.name == name {
				return v
			}
		}
	}
	return nil
}

// visible returns the variables of a type that are not hidden.
func (g *gen) visible(typ string) (found []*variable) {
	for s := g.scope; s != nil; s = s.outer {
		for _, v := range s.vars {
			if v.typ == typ && g.lookup(v.name) == v {
				found = append(found, v)
			}
		}
	}
	return found
}

// variable chooses a variable of a type, nil if there is none. Inner ones are
// preferred.
func (g *gen) variable(typ string) *variable {
	vs := g.visible(typ)
	if len(vs) == 0 {
		return nil
	}
	return vs[min(g.r.IntN(len(vs)), g.r.IntN(len(vs)))]
}

// read returns an expression that reads a variable of the type, or "".
func (g *gen) read(typ string) string {
	v := g.variable(typ)
	if v == nil {
		return ""
	}
	g.use(v)
	if g.fault.is(earlyRead) {
		return "rt.Early(" + v.name + ")"
	}
	return v.name
}

// use notes that v is read.
func (g *gen) use(v *variable) {
	if v.unused != nil {
		g.uses = append(g.uses, use{v, v.unused})
		v.unused = nil
	}
}

// use is a first reading of a variable.
type use struct {
	v      *variable
	unused *string
}

// unuse takes all uses but the first n back, for what was made in vain.
func (g *gen) unuse(n int) {
	for _, u := range g.uses[n:] {
		u.v.unused = u.unused
	}
	g.uses = g.uses[:n]
}

// target returns a variable of the type to be assigned to, or to take the
// address of, or "".
func (g *gen) target(typ string) *variable {
	v := g.variable(typ)
	if v == nil || v.fixed {
		return nil
	}
	return v
}
