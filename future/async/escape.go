package async

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// This file asks gc which local variables outlive the calls that declare them.
//
// A variable whose address is taken, or that a function literal changes, lies in
// the frame if no pointer to it is used after the call, or after the iteration
// that declares it; else it must be a new one on the heap each time. gc decides
// the same for its stack, and says so with -gcflags=-m: 'moved to heap: x'. It
// cannot be asked about the generated code, where everything is a field of a
// frame; it cannot be asked about the source as it stands either, where c.Read
// is the blocking Read, which need not do what ReadAsync does with its
// arguments. So it is asked about shadows of the functions, see shadow.go, which
// are compiled beside them in an overlay.
//
// The proof is by what gc does not say, so everything that could silence it
// counts as 'moved': each shadow contains a variable that must be reported, or
// else nothing is believed of that function; and a report that belongs to no
// variable that is known here discredits its package.

// judge notes in the units of the jobs which variables stay in the frame. It
// returns why it could not, which is no error: what is not judged is boxed.
func (l *loader) judge(jobs []*job) (notes []string) {
	wanted := false
	for _, j := range jobs {
		j.stays, j.judged = make(map[types.Object]bool), make(map[types.Object]bool)
		wanted = wanted || j.asks()
	}
	if !wanted {
		return nil
	}
	o := &oracle{loader: l, copies: make(map[funcKey]bool), leaves: &leaves{files: l.files, stubs: l.overlay}}
	all := append(slices.Clone(jobs), o.dependencies(jobs)...)
	for _, j := range all {
		o.declare(j)
	}
	for _, j := range all {
		o.shadow(j)
	}
	defer func() {
		for _, j := range all {
			// These were made before the unit knew its functions.
			j.twins, j.errs = nil, nil
		}
	}()
	o.ask(jobs)
	return o.notes
}

// asks reports whether any variable would have to be boxed.
func (j *job) asks() bool {
	for _, s := range j.translated {
		for _, f := range s.marked {
			if len(j.candidatesOf(f)) > 0 {
				return true
			}
		}
	}
	return false
}

// candidatesOf is candidates, found once.
func (j *job) candidatesOf(f *ast.FuncDecl) map[types.Object]bool {
	found, ok := j.candidate[f]
	if !ok {
		if j.candidate == nil {
			j.candidate = make(map[*ast.FuncDecl]map[types.Object]bool)
		}
		found = j.candidates(f)
		j.candidate[f] = found
	}
	return found
}

// candidates returns the variables of a function that must be boxed unless they
// stay. Functions with type parameters have none: gc judges instances only, of
// which others may come.
func (u *unit) candidates(f *ast.FuncDecl) map[types.Object]bool {
	obj, ok := u.info.Defs[f.Name].(*types.Func)
	if !ok || f.Body == nil || isGeneric(obj) {
		return nil
	}
	fn := &function{u: u, decl: f, recv: f.Recv, typ: f.Type, body: f.Body}
	fn.collectFacts()
	found := make(map[types.Object]bool)
	for obj, x := range fn.facts {
		if x.refers() {
			found[obj] = true
		}
	}
	for obj := range found {
		if u.isImplicit(obj) {
			delete(found, obj) // several variables of a type switch share a position
		}
	}
	return found
}

// isImplicit reports whether the variable has no identifier that declares it.
func (u *unit) isImplicit(obj types.Object) bool {
	if u.implicits == nil {
		u.implicits = make(map[types.Object]bool)
		for _, obj := range u.info.Implicits {
			u.implicits[obj] = true
		}
	}
	return u.implicits[obj]
}

func isGeneric(f *types.Func) bool {
	sig := f.Origin().Signature()
	return sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0
}

// oracle is one question to gc, about all packages at once.
type oracle struct {
	*loader
	copies  map[funcKey]bool // functions that have a shadow
	leaves  *leaves
	shadows []*shadow
	trimmed *trimmed
	notes   []string
}

