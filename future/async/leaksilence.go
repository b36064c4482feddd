package async

import (
	"go/ast"
	"go/token"
	"strings"
)

// silencer is the comment line that says why a blocking call is meant.
const silencer = "//pinion:blocking"

// silence is where calls that block are meant.
type silence struct {
	lines map[fileLine]bool
	funcs map[*ast.FuncDecl]bool
	errs  []silenceError
}

type fileLine struct {
	file *token.File
	line int
}

// silenceError is a comment that silences nothing as it gives no reason.
type silenceError struct {
	pos       token.Pos
	what, way string
}

// newSilence finds the comments that silence something.
func newSilence(fset *token.FileSet, files []*ast.File) silence {
	s := silence{lines: make(map[fileLine]bool), funcs: make(map[*ast.FuncDecl]bool)}
	for _, file := range files {
		docs := make(map[*ast.CommentGroup]*ast.FuncDecl)
		var code map[int]bool // lines with code, once it is wanted
		tok := fset.File(file.FileStart)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Doc != nil {
				docs[f.Doc] = f
			}
		}
		for _, group := range file.Comments {
			for _, c := range group.List {
				rest, ok := strings.CutPrefix(c.Text, silencer)
				if !ok || rest != "" && !strings.ContainsRune(" \t\r", rune(rest[0])) {
					continue
				}
				if reason, _, _ := strings.Cut(rest, "//"); strings.TrimSpace(reason) == "" {
					s.errs = append(s.errs, silenceError{c.Pos(), silencer + " gives no reason", "say why the call may block, as in " + silencer + " REASON"})
					continue
				}
				if f := docs[group]; f != nil {
					s.funcs[f] = true
					continue
				}
				if code == nil {
					code = codeLines(tok, file)
				}
				line := tok.Line(c.Pos())
				if !code[line] {
					line = tok.Line(group.End()) + 1
				}
				s.lines[fileLine{tok, line}] = true
			}
		}
	}
	return s
}

// codeLines returns the lines on which something begins or ends that is no comment.
func codeLines(tok *token.File, file *ast.File) map[int]bool {
	lines := make(map[int]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			return false
		case *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.File:
			return true
		}
		lines[tok.Line(n.Pos())] = true
		if end := n.End() - 1; int(end) >= tok.Base() && int(end) <= tok.Base()+tok.Size() {
			lines[tok.Line(end)] = true
		}
		return true
	})
	return lines
}

// line reports whether what stands at pos is silenced by its line.
func (s *silence) line(fset *token.FileSet, pos token.Pos) bool {
	tok := fset.File(pos)
	return tok != nil && s.lines[fileLine{tok, tok.Line(pos)}]
}

// function reports whether all that a function does is silenced.
func (s *silence) function(decl *ast.FuncDecl) bool { return s.funcs[decl] }
