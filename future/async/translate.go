package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// unit is one package, parsed and type-checked with declarations (stubs)
// standing in for the twins of its marked functions.
type unit struct {
	fset   *token.FileSet
	pkg    *types.Package
	info   *types.Info
	sizes  types.Sizes
	files  []*ast.File // the user's, with comments; no generated ones
	marked map[*ast.FuncDecl]bool
	beside map[string]token.Pos // what the package declares in files that are not built with these
	line   bool                 // write //line directives
	frames bool                 // the frames will be measured
	// stays has the variables that lie in the frame though pointers to them exist,
	// since no pointer outlives the call, or the iteration. See escape.go.
	stays map[types.Object]bool
	// judged has the variables of which gc has said whether they stay.
	judged map[types.Object]bool
	// implicits are the objects in info.Implicits, once they are asked for.
	implicits map[types.Object]bool
	// isStub reports whether an object is declared by a stub of this unit.
	isStub func(types.Object) bool

	// Made by prepare.
	funcs      []*function
	byFuture   map[types.Object]*function // by the name of the future's type
	outputs    map[*ast.File]*output
	apart      map[*ast.File][]byte // the outputs with what measures the frames, see frameapart.go
	twins      map[*ast.CallExpr]*twin
	ranges     map[*ast.RangeStmt]*ast.CallExpr // see rangeCall
	copies     map[ast.Expr]bool                // what gc copies early, see findCopies
	compared   map[ast.Expr]bool                // what it copies when it has both sides of a comparison
	boxes      map[token.Pos]bool               // calls whose futures are to be boxed, by their left parentheses
	localTypes map[string]bool                  // names of types that were moved out of functions
	names      map[string]bool                  // declared by the package or the universe, or imported by a file
	inFile     map[*ast.File]map[string]bool
	frameTypes map[string]*types.Named
	ctxt       *types.Context
	errs       []*Error
	prepared   bool
}

// translate compiles the marked functions of one file. The source, which need
// not be formatted, is nil when there are none. errs are all that were found.
func (u *unit) translate(file *ast.File) (source []byte, errs []*Error) {
	u.prepare()
	o := u.outputs[file]
	if o == nil {
		return nil, u.errs
	}
	for _, fn := range u.funcs {
		if fn.file == file {
			fn.emit()
		}
	}
	if len(u.errs) > 0 {
		return nil, u.errs
	}
	source = []byte(header(file) + o.importDecl() + "\n" + o.b.String())
	if u.frames {
		for _, fn := range u.funcs {
			if fn.file == file {
				fn.emitApart()
			}
		}
		u.apart[file] = []byte(header(file) + o.importDecl() + "\n" + o.b.String())
	}
	return source, nil
}

// prepare lowers all marked functions of the unit: which child is in which frame
// must be known before any is written.
func (u *unit) prepare() {
	if u.prepared {
		return
	}
	u.prepared = true
	u.byFuture = map[types.Object]*function{}
	u.outputs = map[*ast.File]*output{}
	u.apart = map[*ast.File][]byte{}
	u.localTypes = map[string]bool{}
	u.frameTypes = map[string]*types.Named{}
	u.ctxt = types.NewContext()
	u.scanNames()
	for _, file := range u.files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !u.marked[f] || f.Body == nil {
				continue
			}
			o := u.outputs[file]
			if o == nil {
				o = &output{u: u, file: file, imports: map[string]string{}, named: map[string]bool{}, locals: map[string]bool{}, ours: map[string]string{}}
				o.reserve()
				u.outputs[file] = o
			}
			fn := u.newDecl(file, f, o)
			fn.checkDirectives()
			u.funcs = append(u.funcs, fn)
			if obj := u.pkg.Scope().Lookup(fn.fut); obj != nil {
				u.byFuture[obj] = fn
			}
		}
	}
	u.findBoxes()
	for _, fn := range u.funcs {
		fn.lower()
	}
	u.findRecursion()
	for _, fn := range u.funcs {
		fn.settleFrame()
	}
}

// checkDirectives rejects directives to gc that a future cannot follow.
func (fn *function) checkDirectives() {
	for _, c := range fn.decl.Doc.List {
		d, _, _ := strings.Cut(c.Text, " ")
		switch d {
		case "//go:uintptrescapes", "//go:uintptrkeepalive":
			fn.fail(c.Pos(), d+" keeps alive what the arguments point to during a call; a future has no such call", "pass unsafe.Pointer, or leave the function as it is and call it from an async one")
		}
	}
}

// settleFrame decides where the variables of fn and of its literals live.
func (fn *function) settleFrame() {
	fn.analyse()
	for _, lit := range fn.litList {
		lit.settleFrame()
	}
	fn.slots = fn.assignSlots()
	fn.findDirty()
}

