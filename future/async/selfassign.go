package async

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// withoutSelf removes from a rewritten assignment the fields that would be assigned
// to themselves, since two variables share them. values are the right sides before
// they were rewritten: only names are looked at, for p.x = p.x may panic. Those stay that undo what
// one before may have done: in x, x = y, x and in x.y, x = z, x and in *p, x = z, x.
func withoutSelf(s ast.Stmt, values []ast.Expr) ast.Stmt {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != len(values) || len(a.Rhs) != len(values) {
		return s
	}
	var lhs, rhs []ast.Expr
	written := func(x ast.Expr) bool { // by those before
		return slices.ContainsFunc(lhs, func(to ast.Expr) bool {
			_, named := to.(*ast.Ident)
			return !named || sameField(to, x)
		})
	}
	for i, v := range values {
		if _, named := v.(*ast.Ident); named && sameField(a.Lhs[i], a.Rhs[i]) && !written(a.Rhs[i]) {
			continue
		}
		lhs, rhs = append(lhs, a.Lhs[i]), append(rhs, a.Rhs[i])
	}
	if lhs == nil {
		return &ast.EmptyStmt{Semicolon: a.TokPos, Implicit: true}
	}
	a.Lhs, a.Rhs = lhs, rhs
	return a
}

// sameField reports whether both are the same field of the future, and no variable of
// Poll: x = x may be what uses it.
func sameField(x, y ast.Expr) bool {
	a, ok1 := x.(*ast.Ident) // as rewriter.path writes it
	b, ok2 := y.(*ast.Ident)
	return ok1 && ok2 && a.Name == b.Name && strings.Contains(a.Name, ".")
}
