package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// plain adds a statement that has no suspension point in it. What leaves it, or
// defers, is replaced.
func (l *lowering) plain(s ast.Stmt, lab *ast.LabeledStmt) {
	p := &plainScan{lowering: l, inside: map[types.Object]bool{}}
	ast.Inspect(s, func(n ast.Node) bool {
		if n, ok := n.(*ast.LabeledStmt); ok {
			p.inside[l.u.info.Defs[n.Label]] = true
		}
		return true
	})
	p.scan(s, l.labelObj(lab))
	if lab != nil && p.usesLabel {
		l.do(&ast.LabeledStmt{Label: lab.Label, Colon: lab.Colon, Stmt: s})
		return
	}
	l.do(s)
}

type plainScan struct {
	*lowering
	inner     []target
	inside    map[types.Object]bool // labels
	top       types.Object
	usesLabel bool
}

func (p *plainScan) scan(s ast.Stmt, lab types.Object) {
	if len(p.inner) == 0 {
		p.top = lab
	}
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			p.scan(n.Stmt, p.u.info.Defs[n.Label])
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			_, isFor := n.(*ast.ForStmt)
			t := target{name: lab, loop: true}
			if n != ast.Node(s) {
				t.name = nil
			}
			p.inner = append(p.inner, t)
			if isFor {
				p.forParts(n.(*ast.ForStmt))
			} else {
				p.scan(n.(*ast.RangeStmt).Body, nil)
			}
			p.inner = p.inner[:len(p.inner)-1]
			return false
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			t := target{name: lab}
			if n != ast.Node(s) {
				t.name = nil
			}
			p.inner = append(p.inner, t)
			switch n := n.(type) {
			case *ast.SwitchStmt:
				p.scan(n.Body, nil)
			case *ast.TypeSwitchStmt:
				p.scan(n.Body, nil)
			case *ast.SelectStmt:
				p.scan(n.Body, nil)
			}
			p.inner = p.inner[:len(p.inner)-1]
			return false
		case *ast.GoStmt:
			p.refuseYield(n)
		case *ast.BranchStmt:
			p.branch(n)
		case *ast.ReturnStmt:
			p.become[n] = p.returnInside(n)
		case *ast.DeferStmt:
			p.become[n] = p.deferral(n.Call, n.Call)
			return false
		}
		return true
	})
}

func (p *plainScan) forParts(s *ast.ForStmt) { p.scan(s.Body, nil) }

func (p *plainScan) branch(s *ast.BranchStmt) {
	defer p.at(s.Pos())()
	switch s.Tok {
	case token.FALLTHROUGH:
		if len(p.inner) > 0 {
			return
		}
	case token.GOTO:
		obj := p.u.info.Uses[s.Label]
		if p.inside[obj] {
			return
		}
	default:
		for i := len(p.inner) - 1; i >= 0; i-- {
			t := p.inner[i]
			if s.Label == nil && (s.Tok == token.BREAK || t.loop) {
				return
			}
			if s.Label != nil && t.name == p.u.info.Uses[s.Label] {
				if t.name == p.top {
					p.usesLabel = true
				}
				return
			}
		}
		if s.Label != nil && p.u.info.Uses[s.Label] == p.top && p.top != nil {
			p.usesLabel = true
			return
		}
	}
	if to := p.branchTarget(s); to != nil {
		p.become[s] = []ast.Stmt{p.goTo(to)}
	}
}

// returnInside is a return within a plain node.
func (p *plainScan) returnInside(s *ast.ReturnStmt) []ast.Stmt {
	defer p.at(s.Pos())()
	out := []ast.Stmt{}
	if len(s.Results) > 0 {
		if a := p.resultAssign(s.Results); a != nil {
			out = append(out, a)
		}
	}
	return append(out, p.goTo(p.leave(p.exit, 0)))
}

// at gives what is made from now on a position, until the function that it returns is
// called: syntax is laid out by its positions.
func (l *lowering) at(pos token.Pos) (back func()) {
	was := l.pos
	l.pos = pos
	return func() { l.pos = was }
}
