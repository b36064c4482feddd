package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bindStmt gives a declared variable its first value (nil: zero). For a boxed one
// this makes the box.
type bindStmt struct {
	ast.EmptyStmt
	v      *variable
	value  ast.Expr
	ensure bool // make the child that lies behind a pointer; nothing for others
}

// boxExpr is a pointer to a new variable with a value.
type boxExpr struct {
	ast.BadExpr
	typ   types.Type
	value ast.Expr
}

// lendExpr is what a literal gets for a variable that it refers to: its value if
// that never changes, or else its address.
type lendExpr struct {
	ast.BadExpr
	v *variable
}

// litTypeExpr is the type of a literal's future.
type litTypeExpr struct {
	ast.BadExpr
	fn *function
}

func (u *unit) newFunction(file *ast.File, out *output) *function {
	return &function{
		u: u, file: file, out: out,
		byObj: map[types.Object]*variable{}, byIdent: map[*ast.Ident]*variable{},
		iterRecovers: map[*ast.Ident]*variable{},
		become:       map[ast.Stmt][]ast.Stmt{}, gotos: map[*ast.BranchStmt]*label{}, labels: map[types.Object]*label{},
		lits: map[*ast.FuncLit]*function{}, names: map[string]bool{}, spelled: map[string]bool{}, types: map[string]bool{},
		locals: map[*types.TypeName]string{}, consts: map[types.Object]bool{},
		jumpedTo: map[types.Object]bool{}, usedObjs: map[types.Object]bool{},
		perIteration: u.perIteration(file),
	}
}

func (u *unit) perIteration(file *ast.File) bool {
	v := u.info.FileVersions[file]
	return v == "" || version.Compare(v, "go1.22") >= 0
}

func (u *unit) newDecl(file *ast.File, d *ast.FuncDecl, out *output) *function {
	fn := u.newFunction(file, out)
	obj := u.info.Defs[d.Name].(*types.Func)
	fn.decl, fn.typ, fn.recv, fn.body, fn.sig = d, d.Type, d.Recv, d.Body, obj.Signature()
	fn.name = d.Name.Name
	if tps := fn.sig.RecvTypeParams(); tps.Len() > 0 {
		for i := range tps.Len() {
			fn.tps = append(fn.tps, tps.At(i))
		}
	}
	for i := range fn.sig.TypeParams().Len() {
		fn.tps = append(fn.tps, fn.sig.TypeParams().At(i))
	}
	recv, _, _ := receiver(d)
	fn.fut = futureName(recv, d.Name.Name)
	u.findCopies(d.Body, fn.sig)
	if d.Recv != nil {
		fn.name = strings.TrimSuffix(fn.fut, "Future")
	}
	return fn
}

func (u *unit) newLiteral(outer *function, lit *ast.FuncLit) *function {
	fn := u.newFunction(outer.file, outer.out)
	fn.outer, fn.lit, fn.typ, fn.body = outer, lit, lit.Type, lit.Body
	fn.sig = u.info.TypeOf(lit).(*types.Signature)
	fn.tps = outer.tps
	root := outer.root()
	root.litCount++
	fn.name = fmt.Sprintf("%s.func%d", root.name, root.litCount)
	fn.fut = fmt.Sprintf("lit%s%dFuture", strings.TrimSuffix(root.fut, "Future"), root.litCount)
	return fn
}

func (fn *function) root() *function {
	for fn.outer != nil {
		fn = fn.outer
	}
	return fn
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// lower fills in the nodes of fn.
func (fn *function) lower() {
	fn.scanNames()
	fn.collectFacts()
	fn.self, fn.cx = fn.fresh("f"), fn.fresh("cx")
	l := &lowering{function: fn, pos: fn.body.Pos()}
	l.exit = l.newLabel("exit")
	l.parameters()
	l.capture()
	fn.defers = hasDefer(fn.body)
	l.block(fn.body.List)
	l.pos = fn.body.Rbrace
	l.place(l.exit)
	l.add(&node{kind: nodeReturn})
}

// scanNames learns which names are taken, which labels are jumped to and which objects occur.
func (fn *function) scanNames() {
	scan := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				fn.names[n.Name], fn.spelled[n.Name] = true, true
				if obj := fn.u.info.Uses[n]; obj != nil {
					fn.usedObjs[obj] = true
				}
				if obj, ok := fn.u.info.Defs[n].(*types.TypeName); ok && !isTypeParam(obj.Type()) {
					fn.types[n.Name] = true
				}
			case *ast.BranchStmt:
				if n.Tok == token.GOTO {
					fn.jumpedTo[fn.u.info.Uses[n.Label]] = true
				}
			}
			return true
		})
	}
	scan(fn.typ)
	scan(fn.body)
	fn.scanRecovers(fn.body)
	if fn.recv != nil {
		scan(fn.recv)
	}
	for _, s := range []string{"anchor", "state", "canceled", "unwind", "outer", "Poll", "Result", "Init", "Cancel", "Suspended", "Deferred", "body", "frame", "future", "pin", "step"} {
		fn.names[s] = true
	}
}

func hasDefer(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return true
	})
	return found
}

// backward reports whether a goto after the label means it.
func (fn *function) backward(s *ast.LabeledStmt) bool {
	obj := fn.u.info.Defs[s.Label]
	found := false
	ast.Inspect(fn.body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO && fn.u.info.Uses[b.Label] == obj && b.Pos() > s.Pos() {
			found = true
		}
		return true
	})
	return found
}

