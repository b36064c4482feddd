package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// boxMark is the comment at a call whose future is to lie on the heap, behind a
// pointer in the frame of its caller.
const boxMark = "//pinion:box"

// A boxable is a call that a directive may mean.
type boxable struct {
	call        *ast.CallExpr
	first, last int    // its lines
	refusal     string // why its future cannot be boxed; "" if it can
}

// findBoxes resolves the directives of all files to calls in marked functions. A
// directive that means none, or does not say which, is an error.
func (u *unit) findBoxes() {
	u.boxes = map[token.Pos]bool{}
	for _, file := range u.files {
		var calls []boxable // once they are wanted
		var code map[int]bool
		tok := u.fset.File(file.FileStart)
		for _, group := range file.Comments {
			for _, c := range group.List {
				arg, ok := u.parseBox(c)
				if !ok {
					continue
				}
				if arg != "" {
					u.fail(c.Pos(), boxMark+" has no arguments, and this one has "+strconv.Quote(arg), "write "+boxMark+" alone")
					continue
				}
				if code == nil {
					code, calls = codeLines(tok, file), u.boxables(file)
				}
				u.resolveBox(c.Pos(), code, tok.Line(c.Pos()), tok.Line(group.End())+1, calls)
			}
		}
	}
}

// parseBox returns what stands behind the directive, if c is one.
func (u *unit) parseBox(c *ast.Comment) (arg string, ok bool) {
	if rest, ok := strings.CutPrefix(c.Text, boxMark); ok && (rest == "" || strings.ContainsRune(" \t\r", rune(rest[0]))) {
		return strings.TrimSpace(rest), true
	}
	if rest, ok := strings.CutPrefix(c.Text, "//"); ok && strings.TrimSpace(rest) == boxMark[2:] {
		u.fail(c.Pos(), "this is an ordinary comment, for the space behind //", "write "+boxMark)
	}
	return "", false
}

// resolveBox finds the call that a directive means: behind code, one that begins or
// ends on its line; alone on its line, one that begins on the next line.
func (u *unit) resolveBox(pos token.Pos, code map[int]bool, line, next int, calls []boxable) {
	var meant []boxable
	for _, b := range calls {
		if code[line] && (b.first == line || b.last == line) || !code[line] && b.first == next {
			meant = append(meant, b)
		}
	}
	switch {
	case len(meant) == 0:
		u.fail(pos, "no call that suspends stands where "+boxMark+" points", "put it at the end of the line of a call, in a marked function, that suspends, or on the line above")
	case len(meant) > 1:
		u.fail(pos, boxMark+" points at "+strconv.Itoa(len(meant))+" calls that suspend", "give each call a line of its own")
	case meant[0].refusal != "":
		u.fail(pos, meant[0].refusal, "delete the directive")
	default:
		u.boxes[meant[0].call.Lparen] = true
	}
}

// boxables returns the calls in the marked functions of a file that are
// suspension points.
func (u *unit) boxables(file *ast.File) []boxable {
	var found []boxable
	fn := &function{u: u}
	deferred, started := map[*ast.CallExpr]bool{}, map[*ast.CallExpr]bool{}
	inPlace := map[*ast.FuncLit]bool{}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			deferred[n.Call] = true
		case *ast.GoStmt:
			started[n.Call] = true
		case *ast.FuncLit:
			return inPlace[n] // else it is a value, and blocks
		case *ast.CallExpr:
			if started[n] {
				return true // in a goroutine, where it blocks
			}
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				inPlace[lit] = true
			}
			if fn.isSuspension(n) {
				found = append(found, boxable{n, u.fset.Position(n.Pos()).Line, u.fset.Position(n.Rparen).Line, u.refuseBox(n, deferred[n])})
			}
		}
		return true
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && u.marked[f] && f.Body != nil {
			ast.Inspect(f.Body, visit)
		}
	}
	return found
}

// refuseBox says why the future of a call is not boxed.
func (u *unit) refuseBox(call *ast.CallExpr, deferred bool) string {
	t := u.twin(call)
	switch {
	case deferred:
		return "the future of a deferred call is on the heap in any case"
	case u.isAwait(call):
		return "Await moves its future to the heap in any case"
	case t != nil && (isPointer(t.fut) || types.IsInterface(t.fut)):
		return "the frame has no more than a pointer to this future in any case"
	}
	return ""
}
