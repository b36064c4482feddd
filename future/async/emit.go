package async

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

func (o *output) printf(format string, args ...any) { fmt.Fprintf(&o.b, format, args...) }

// emit writes the future of fn: the frame, the constructors, Poll, Result, Cancel.
func (fn *function) emit() {
	slots := fn.slots
	fn.emitTypes()
	fn.emitFrame(slots)
	fn.emitConstructor()
	fn.emitPoll()
	fn.emitResult()
	fn.emitRest()
	for _, lit := range fn.litList {
		lit.emit()
	}
}

func (fn *function) emitTypes() {
	for _, s := range fn.typeSpecs {
		r := &rewriter{function: fn}
		obj := fn.u.info.Defs[s.Name].(*types.TypeName)
		eq := ""
		if s.Assign.IsValid() {
			eq = "= "
		}
		fn.out.printf("// %s is declared in %s.\ntype %s%s %s%s\n\n", s.Name.Name, fn.name, fn.locals[obj], fn.typeParams(ownParams(obj)...), eq, fn.print(r.expr(s.Type)))
	}
}

func (fn *function) emitFrame(slots []*slot) {
	o := fn.out
	if fn.lit != nil {
		o.printf("// %s is the future of the literal %s at line %d.\n", fn.fut, fn.name, fn.u.fset.Position(fn.lit.Pos()).Line)
	} else {
		o.printf("// %s is the future of [%s].\n", fn.fut, fn.docName())
	}
	o.printf("type %s%s struct {\n", fn.fut, fn.typeParams())
	fn.emitState()
	slices.SortStableFunc(slots, func(a, b *slot) int { return cmp.Compare(rank(a), rank(b)) })
	for _, s := range slots {
		o.printf("%s %s", s.name, s.typ)
		if len(s.doc) > 0 {
			o.printf(" // also %s", strings.Join(s.doc, ", "))
		}
		o.printf("\n")
	}
	o.printf("}\n\n")
}

// emitState writes the fields that each frame has.
func (fn *function) emitState() {
	o := fn.out
	o.printf("anchor %s.Anchor\n", o.importName(pinPath, "pin"))
	if fn.defers {
		o.printf("unwind %s.Unwind\n", o.importName(framePath, "frame"))
	}
	if len(fn.recovers) > 0 {
		o.printf("outer *%s.Unwind\n", o.importName(framePath, "frame"))
	}
	o.printf("state %s\ncanceled %s\n", fn.predeclared("uint32"), fn.predeclared("bool"))
}

// rank orders fields so that little is lost to padding: after the state, which ends in
// the middle of a word, the small ones, and then by falling alignment.
func rank(s *slot) int64 {
	if s.align < 8 && s.size < 8 {
		return s.align // bytes first: they fill the word
	}
	return 16 - s.align
}

func (fn *function) docName() string {
	if fn.decl.Recv != nil {
		if recv, _, _ := receiver(fn.decl); recv != "" {
			return recv + "." + fn.decl.Name.Name
		}
	}
	return fn.decl.Name.Name
}

// params is the parameter list of Init, or of the constructor without the receiver.
func (fn *function) paramList(skip int) (params, args string) {
	var ps, as []string
	for i, p := range fn.initArg {
		n := p.name
		if n == "_" || n == fn.self {
			n = fmt.Sprintf("arg%d", i)
		}
		if i < skip {
			continue
		}
		typ := p.typ
		a := n
		if p.variadic {
			if fn.lit != nil {
				typ = "[]" + typ
			} else {
				typ, a = "..."+typ, n+"..."
			}
		}
		ps = append(ps, n+" "+typ)
		as = append(as, a)
	}
	return strings.Join(ps, ", "), strings.Join(as, ", ")
}

func (fn *function) emitConstructor() {
	o := fn.out
	if fn.lit == nil {
		fn.emitAsync()
	}
	params, _ := fn.paramList(0)
	o.printf("// Init makes f the future of a call with these arguments. It may be called on a fresh frame, or on one that has ended.\n")
	o.printf("func (%s *%s) Init(%s) {\n", fn.self, fn.futText(), params)
	o.printf("%s.state, %s.canceled = 0, %s\n", fn.self, fn.self, fn.u.truth(false))
	if fn.defers {
		o.printf("%s.unwind.Reset()\n", fn.self)
	}
	for _, p := range fn.initArg {
		if p.v != nil && p.v.slot != nil {
			o.printf("%s.%s = %s\n", fn.self, p.v.slot.name, p.name)
		}
	}
	o.printf("}\n\n")
}

