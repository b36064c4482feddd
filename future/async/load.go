package async

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// loader finds packages, declares their twins and type-checks them.
//
// It goes through the go command twice. First the packages and all that they
// import are listed, without compiling anything, so that each folder of the main
// modules among them can be searched for marks; what is listed may be wrong, as
// generated files may be stale, broken or missing. From each marked file a stub
// is made, which stands in for the generated file in an overlay. Second, the
// imports of the packages are compiled with that overlay, and their export data
// read. The packages themselves are parsed and type-checked here.
type loader struct {
	cfg   Config
	fset  *token.FileSet
	files files
	// overlay is the stubs, blanks for stale generated files, and cfg.Overlay.
	overlay map[string][]byte
	folders map[string]*folder // by path
	roots   []*packages.Package
	names   map[string]string            // of packages, by path
	built   map[string]*packages.Package // by path, for the leak check
	ignored map[string]bool              // paths of files that constraints exclude
	problem []string
	marked  []*packages.Package // of the main modules, with marks in them, in the order of their paths
}

// job is a unit and the files of it that are to be translated.
type job struct {
	*unit
	translated []*source
	forTest    string // the path of the package that the unit is a test of
	shadowed   bool   // its functions have shadows
	candidate  map[*ast.FuncDecl]map[types.Object]bool
}

func newLoader(cfg Config) *loader {
	return &loader{
		cfg:     cfg,
		fset:    token.NewFileSet(),
		files:   files{cfg.Overlay},
		overlay: maps.Clone(cfg.Overlay),
		folders: make(map[string]*folder),
		names:   make(map[string]string),
		built:   make(map[string]*packages.Package),
		ignored: make(map[string]bool),
	}
}

const (
	listMode  = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule
	buildMode = listMode | packages.NeedExportFile | packages.NeedTypesSizes
)

// list runs the go command.
func (l *loader) list(mode packages.LoadMode, tests bool, patterns ...string) ([]*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{
		Context:    l.cfg.Context,
		Mode:       mode,
		Dir:        l.cfg.Dir,
		Env:        l.cfg.Env,
		BuildFlags: l.cfg.BuildFlags,
		Tests:      tests,
		Overlay:    l.overlay,
	}, patterns...)
	if err != nil {
		return nil, &LoadError{[]string{err.Error()}}
	}
	return pkgs, nil
}

// load returns the jobs for all packages with marks among those that match the
// patterns, in the order of their paths.
func (l *loader) load(patterns []string) ([]*job, error) {
	var err error
	if l.roots, err = l.list(listMode, false, patterns...); err != nil {
		return nil, err
	}
	if len(l.roots) == 0 {
		return nil, &LoadError{[]string{"no packages match " + strings.Join(patterns, " ")}}
	}
	slices.SortFunc(l.roots, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	if err := l.read(l.roots); err != nil {
		return nil, err
	}
	var light, full []*packages.Package
	for _, p := range l.roots {
		f := l.folders[p.Dir]
		switch {
		case f == nil || !f.marked(false) && !(l.cfg.Tests && f.marked(true)):
			l.listErrors(p)
		case p.PkgPath == "command-line-arguments":
			return nil, &LoadError{[]string{"name packages or folders, not files: " + strings.Join(patterns, " ")}}
		case l.cfg.Tests && f.marked(true) || l.usesCgo(p, f):
			full = append(full, p)
		default:
			light = append(light, p)
		}
	}
	if l.cfg.Tests && len(full) > 0 {
		// What the tests import may have marks too.
		withTests, err := l.list(listMode, true, pathsOf(full)...)
		if err != nil {
			return nil, err
		}
		if err := l.read(withTests); err != nil {
			return nil, err
		}
	}
	l.declare()
	if len(l.problem) > 0 {
		return nil, &LoadError{l.problem}
	}
	jobs, err := l.checkLight(light)
	if err != nil {
		return nil, err
	}
	more, err := l.checkFull(full)
	if err != nil {
		return nil, err
	}
	if len(l.problem) > 0 && len(l.errors()) == 0 {
		slices.Sort(l.problem)
		return nil, &LoadError{slices.Compact(l.problem)}
	}
	return append(jobs, more...), nil
}

func pathsOf(pkgs []*packages.Package) []string {
	var paths []string
	for _, p := range pkgs {
		paths = append(paths, p.PkgPath)
	}
	return paths
}

// read reads the folders of packages and of all of the main modules' packages
// that they import.
func (l *loader) read(pkgs []*packages.Package) error {
	roots := make(map[*packages.Package]bool)
	for _, p := range pkgs {
		roots[p] = true
	}
	var failed error
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		if _, ok := l.names[p.PkgPath]; !ok && p.Name != "" && p.ForTest == "" {
			l.names[p.PkgPath] = p.Name
		}
		for _, path := range p.IgnoredFiles {
			l.ignored[path] = true
		}
		if p.Dir == "" || l.folders[p.Dir] != nil || !roots[p] && (p.Module == nil || !p.Module.Main) {
			return
		}
		f, err := readFolder(l.fset, l.files, p.Dir)
		if err != nil {
			failed = &LoadError{[]string{err.Error()}}
			return
		}
		if p.Module != nil && !p.Module.Main && f.marked(false) {
			failed = &LoadError{[]string{fmt.Sprintf("%s is not in a main module: its twins are for its authors to generate", p.PkgPath)}}
		}
		l.folders[p.Dir] = f
		if f.marked(false) && p.ForTest == "" {
			l.marked = append(l.marked, p)
		}
	})
	slices.SortFunc(l.marked, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	return failed
}

