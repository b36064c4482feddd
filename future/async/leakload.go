package async

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// findLeaks looks for leaks in the marked functions of units, through all packages of
// the main modules that they import. Functions are known across packages by their full
// names: each package has its own objects for those that it imports.
func (l *loader) findLeaks(jobs []*job) []*Error {
	known := make(map[string]*colour)
	var leaks []*Error
	units := l.unmarkedUnits(jobs)
	for _, j := range jobs {
		units = append(units, j.unit)
	}
	for _, u := range inOrder(units) {
		c := &leakCheck{
			u:         &unit{fset: u.fset, pkg: u.pkg, info: u.info},
			files:     u.files,
			marked:    u.marked,
			colourOf:  func(f *types.Func) *colour { return known[f.FullName()] },
			setColour: func(f *types.Func, fact *colour) { known[f.FullName()] = fact },
			report: func(pos token.Pos, what, way string) {
				if slices.ContainsFunc(jobs, func(j *job) bool { return j.unit == u }) {
					leaks = append(leaks, &Error{Pos: u.fset.Position(pos), What: what, Way: way})
				}
			},
		}
		c.run()
	}
	return sortErrors(leaks)
}

// unmarkedUnits returns the packages of the main modules that jobs import, and that
// are no jobs. One that cannot be checked, and what cgo rewrites, is left out: leaks
// by way of it are not found, but it is no reason not to compile.
func (l *loader) unmarkedUnits(jobs []*job) []*unit {
	done := make(map[string]bool)
	for _, j := range jobs {
		done[j.pkg.Path()] = true
	}
	problem := l.problem
	defer func() { l.problem = problem }()
	var units []*unit
	for _, path := range slices.Sorted(maps.Keys(l.built)) {
		p := l.built[path]
		if done[path] || p.Module == nil || !p.Module.Main || judgedByTable(path, &analysis.Module{Path: p.Module.Path}) {
			continue
		}
		sources, ok := l.parsed(p)
		if !ok {
			continue
		}
		imp := newImporter(l.fset, p.Imports)
		c := check{path: path, module: p.Module, sizes: p.TypesSizes, sources: sources, imports: imp.Import}
		if j := l.check(c); j != nil {
			units = append(units, j.unit)
		}
	}
	return units
}

// parsed returns the files of a package that has perhaps no mark. ok is false if one
// of them is not there to be checked as it is.
func (l *loader) parsed(p *packages.Package) (sources []*source, ok bool) {
	f := l.folders[p.Dir]
	if f == nil {
		return nil, false
	}
	for _, path := range p.GoFiles {
		found := f.find(path)
		if found == nil {
			continue // generated
		}
		s := *found
		if s.file == nil {
			s.file, s.err = parser.ParseFile(l.fset, s.path, s.src, parser.ParseComments|parser.SkipObjectResolution)
		}
		if s.err != nil || importsC(s.file) {
			return nil, false
		}
		sources = append(sources, &s)
	}
	return sources, true
}

// inOrder returns units with those first that others import, and tests last.
func inOrder(units []*unit) []*unit {
	byPath := make(map[string]*unit)
	isTest := func(u *unit) bool {
		return slices.ContainsFunc(u.files, func(f *ast.File) bool {
			return strings.HasSuffix(u.fset.Position(f.Package).Filename, "_test.go")
		})
	}
	for _, u := range units {
		if !isTest(u) {
			byPath[u.pkg.Path()] = u
		}
	}
	var order []*unit
	seen := make(map[*unit]bool)
	var visit func(u *unit)
	visit = func(u *unit) {
		if u == nil || seen[u] {
			return
		}
		seen[u] = true
		for _, p := range u.pkg.Imports() {
			visit(byPath[p.Path()])
		}
		order = append(order, u)
	}
	for _, tests := range []bool{false, true} {
		for _, u := range units {
			if isTest(u) == tests {
				visit(u)
			}
		}
	}
	return order
}

// note remembers packages, with their export data, and all that they import.
func (l *loader) note(pkgs []*packages.Package) {
	if !l.cfg.Leaks {
		return
	}
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		if p.ID == p.PkgPath {
			l.built[p.PkgPath] = p
		}
	})
}