// emitAsync prints the constructor. It returns by a bare return, since vet finds a
// lock in every return of a variable whose child has, say, an atomic integer.
func (fn *function) emitAsync() {
	o := fn.out
	f := fn.self
	if fn.decl.Recv == nil {
		params, args := fn.paramList(0)
		o.printf("// %s returns the future of [%s].\n", fn.decl.Name.Name+"Async", fn.docName())
		o.printf("func %sAsync%s(%s) (%s %s) {\n%s.Init(%s)\nreturn\n}\n\n", fn.decl.Name.Name, fn.typeParams(), params, f, fn.futText(), f, args)
		return
	}
	params, args := fn.paramList(1)
	recv := fn.initArg[0].name
	if recv == "_" || recv == f {
		recv = "arg0"
	}
	if args != "" {
		args = ", " + args
	}
	o.printf("// %sAsync returns the future of [%s].\n", fn.decl.Name.Name, fn.docName())
	o.printf("func (%s %s) %sAsync(%s) (%s %s) {\n%s.Init(%s%s)\nreturn\n}\n\n", recv, fn.initArg[0].typ, fn.decl.Name.Name, params, f, fn.futText(), f, recv, args)
}

func (fn *function) emitPoll() {
	o := fn.out
	fut := o.importName(futurePath, "future")
	o.printf("// Poll implements [%s.Future].\n", fut)
	o.printf("func (%s *%s) Poll(%s *%s.Context) %s.Poll {\n%s.anchor.Check()\n", fn.self, fn.futText(), fn.cx, fut, fut, fn.self)
	o.printf("if %s.canceled && !%s.Canceled() {\nreturn %s.PollCanceled(%s)\n}\n", fn.self, fn.cx, fn.cx, fn.self)
	if fn.defers {
		frame := o.importName(framePath, "frame")
		o.printf("if !%s.unwind.Exiting() && %s.body(%s) == %s.Suspended {\nreturn %s.Pending\n}\nreturn %s.unwind.Run(%s)\n}\n\n", fn.self, fn.self, fn.cx, frame, fut, fn.self, fn.cx)
		o.printf("func (%s *%s) body(%s *%s.Context) (step %s.Step) {\ndefer %s.unwind.Catch(%s, &step)\n", fn.self, fn.futText(), fn.cx, fut, frame, fn.self, fn.cx)
	}
	fn.emitBody()
	o.printf("}\n\n")
}

func (fn *function) pending() string {
	if fn.defers {
		return fn.out.importName(framePath, "frame") + ".Suspended"
	}
	return fn.out.importName(futurePath, "future") + ".Pending"
}

func (fn *function) ready() string {
	if fn.defers {
		return fn.out.importName(framePath, "frame") + ".Returned"
	}
	return fn.out.importName(futurePath, "future") + ".Ready"
}

const stateDone = "1<<32 - 1"

func (fn *function) emitBody() {
	o := fn.out
	for _, v := range fn.vars {
		if v.slot != nil || v.child || !fn.occurs(v) {
			continue
		}
		o.printf("var %s %s\n", v.name, fn.fieldType(v))
		if !v.used {
			o.printf("_ = %s\n", v.name)
		}
	}
	o.printf("switch %s.state {\ncase 0:\n", fn.self)
	// A child that is still pending leaves the frame as it is: what is dead was
	// cleared when it suspended first.
	for _, a := range fn.awaits {
		if fn.awaitReached(a) {
			o.printf("case %d:\nif %s {\nreturn %s\n}\ngoto %s\n", a.state, fn.pends(a), fn.pending(), fn.behind(a))
		}
	}
	o.printf("default:\n%s.Polled(%q)\n}\n", o.importName(framePath, "frame"), fn.name)
	ended := false
	for _, nd := range fn.nodes {
		if nd.kind == nodeLabel {
			if nd.label.refs > 0 && fn.targeted(nd.label) {
				o.printf("%s:\n", nd.label.name)
			}
			ended = false
			continue
		}
		if ended {
			continue
		}
		fn.emitNode(nd)
		ended = nd.kind == nodeJump || nd.kind == nodeReturn || fn.leaves(nd)
	}
	if len(fn.nodes) == 0 || !ended {
		o.printf("%s(\"unreachable\")\n", fn.predeclared("panic"))
	}
}

func (fn *function) awaitReached(a *await) bool {
	return slices.ContainsFunc(fn.nodes, func(n *node) bool { return n.await == a })
}

