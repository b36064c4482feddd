package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
)

// caller is a function of the package, or a literal in one that a local variable calls.
type caller struct {
	name   string
	fn     *types.Func   // nil for a literal
	decl   *ast.FuncDecl // nil for a literal
	marked bool
	sites  []site // in the order of the source

	dist int   // the number of steps to what blocks; 0: it is not known to block
	via  *site // the first of them
}

// site is a place in a function where it may block: an operation, or a call.
type site struct {
	pos    token.Pos
	lifted bool // a suspension point of a future, where it blocks nothing
	first  step
	rest   []step  // behind the first step, if it leads out of the package
	callee *caller // what the first step leads to, if it stays in the package
}

func (s *site) blocks() bool { return s.callee == nil || s.callee.dist > 0 }

func (s *site) dist() int {
	if s.callee != nil {
		return 1 + s.callee.dist
	}
	return 1 + len(s.rest)
}

func (s *site) path() []step {
	path := append([]step{s.first}, s.rest...)
	if s.callee != nil {
		path = append(path, s.callee.path()...)
	}
	return path
}

// path returns the shortest way to what blocks, or nil.
func (n *caller) path() []step {
	if n.via == nil {
		return nil
	}
	return n.via.path()
}

// settle finds for each node the shortest way to something that blocks. Each round
// shortens one at least, and a node's way is longer than that of the next node on
// it: there are no cycles.
func (c *leakCheck) settle() {
	for again := true; again; {
		again = false
		for _, n := range c.order {
			for i := range n.sites {
				s := &n.sites[i]
				if d := s.dist(); s.blocks() && (n.dist == 0 || d < n.dist) {
					n.dist, n.via, again = d, s, true
				}
			}
		}
	}
}

// stepKind says what can be done about a step.
type stepKind uint8

const (
	stepFunc     stepKind = iota // a call of an unmarked function: could be marked
	stepMarked                   // a call of a marked function that is not lifted
	stepLit                      // a call of a function literal
	stepGiven                    // a call of something that calls a method of an argument
	stepLiftable                 // an operation, or a twin, that is lifted in async code
	stepBlocking                 // something that blocks by itself
)

// step is one call or operation on the way to what blocks. It is gob-encoded as a
// part of a fact, and holds no path of this machine.
type step struct {
	Kind    stepKind
	Pkg     string // the path of the package of what is called, if it is a call
	PkgName string
	Name    string // of what is called; or what is done, if Pkg is empty
	Through string // the local variable that is called, if it is one
	Instead string // what to call instead
	In      string // the path of the package where the step is
	File    string // its base name
	Line    int
}

func (c *leakCheck) step(pos token.Pos, kind stepKind) step {
	p := c.u.fset.Position(pos)
	return step{Kind: kind, In: c.u.pkg.Path(), File: filepath.Base(p.Filename), Line: p.Line}
}

// callee returns what is called, as seen in a package.
func (s step) callee(pkg string) string {
	if s.Kind == stepLit || s.Pkg == pkg {
		return s.Name
	}
	return s.PkgName + "." + s.Name
}

func (s step) text(pkg string) string {
	what := s.Name
	if s.Pkg != "" {
		what = "calls " + s.callee(pkg)
	}
	if s.Through != "" {
		what += " through " + s.Through
	}
	file := s.File
	if s.In != pkg {
		file = s.In + "/" + file
	}
	return fmt.Sprintf("%s (%s:%d)", what, file, s.Line)
}

// pathText returns a path as words. Files of pkg go by their base names, others by
// their package's path too.
func pathText(path []step, pkg string) string {
	var words []string
	for _, s := range path {
		words = append(words, s.text(pkg))
	}
	return strings.Join(words, " ")
}

// wayOut says what can be done about a path.
func wayOut(path []step, pkg string) string {
	first, last := path[0], path[len(path)-1]
	var marks, byName, lits, ways []string
	given := false
	for _, s := range path {
		name := s.callee(pkg)
		switch {
		case s.Kind == stepLit:
			lits = append(lits, name)
		case s.Kind == stepFunc:
			marks = append(marks, name)
		case s.Kind == stepGiven:
			given = true
		}
		if s.Through != "" && s.Kind != stepLit {
			byName = append(byName, "call "+name+" by its name")
		}
	}
	use := ""
	if last.Instead != "" {
		use = "use " + last.Instead
	}
	instead := "call"
	if use != "" {
		instead = use + " in"
	}
	switch {
	case given || last.Kind == stepBlocking && use == "":
		// No async form is known.
	case len(lits) > 0:
		ways = append(ways, instead+" a function marked "+mark+" instead of "+join(lits))
	case len(byName) > 0:
		ways = append(ways, join(byName))
	case len(marks) > 0 && use != "":
		ways = append(ways, use+" and mark "+join(marks)+" "+mark)
	case len(marks) > 0:
		ways = append(ways, "mark "+join(marks)+" "+mark)
	case use != "":
		ways = append(ways, use)
	case first.Pkg != "" && len(path) == 1:
		ways = append(ways, "call it as a method of its receiver") // and not by a method expression
	}
	if first.Pkg != "" && first.Kind != stepLiftable && first.Kind != stepMarked {
		ways = append(ways, "run "+first.callee(pkg)+" with future.FromFunc")
	}
	say := "say " + silencer + " REASON"
	if len(ways) > 0 {
		say = "or " + say
	}
	return strings.Join(append(ways, say), ", ")
}

// join returns "a", "a and b" or "a, b and c".
func join(words []string) string {
	last := len(words) - 1
	if last <= 0 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
