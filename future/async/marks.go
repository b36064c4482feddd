package async

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"
)

// mark is the comment line above a function that is to have a twin.
const mark = "//pinion:async"

// hasMark reports whether src may have a mark: a cheap test before parsing.
func hasMark(src []byte) bool { return bytes.Contains(src, []byte("pinion:async")) }

// findMarks returns the functions and methods of a file that are marked, in
// order, and what is wrong with the file's marks.
func findMarks(fset *token.FileSet, file *ast.File) (marked []*ast.FuncDecl, errs []*Error) {
	docs := make(map[*ast.Comment]bool) // those of functions
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Doc == nil {
			continue
		}
		found := false
		for _, c := range f.Doc.List {
			switch kind, arg := parseMark(c.Text); {
			case kind == notMark:
				continue
			case kind == spacedMark:
				errs = append(errs, errorf(fset, c.Pos(), "write "+mark, "this is an ordinary comment and does not mark %s, for the space behind //", title(f)))
			case arg != "":
				errs = append(errs, errorf(fset, c.Pos(), "write "+mark+" alone", "a mark has no arguments, and this one has %q", arg))
			default:
				found = true
			}
			docs[c] = true
		}
		if !found {
			continue
		}
		if err := unmarkable(fset, file, f); err != nil {
			errs = append(errs, err)
			continue
		}
		marked = append(marked, f)
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if kind, _ := parseMark(c.Text); kind == properMark && !docs[c] {
				errs = append(errs, misplaced(fset, file, c))
			}
		}
	}
	return marked, errs
}

type markKind int

const (
	notMark markKind = iota
	spacedMark
	properMark
)

// parseMark says whether a comment is a mark, and what stands behind it.
func parseMark(text string) (kind markKind, arg string) {
	if rest, ok := strings.CutPrefix(text, mark); ok && (rest == "" || strings.ContainsRune(" \t\r", rune(rest[0]))) {
		return properMark, strings.TrimSpace(rest)
	}
	if rest, ok := strings.CutPrefix(text, "//"); ok && strings.TrimSpace(rest) == mark[2:] {
		return spacedMark, ""
	}
	return notMark, ""
}

// unmarkable returns why a marked function can have no twin, or nil.
func unmarkable(fset *token.FileSet, file *ast.File, f *ast.FuncDecl) *Error {
	pos := f.Name.Pos()
	recv, _, _ := receiver(f)
	switch {
	case f.Body == nil:
		return errorf(fset, pos, "mark a function that is written in Go and calls it", "%s has no body to compile", title(f))
	case f.Name.Name == "_":
		return errorf(fset, pos, "give it a name", "a function named _ can have no twin, as nothing can call it")
	case recv == "" && f.Name.Name == "init" && f.Recv == nil:
		return errorf(fset, pos, "move what it does to another function and mark that", "init can have no twin, as nothing can call it")
	case importsC(file):
		return errorf(fset, pos, `move the function to a file that does not import "C"`, `%s stands in a file that cgo rewrites`, title(f))
	}
	return nil
}

// importsC reports whether cgo rewrites the file.
func importsC(file *ast.File) bool {
	for _, spec := range file.Imports {
		if spec.Path.Value == `"C"` {
			return true
		}
	}
	return false
}

// misplaced says what is wrong with a mark that is in no function's doc comment.
func misplaced(fset *token.FileSet, file *ast.File, c *ast.Comment) *Error {
	err := func(way, what string) *Error { return errorf(fset, c.Pos(), way, "%s", what) }
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			if f.Pos() <= c.Pos() && c.Pos() < f.End() {
				return err("give the function literal a name, as a function declared in the file, and mark that", "this mark stands inside "+title(f)+": only declared functions and methods can be marked")
			}
			if c.End() < f.Pos() && onlyBlank(fset, file, c, f) {
				return err("put it directly above func, with no blank line between", "this mark is not in the doc comment of "+title(f))
			}
			continue
		}
		g := d.(*ast.GenDecl)
		if (g.Doc != nil && g.Doc.Pos() <= c.Pos() || g.Pos() <= c.Pos()) && c.Pos() < g.End() {
			what := map[token.Token]string{token.TYPE: "a type", token.VAR: "a variable", token.CONST: "a constant", token.IMPORT: "an import"}[g.Tok]
			return err("mark a declared function or method", "this marks "+what+": only functions and methods can be marked")
		}
	}
	return err("put it in the doc comment of a function or method", "this mark is in no function's doc comment")
}

// onlyBlank reports whether f is the first thing after the comment c but for
// other comments.
func onlyBlank(fset *token.FileSet, file *ast.File, c *ast.Comment, f *ast.FuncDecl) bool {
	if file.Name.Pos() > c.Pos() {
		return false
	}
	for _, d := range file.Decls {
		if d.End() > c.End() {
			return d == ast.Decl(f)
		}
	}
	return false
}