// targeted reports whether a jump to the label remains, other than by falling into it.
func (fn *function) targeted(l *label) bool {
	for i, nd := range fn.nodes {
		if nd.to == l && !(nd.kind == nodeJump && fn.falls(i, l)) {
			return true
		}
		found := false
		if nd.kind == nodePlain {
			fn.eachGoto(nd.stmt, func(to *label) { found = found || to == l })
		}
		if found {
			return true
		}
	}
	return false
}

// falls reports whether the label follows the node at once.
func (fn *function) falls(i int, l *label) bool {
	for _, nd := range fn.nodes[i+1:] {
		if nd.kind != nodeLabel {
			return false
		}
		if nd.label == l {
			return true
		}
	}
	return false
}

// behind is the label behind the poll.
func (fn *function) behind(a *await) string {
	if a.label == "" {
		a.label = fn.fresh(fmt.Sprintf("ready%d", a.state))
	}
	return a.label
}

// pends is the condition that the child, polled, is pending.
func (fn *function) pends(a *await) string {
	child := (&rewriter{function: fn}).path(a.child)
	return fmt.Sprintf("%s.Poll(%s) == %s.Pending", child, fn.cx, fn.out.importName(futurePath, "future"))
}

func (fn *function) emitNode(nd *node) {
	o := fn.out
	r := &rewriter{function: fn}
	switch nd.kind {
	case nodePlain:
		fn.emitPlain(r, nd)
	case nodeJump:
		if !fn.falls(nd.index, nd.to) {
			o.printf("goto %s\n", nd.to.name)
		}
	case nodeBranch:
		cond := r.expr(nd.cond)
		if nd.not {
			cond = &ast.UnaryExpr{Op: token.NOT, X: &ast.ParenExpr{X: cond}}
			if b, ok := nd.cond.(*ast.BinaryExpr); ok {
				if op := inverse(b.Op); op != 0 && fn.exactInverse(b) {
					x := r.expr(b.X)
					cond = &ast.BinaryExpr{X: x, Op: op, Y: r.expr(b.Y)}
				}
			} else if id, ok := nd.cond.(*ast.Ident); ok {
				cond = &ast.UnaryExpr{Op: token.NOT, X: r.expr(id)}
			}
		}
		s := fmt.Sprintf("if %s {\ngoto %s\n}\n", fn.print(cond), nd.to.name)
		fn.withAliases(r, s)
	case nodeAwait:
		fn.emitAwait(nd)
	case nodeReturn:
		o.printf("%s.state = %s\n%sreturn %s\n", fn.self, stateDone, fn.clearing(nd), fn.ready())
	}
}

// inverse is the opposite of a comparison.
func inverse(op token.Token) token.Token {
	switch op {
	case token.EQL:
		return token.NEQ
	case token.NEQ:
		return token.EQL
	case token.LSS:
		return token.GEQ
	case token.GEQ:
		return token.LSS
	case token.GTR:
		return token.LEQ
	case token.LEQ:
		return token.GTR
	}
	return 0
}

// exactInverse reports whether the opposite comparison has the opposite result: not
// so for floats, where NaN is in no order.
func (fn *function) exactInverse(b *ast.BinaryExpr) bool {
	if b.Op == token.EQL || b.Op == token.NEQ {
		return true
	}
	for _, e := range []ast.Expr{b.X, b.Y} {
		if id, ok := e.(*ast.Ident); ok {
			if v := fn.variable(id); v != nil && isInteger(v.typ) {
				return true
			}
		}
		if t := fn.u.info.TypeOf(e); t != nil && isInteger(t) {
			return true
		}
	}
	return false
}

func (fn *function) emitPlain(r *rewriter, nd *node) {
	if b, ok := nd.stmt.(*bindStmt); ok {
		if b.ensure && !b.v.boxIn {
			return
		}
		if b.ensure {
			fn.out.printf("%s = %s(%s)\n", r.path(b.v), fn.predeclared("new"), fn.valueType(b.v))
			return
		}
		fn.withAliases(r, fn.print(r.bind(b))+"\n")
		return
	}
	s := r.stmt(nd.stmt)
	text := fn.print(s) + "\n"
	fn.withAliases(r, text)
}

// withAliases writes a statement, in a block with the locals that literals in it
// refer to if there are any.
func (fn *function) withAliases(r *rewriter, text string) {
	if len(r.order) == 0 {
		fn.out.printf("%s", text)
		return
	}
	fn.out.printf("{\n")
	for _, v := range r.order {
		fn.out.printf("%s := %s\n", r.aliases[v], r.path(v))
	}
	fn.out.printf("%s}\n", text)
}