// funcKey names a function across type checkers.
type funcKey struct{ pkg, recv, name string }

func keyOf(f *types.Func) funcKey {
	key := funcKey{f.Pkg().Path(), "", f.Name()}
	if recv := f.Origin().Signature().Recv(); recv != nil {
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok && !types.IsInterface(n) {
			key.recv = n.Obj().Name()
		} else {
			key.recv = "?" // an interface's: nobody's in particular
		}
	}
	return key
}

func (o *oracle) note(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(o.notes, s) {
		o.notes = append(o.notes, s)
	}
}

// dependencies type-checks the packages with marks that the jobs import: the
// bodies of their functions matter, whichever packages were asked for.
func (o *oracle) dependencies(jobs []*job) []*job {
	here := make(map[string]bool)
	for _, j := range jobs {
		here[j.pkg.Path()] = true
	}
	var missing []*packages.Package
	for _, p := range o.marked {
		if f := o.folders[p.Dir]; !here[p.PkgPath] && f.marked(false) && !o.usesCgo(p, f) {
			here[p.PkgPath] = true
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	problem, built := o.problem, maps.Clone(o.built)
	more, err := o.checkLight(missing)
	if err == nil && len(o.problem) > len(problem) {
		err = &LoadError{o.problem[len(problem):]}
	}
	o.problem, o.built = problem, built
	if err != nil {
		o.note("what the functions of imported packages keep is not known, and locals that they are given pointers to are boxed: %v", err)
		return nil
	}
	return more
}

// declare notes which functions of a job will have a shadow.
func (o *oracle) declare(j *job) {
	for _, file := range j.files {
		if usesName(file, shadowPrefix) {
			o.note("%s: locals are boxed, as the package uses names that begin with %s", j.pkg.Path(), shadowPrefix)
			return
		}
	}
	j.shadowed = true
	for _, s := range j.translated {
		for _, f := range s.marked {
			if obj, ok := j.info.Defs[f.Name].(*types.Func); ok && !isGeneric(obj) {
				o.copies[keyOf(obj)] = true
			}
		}
	}
}

func usesName(file *ast.File, prefix string) bool {
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && strings.Contains(id.Name, prefix)
		return !found
	})
	return found
}

// shadow makes the shadows of a job's files.
func (o *oracle) shadow(j *job) {
	if !j.shadowed {
		return
	}
	for _, s := range j.translated {
		if len(s.marked) == 0 {
			continue
		}
		sh := newShadow(o, j, s, len(o.shadows))
		o.shadows = append(o.shadows, sh)
		sh.write()
	}
}

var moved = regexp.MustCompile(shadowFile + `(\d+)(?:_test)?\.go:(\d+)(?::(\d+))?: moved to heap: (.+)$`)

// believe takes gc's word for what it has not moved to the heap.
func (o *oracle) believe(said []string) {
	for _, line := range said {
		m := moved.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if n >= len(o.shadows) {
			continue
		}
		ln, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		o.shadows[n].moved(place{ln, col}, m[4])
	}
	strange := make(map[*job]bool)
	for _, sh := range o.shadows {
		if sh.strange != "" {
			strange[sh.job] = true
			o.note("%s: locals are boxed, since gc speaks of %s, which is not there", sh.job.pkg.Path(), sh.strange)
		}
	}
	for _, sh := range o.shadows {
		if strange[sh.job] || sh.job.stays == nil {
			continue
		}
		for _, c := range sh.copies {
			if len(c.candidates) > 0 && !c.heard && len(said) > 0 {
				o.note("%s: locals of %s are boxed, since gc says nothing about it", sh.job.pkg.Path(), title(c.decl))
			}
			for obj := range c.candidates {
				if c.heard {
					sh.job.judged[obj], sh.job.stays[obj] = true, !c.escapes[obj]
				}
			}
		}
	}
}