// findRecursion puts behind a pointer each child whose future contains, through
// its own children, the future that polls it: the frame would have no size.
func (u *unit) findRecursion() {
	t := &tarjan{index: map[*function]int{}, low: map[*function]int{}, of: map[*function]int{}}
	for _, fn := range u.funcs {
		if t.index[fn] == 0 {
			t.visit(fn)
		}
	}
	for _, fn := range u.funcs {
		fn.eachFunction(func(f *function) {
			for _, v := range f.vars {
				v.boxIn = v.box || v.child && v.origin != nil && t.of[v.origin] == t.of[fn]
			}
		})
	}
}

// tarjan finds the strongly connected components of the functions' frames (Tarjan,
// Depth-first search and linear graph algorithms, 1972).
type tarjan struct {
	index, low, of map[*function]int // index from 1; of is the component, from 1
	stack          []*function
	parts          int
}

func (t *tarjan) visit(fn *function) {
	t.index[fn] = len(t.index) + 1
	t.low[fn] = t.index[fn]
	t.stack = append(t.stack, fn)
	for _, e := range fn.allEmbeds() {
		if t.index[e] == 0 {
			t.visit(e)
			t.low[fn] = min(t.low[fn], t.low[e])
		} else if t.of[e] == 0 {
			t.low[fn] = min(t.low[fn], t.index[e])
		}
	}
	if t.low[fn] != t.index[fn] {
		return
	}
	t.parts++
	for {
		last := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.of[last] = t.parts
		if last == fn {
			return
		}
	}
}

// eachFunction calls f for fn and the literals in it.
func (fn *function) eachFunction(f func(*function)) {
	f(fn)
	for _, lit := range fn.litList {
		lit.eachFunction(f)
	}
}

// allEmbeds is the functions whose futures are in the frame of fn, those in its literals' frames included.
func (fn *function) allEmbeds() []*function {
	var out []*function
	fn.eachFunction(func(f *function) { out = append(out, f.embeds...) })
	return out
}

func (u *unit) fail(pos token.Pos, what, way string) {
	u.errs = append(u.errs, &Error{Pos: u.fset.Position(pos), What: what, Way: way})
}

func (fn *function) fail(pos token.Pos, what, way string) { fn.u.fail(pos, fn.name+": "+what, way) }

func (u *unit) scanNames() {
	u.names = map[string]bool{}
	u.inFile = map[*ast.File]map[string]bool{}
	for _, n := range u.pkg.Scope().Names() {
		u.names[n] = true
	}
	for n := range u.beside {
		u.names[n] = true
	}
	for _, n := range types.Universe.Names() {
		u.names[n] = true
	}
	for _, file := range u.files {
		names := map[string]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
				if obj, ok := u.info.Uses[id].(*types.PkgName); ok {
					u.names[obj.Name()] = true
				}
			}
			return true
		})
		u.inFile[file] = names
		for _, spec := range file.Imports {
			if obj := u.info.Implicits[spec]; obj != nil {
				u.names[obj.Name()] = true
			} else if spec.Name != nil {
				u.names[spec.Name.Name] = true
			}
		}
	}
	for _, n := range []string{"future", "frame", "pin"} {
		u.names[n] = true
	}
}

// taken reports whether a name means something in the scope around functions.
func (u *unit) taken(n string) bool { return u.names[n] }

// freeName returns a name for an import that nothing in the file has.
func (u *unit) freeName(o *output, hint string) string {
	s := hint
	for i := 2; ; i++ {
		free := !u.inFile[o.file][s] && !o.locals[s] && u.pkg.Scope().Lookup(s) == nil && !u.beside[s].IsValid() && types.Universe.Lookup(s) == nil
		for _, names := range []map[string]string{o.imports, o.ours} {
			for _, t := range names {
				free = free && s != t
			}
		}
		if free {
			return s
		}
		s = fmt.Sprintf("%s%d", hint, i)
	}
}

// frameType is a type of package frame, instantiated with elem if that is not nil. The package
// itself need not be loaded.
func (u *unit) frameType(name string, args ...types.Type) types.Type {
	n := u.frameTypes[name]
	if n == nil {
		pkg := types.NewPackage(framePath, "frame")
		n = types.NewNamed(types.NewTypeName(token.NoPos, pkg, name, nil), types.NewStruct(nil, nil), nil)
		var tps []*types.TypeParam
		for i, a := range args {
			if a != nil {
				constraint := types.Universe.Lookup("any").Type()
				tps = append(tps, types.NewTypeParam(types.NewTypeName(token.NoPos, pkg, fmt.Sprintf("T%d", i), nil), constraint))
			}
		}
		n.SetTypeParams(tps)
		u.frameTypes[name] = n
	}
	if n.TypeParams().Len() == 0 {
		return n
	}
	t, err := types.Instantiate(u.ctxt, n, args, false)
	if err != nil {
		return n
	}
	return t
}

func (u *unit) mapIter(m *types.Map) types.Type { return u.frameType("MapIter", m.Key(), m.Elem()) }
