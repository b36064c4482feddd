package async

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// Error is something in a marked function, or about its mark, that the compiler
// does not support. What says what it is, and Way what to write instead.
type Error struct {
	Pos  token.Position
	What string
	Way  string // may be empty
}

// Error returns "file:line:column: what; way".
func (e *Error) Error() string {
	s := e.Pos.String() + ": " + e.What
	if e.Way != "" {
		s += "; " + e.Way
	}
	return s
}

// LoadError says why packages could not be compiled at all: they are not there,
// or they have errors for other reasons than missing twins.
type LoadError struct {
	// Problems are what was found, each "file:line:column: text" where a
	// position is known, in that order.
	Problems []string
}

// Error returns the problems, one a line.
func (e *LoadError) Error() string { return strings.Join(e.Problems, "\n") }

// sortErrors puts errs in the order of their positions, each once.
func sortErrors(errs []*Error) []*Error {
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.What, b.What),
		)
	})
	return slices.CompactFunc(errs, func(a, b *Error) bool { return *a == *b })
}

// errorf returns an error at a position in fset.
func errorf(fset *token.FileSet, pos token.Pos, way, format string, args ...any) *Error {
	return &Error{Pos: fset.Position(pos), What: fmt.Sprintf(format, args...), Way: way}
}