// usesCgo reports whether cgo rewrites files of the package.
func (l *loader) usesCgo(p *packages.Package, f *folder) bool {
	return slices.ContainsFunc(p.GoFiles, func(path string) bool {
		s := f.find(path)
		return s != nil && s.file != nil && importsC(s.file)
	})
}

// declare makes the stubs for all folders and puts them into the overlay.
func (l *loader) declare() {
	if l.overlay == nil {
		l.overlay = make(map[string][]byte)
	}
	for _, dir := range slices.Sorted(maps.Keys(l.folders)) {
		f := l.folders[dir]
		for _, path := range f.generated {
			l.overlay[path] = blank(f)
		}
		for _, name := range packageNames(f) {
			l.declarePackage(f, name)
		}
	}
}

// blank is what stands in for a generated file that has nothing to say: a file
// that no configuration includes.
func blank(f *folder) []byte {
	name := "p"
	if names := packageNames(f); len(names) > 0 {
		name = names[0]
	}
	return []byte("//go:build pinion && !pinion\n\npackage " + name + "\n")
}

// packageNames returns the names of the packages in a folder with marks.
func packageNames(f *folder) []string {
	var names []string
	for _, s := range f.sources {
		if s.file != nil && !slices.Contains(names, s.file.Name.Name) {
			names = append(names, s.file.Name.Name)
		}
	}
	return names
}

// declarePackage makes the stubs for the files of one package in a folder.
func (l *loader) declarePackage(f *folder, name string) {
	var here, elsewhere []*source
	for _, s := range f.sources {
		switch {
		case s.file == nil || s.file.Name.Name != name:
		case l.ignored[s.path]:
			elsewhere = append(elsewhere, s)
		default:
			here = append(here, s)
		}
	}
	b := &stubber{fset: l.fset, decl: declarations(here, elsewhere), name: func(path string) string { return l.names[path] }}
	for _, s := range here {
		if s.output == "" {
			continue
		}
		if user := f.find(s.output); user != nil {
			s.errs = append(s.errs, &Error{
				Pos:  token.Position{Filename: user.path, Line: 1, Column: 1},
				What: fmt.Sprintf("the twins of %s belong into this file, which pinion async has not written", filepath.Base(s.path)),
				Way:  "rename one of the two",
			})
			s.marked = nil
			continue
		}
		var marked = s.marked[:0]
		for _, decl := range s.marked {
			if err := b.decl.claim(l.fset, decl); err != nil {
				s.errs = append(s.errs, err)
				continue
			}
			marked = append(marked, decl)
		}
		s.marked = marked
		s.stub = b.stub(s)
		l.overlay[s.output] = s.stub
	}
}

// errors returns what is wrong with marks in the packages that were asked for.
func (l *loader) errors() []*Error {
	var errs []*Error
	for _, p := range l.roots {
		f := l.folders[p.Dir]
		if f == nil {
			continue
		}
		for _, s := range f.sources {
			if !l.ignored[s.path] && (l.cfg.Tests || !s.test()) {
				errs = append(errs, s.errs...)
			}
		}
	}
	return sortErrors(errs)
}

// stale returns the generated files, in the packages that were asked for, that
// should go.
func (l *loader) stale() []string {
	var paths []string
	for _, p := range l.roots {
		if f := l.folders[p.Dir]; f != nil && (p.Module == nil || p.Module.Main) {
			paths = append(paths, f.stale(l.cfg.Tests)...)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// listErrors notes why the go command could not list a package.
func (l *loader) listErrors(p *packages.Package) {
	for _, e := range p.Errors {
		l.problem = append(l.problem, packageError(e))
	}
}

// packageError returns an error of the go command in one line.
func packageError(e packages.Error) string {
	msg := e.Msg
	if strings.HasPrefix(msg, "# ") { // what the compiler prints, below the package's path
		_, msg, _ = strings.Cut(msg, "\n")
	}
	msg = strings.NewReplacer(":\n\t", ": ", "\n", "; ").Replace(strings.TrimSpace(msg))
	if e.Pos == "" || e.Pos == "-" {
		return msg
	}
	return e.Pos + ": " + msg
}