// fresh returns a name that nothing in the function has.
func (fn *function) fresh(hint string) string {
	if hint == "" || hint == "_" {
		hint = "x"
	}
	s := hint
	for i := 1; fn.names[s] || fn.means(s) || token.IsKeyword(s); i++ {
		s = fmt.Sprintf("%s%d", hint, i)
	}
	fn.names[s] = true
	fn.out.locals[s] = true
	return s
}

func (fn *function) newVar(hint string, t types.Type, obj *types.Var) *variable {
	v := &variable{id: len(fn.vars), typ: t, obj: obj}
	switch {
	case obj != nil && fn.sole(obj):
		v.name = obj.Name()
		fn.names[v.name+" taken"] = true
	default:
		v.name = fn.fresh(hint)
	}
	if obj == nil {
		v.value = true
	} else if x := fn.facts[obj]; x != nil {
		v.value = x.byValue()
	}
	fn.vars = append(fn.vars, v)
	return v
}

// means reports whether the output refers to something besides variables by the name.
func (fn *function) means(name string) bool {
	return fn.u.taken(name) || fn.root().types[name] || fn.root().namesParam(name) || fn.out.isOurs(name)
}

// sole reports whether the variable can keep its name: no other variable of the
// function has taken it, and it hides nothing that the output refers to.
func (fn *function) sole(obj *types.Var) bool {
	n := obj.Name()
	if fn.names[n+" taken"] || fn.means(n) || n == fn.self || n == fn.cx {
		return false
	}
	switch n {
	case "anchor", "state", "canceled", "unwind", "outer", "Poll", "Result", "Init", "Cancel", "Suspended", "Deferred", "body", "frame", "future", "pin", "step":
		return false
	}
	return true
}

// parameters makes the variables of the receiver, the parameters and the results.
func (l *lowering) parameters() {
	fn := l.function
	var lists []*ast.FieldList
	if fn.recv != nil {
		lists = append(lists, fn.recv)
	}
	lists = append(lists, fn.typ.Params)
	for n, list := range lists {
		if list == nil {
			continue
		}
		isParams := n == len(lists)-1
		for i, field := range list.List {
			t := l.u.info.TypeOf(field.Type)
			p := initParam{variadic: isParams && fn.sig.Variadic() && i == len(list.List)-1, typ: l.typeText(t)}
			if p.variadic {
				p.typ = l.typeText(t.(*types.Slice).Elem())
			}
			if len(field.Names) == 0 {
				p.name = "_"
				fn.initArg = append(fn.initArg, p)
			}
			for _, id := range field.Names {
				p.name, p.v = "_", nil
				if obj, ok := l.u.info.Defs[id].(*types.Var); ok && id.Name != "_" {
					p.v = l.parameter(obj)
					p.name = p.v.name
				}
				fn.initArg = append(fn.initArg, p)
			}
		}
	}
	if fn.typ.Results != nil {
		for _, field := range fn.typ.Results.List {
			t := l.u.info.TypeOf(field.Type)
			if len(field.Names) == 0 {
				fn.results = append(fn.results, l.newVar("result", t, nil))
			}
			for _, id := range field.Names {
				fn.named = true
				obj, _ := l.u.info.Defs[id].(*types.Var)
				if id.Name == "_" {
					v := l.newVar("result", t, nil)
					l.bind(v, nil)
					fn.results = append(fn.results, v)
					continue
				}
				v := l.declare(obj)
				l.bind(v, nil)
				fn.results = append(fn.results, v)
			}
		}
	}
	for _, v := range fn.results {
		// A panic may leave the body of a function that defers anywhere, and the
		// results stand then too.
		v.field, v.value = true, false
		v.pinned = v.pinned || hasDefer(fn.body)
		if !fn.named && hasDefer(fn.body) {
			l.bind(v, nil) // a recovered panic returns zeros
		}
	}
}

// parameter makes the variable that Init sets; one that must be boxed is so at the start.
func (l *lowering) parameter(obj *types.Var) *variable {
	if !l.needsBox(obj) {
		v := l.declare(obj)
		v.param, v.field = true, true
		return v
	}
	p := l.newVar(obj.Name(), obj.Type(), nil)
	p.param, p.field = true, true
	v := l.declare(obj)
	l.bind(v, l.ref(p))
	return p
}

// capture makes the variables of a literal that stand for those of the functions around it.
func (l *lowering) capture() {
	fn := l.function
	if fn.outer == nil {
		return
	}
	ast.Inspect(fn.body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := l.u.info.Uses[id]
		outer := fn.outer.byObj[obj]
		if outer == nil || fn.byObj[obj] != nil {
			return true
		}
		v := l.newVar(outer.name, outer.typ, nil)
		v.obj, v.param, v.field = outer.obj, true, true
		v.value = outer.value && !outer.boxed
		v.boxed = !v.value
		fn.byObj[obj] = v
		fn.captured = append(fn.captured, outer)
		typ := l.typeText(outer.typ)
		if v.boxed {
			typ = "*" + typ
		}
		fn.initArg = append(fn.initArg, initParam{name: v.name, typ: typ, v: v})
		return true
	})
}

func (l *lowering) typeExpr(t types.Type) ast.Expr { return name(l.typeText(t)) }

func (l *lowering) frame(s string) ast.Expr {
	return name(l.out.importName(framePath, "frame") + "." + s)
}

func (l *lowering) field(s string) ast.Expr { return name(l.self + "." + s) }

func (l *lowering) builtin(s string) ast.Expr { return name(l.predeclared(s)) }
