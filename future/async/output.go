package async

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	framePath = "github.com/pinion-go/pinion/future/frame"
	pinPath   = "github.com/pinion-go/pinion/pin"
)

// An output is a generated file in the making.
type output struct {
	u       *unit
	file    *ast.File
	imports map[string]string // path to name
	named   map[string]bool   // paths of the packages that the output calls otherwise than they are called
	locals  map[string]bool   // names of locals that the translation chose
	ours    map[string]string // the names of the packages that generated code imports, should it do so
	b       strings.Builder
}

// importName returns the name under which the output imports a package, and
// imports it. It is the one that the source uses if the source imports it; hint is
// the package's own.
func (o *output) importName(pkg, hint string) string {
	if s, ok := o.imports[pkg]; ok {
		return s
	}
	s := hint
	for _, spec := range o.file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		if p == pkg && spec.Name != nil && spec.Name.Name != "." && spec.Name.Name != "_" {
			s = spec.Name.Name
		}
	}
	if our := o.ours[pkg]; our != "" {
		s = our
	} else if !o.sourceImports(pkg) {
		s = o.u.freeName(o, hint)
	}
	o.imports[pkg], o.named[pkg] = s, s != hint
	return s
}

func (o *output) sourceImports(pkg string) bool {
	for _, spec := range o.file.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == pkg && (spec.Name == nil || spec.Name.Name != "." && spec.Name.Name != "_") {
			return true
		}
	}
	return false
}

// reserve chooses the names of the packages that generated code imports, so that no
// local gets one of them.
func (o *output) reserve() {
	for _, p := range []string{futurePath, framePath, pinPath} {
		if !o.sourceImports(p) {
			o.ours[p] = o.u.freeName(o, path.Base(p))
		}
	}
}

func (o *output) isOurs(name string) bool {
	for _, n := range o.ours {
		if n == name {
			return true
		}
	}
	return false
}

// importDecl is the import declaration: the standard library first.
func (o *output) importDecl() string {
	var std, other []string
	for p, n := range o.imports {
		line := strconv.Quote(p)
		if n != path.Base(p) || o.named[p] {
			line = n + " " + line
		}
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			other = append(other, line)
		} else {
			std = append(std, line)
		}
	}
	byPath := func(a, b string) int { return strings.Compare(a[strings.Index(a, `"`):], b[strings.Index(b, `"`):]) }
	slices.SortFunc(std, byPath)
	slices.SortFunc(other, byPath)
	s := "import (\n"
	for _, l := range std {
		s += "\t" + l + "\n"
	}
	if len(std) > 0 && len(other) > 0 {
		s += "\n"
	}
	for _, l := range other {
		s += "\t" + l + "\n"
	}
	return s + ")\n"
}