func (fn *function) emitAwait(nd *node) {
	o, a := fn.out, nd.await
	r := &rewriter{function: fn}
	child := r.path(a.child)
	o.printf("if %s {\n%s.state = %d\n%sreturn %s\n}\n%s:\n", fn.pends(a), fn.self, a.state, fn.clearing(nd), fn.pending(), fn.behind(a))
	result := child + ".Result()"
	if !a.none {
		var to []string
		for _, v := range a.results {
			switch {
			case v == nil:
				to = append(to, "_")
			case v.boxed:
				to = append(to, "*"+r.path(v))
			default:
				to = append(to, r.path(v))
			}
		}
		o.printf("%s = %s\n", strings.Join(to, ", "), result)
	}
	if a.child.boxIn {
		o.printf("%s = %s\n", child, fn.predeclared("nil"))
	}
}

// clearing is the statements that clear dead pointers.
func (fn *function) clearing(nd *node) string {
	s := ""
	for _, c := range nd.clears {
		s += fmt.Sprintf("%s.%s = %s\n", fn.self, c.name, fn.zeroOf(c))
	}
	return s
}

// print formats syntax.
func (fn *function) print(n ast.Node) string {
	var b bytes.Buffer
	cfg := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	if err := cfg.Fprint(&b, fn.u.fset, n); err != nil {
		fn.fail(n.Pos(), "internal: "+err.Error(), "report it")
	}
	return b.String()
}

func (fn *function) emitResult() {
	o := fn.out
	var typs, values []string
	r := &rewriter{function: fn}
	for _, v := range fn.results {
		t := fn.typeText(v.typ)
		if fn.named && v.obj != nil && !fn.root().namesParam(v.obj.Name()) { // which only a literal may, in a scope of its own
			t = v.obj.Name() + " " + t
		} else if fn.named {
			t = "_ " + t
		}
		typs = append(typs, t)
		s := r.path(v)
		if v.boxed {
			s = "*" + s
		}
		values = append(values, s)
	}
	o.printf("// Result returns the results once the future is ready.\n")
	switch {
	case len(typs) == 0:
		o.printf("func (%s *%s) Result() {}\n\n", fn.self, fn.futText())
	default:
		o.printf("func (%s *%s) Result() (%s) { return %s }\n\n", fn.self, fn.futText(), strings.Join(typs, ", "), strings.Join(values, ", "))
	}
}

func (fn *function) emitRest() {
	o := fn.out
	if fn.lit == nil {
		o.printf("// Cancel asks the future to finish early: operations in it return ErrCanceled from the next poll on.\n")
		o.printf("func (%s *%s) Cancel() { %s.canceled = %s }\n\n", fn.self, fn.futText(), fn.self, fn.u.truth(true))
	}
	if len(fn.recovers) > 0 {
		o.printf("// Deferred says whose deferred call the future is.\nfunc (%s *%s) Deferred(outer *%s.Unwind) { %s.outer = outer }\n\n", fn.self, fn.futText(), o.importName(framePath, "frame"), fn.self)
	}
	if !fn.u.redeclared("string") {
		fn.emitSuspended()
	}
}

// emitSuspended writes which line of the source each state stands for. The child at a
// suspension point tells the rest: together they are the stack that a goroutine
// would have.
func (fn *function) emitSuspended() {
	o := fn.out
	r := &rewriter{function: fn}
	cases := ""
	for _, nd := range fn.nodes {
		if nd.kind != nodeAwait {
			continue
		}
		p, child := fn.u.fset.Position(nd.pos), r.path(nd.await.child)
		if !nd.await.child.isPointer() {
			child = "&" + child
		}
		cases += fmt.Sprintf("case %d:\nreturn %s.At(%q, %s)\n", nd.await.state, o.importName(framePath, "frame"),
			fmt.Sprintf("%s:%d: %s", baseName(p.Filename), p.Line, nd.await.what), child)
	}
	if cases == "" {
		return
	}
	o.printf("// Suspended says where the future waits, for dumps.\nfunc (%s *%s) Suspended() string {\nswitch %s.state {\n%s}\nreturn \"\"\n}\n\n", fn.self, fn.futText(), fn.self, cases)
}

// isPointer reports whether the variable of a child is a pointer or an interface
// already.
func (v *variable) isPointer() bool {
	return v.boxIn || v.lit == nil && (isPointer(v.typ) || types.IsInterface(v.typ))
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
