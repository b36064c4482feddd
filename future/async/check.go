package async

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// check is a package to be type-checked.
type check struct {
	path    string
	module  *packages.Module
	sizes   types.Sizes
	sources []*source
	others  []string // paths of further files, made by cgo
	imports importFunc
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// check type-checks a package with stubs for its twins. It returns nil, and
// notes why, if there are errors.
func (l *loader) check(c check) *job {
	before := len(l.problem)
	u := &unit{fset: l.fset, sizes: c.sizes, line: l.cfg.Line, frames: l.cfg.Frames, marked: marks(c.sources), beside: l.beside(c.sources)}
	var all []*ast.File
	stubs := make(map[*token.File]bool)
	parse := func(path string, src any) *ast.File {
		file, err := parser.ParseFile(l.fset, path, src, parser.SkipObjectResolution)
		if err != nil {
			l.problem = append(l.problem, lines(err)...)
		}
		all = append(all, file)
		return file
	}
	for _, s := range c.sources {
		if s.err != nil {
			l.problem = append(l.problem, lines(s.err)...)
		}
		u.files = append(u.files, s.file)
		all = append(all, s.file)
		if s.stub != nil {
			stubs[l.fset.File(parse(s.output, s.stub).FileStart)] = true
		}
	}
	for _, path := range c.others {
		parse(path, nil)
	}
	if len(l.problem) > before {
		return nil
	}
	if len(stubs) > 0 {
		if _, err := c.imports(futurePath); err != nil {
			l.problem = append(l.problem, fmt.Sprintf("the twins of package %s need %s: %v", c.path, futurePath, err))
			return nil
		}
	}
	u.isStub = func(obj types.Object) bool {
		return obj.Pos().IsValid() && stubs[l.fset.File(obj.Pos())]
	}
	u.info = &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Instances:    make(map[*ast.Ident]types.Instance),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		Scopes:       make(map[ast.Node]*types.Scope),
		FileVersions: make(map[*ast.File]string),
	}
	var inStubs []string
	conf := types.Config{
		Importer: c.imports,
		Sizes:    c.sizes,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok && e.Pos.IsValid() && stubs[l.fset.File(e.Pos)] {
				inStubs = append(inStubs, err.Error())
				return
			}
			l.problem = append(l.problem, err.Error())
		},
	}
	if c.module != nil && c.module.GoVersion != "" {
		conf.GoVersion = "go" + c.module.GoVersion
	}
	u.pkg, _ = conf.Check(c.path, l.fset, all, u.info)
	if len(l.problem) == before {
		// A signature that is wrong is wrong in the stub too, and is reported
		// where the user has written it.
		l.problem = append(l.problem, inStubs...)
	}
	if len(l.problem) > before {
		return nil
	}
	return &job{unit: u}
}

// lines returns all errors of parsing a file.
func lines(err error) []string {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return []string{err.Error()}
	}
	var lines []string
	for _, e := range list {
		lines = append(lines, e.Error())
	}
	return lines
}

// checkLight type-checks packages whose tests have no marks. They need not be
// compiled, only what they import.
func (l *loader) checkLight(roots []*packages.Package) ([]*job, error) {
	if len(roots) == 0 {
		return nil, nil
	}
	paths := map[string]bool{futurePath: true}
	for _, p := range roots {
		for _, s := range l.sources(p) {
			for _, spec := range s.file.Imports {
				if path, err := strconv.Unquote(spec.Path.Value); err == nil && path != "unsafe" && path != "C" {
					paths[l.resolve(p, path)] = true
				}
			}
		}
	}
	deps, err := l.list(buildMode, false, slices.Sorted(maps.Keys(paths))...)
	if err != nil {
		return nil, err
	}
	l.note(deps)
	byPath := make(map[string]*packages.Package)
	var sizes types.Sizes
	for _, d := range deps {
		byPath[d.PkgPath] = d
		sizes = d.TypesSizes
	}
	for path := range paths {
		if byPath[path] == nil {
			l.problem = append(l.problem, "the go command does not list "+path+"; go mod tidy may help")
		}
	}
	if len(l.problem) > 0 {
		return nil, nil
	}
	imp := newImporter(l.fset, byPath)
	var jobs []*job
	for _, p := range roots {
		c := check{
			path: p.PkgPath, module: p.Module, sizes: sizes, sources: l.sources(p),
			imports: func(path string) (*types.Package, error) { return imp.Import(l.resolve(p, path)) },
		}
		if j := l.check(c); j != nil {
			j.translated = c.sources
			jobs = append(jobs, j)
		} else {
			l.listErrors(p)
		}
	}
	return jobs, nil
}

// resolve returns the path of the package that p imports by a path.
func (l *loader) resolve(p *packages.Package, path string) string {
	if dep := p.Imports[path]; dep != nil {
		return dep.PkgPath
	}
	return path
}

// beside returns the names that the package of these files declares in others: its tests, and
// files for other systems.
func (l *loader) beside(sources []*source) map[string]token.Pos {
	if len(sources) == 0 {
		return nil
	}
	var others []*source
	if f := l.folders[filepath.Dir(sources[0].path)]; f != nil {
		for _, s := range f.sources {
			if s.file != nil && s.file.Name.Name == sources[0].file.Name.Name && !slices.Contains(sources, s) {
				others = append(others, s)
			}
		}
	}
	return declarations(others, nil).names
}

// sources returns the files of a package as it is built here.
func (l *loader) sources(p *packages.Package) []*source {
	var sources []*source
	for _, path := range p.GoFiles {
		if s := l.folders[p.Dir].find(path); s != nil && s.file != nil {
			sources = append(sources, s)
		}
	}
	return sources
}

// checkFull type-checks packages together with their tests.
func (l *loader) checkFull(roots []*packages.Package) ([]*job, error) {
	if len(roots) == 0 {
		return nil, nil
	}
	pkgs, err := l.list(buildMode|packages.NeedCompiledGoFiles|packages.NeedForTest, l.cfg.Tests, pathsOf(roots)...)
	if err != nil {
		return nil, err
	}
	l.note(pkgs)
	slices.SortFunc(pkgs, func(a, b *packages.Package) int { return strings.Compare(a.ID, b.ID) })
	var jobs []*job
	for _, p := range pkgs {
		f := l.folders[p.Dir]
		if f == nil || p.Name == "main" && strings.HasSuffix(p.PkgPath, ".test") && p.ForTest == "" && !slices.Contains(pathsOf(roots), p.PkgPath) {
			continue
		}
		c := check{path: p.PkgPath, module: p.Module, sizes: p.TypesSizes}
		for _, path := range p.CompiledGoFiles {
			if s := f.find(path); s != nil {
				c.sources = append(c.sources, s)
			} else if !slices.ContainsFunc(f.sources, func(s *source) bool { return s.output == path }) {
				c.others = append(c.others, path)
			}
		}
		imp := newImporter(l.fset, p.Imports)
		c.imports = imp.Import
		j := l.check(c)
		if j == nil {
			l.listErrors(p)
			continue
		}
		for _, s := range c.sources {
			if s.test() == (p.ForTest != "") {
				j.translated = append(j.translated, s)
			}
		}
		j.forTest = p.ForTest
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// newImporter returns an importer that reads the export data of packages.
func newImporter(fset *token.FileSet, pkgs map[string]*packages.Package) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		p := pkgs[path]
		if p == nil {
			return nil, fmt.Errorf("package %s is not there", path)
		}
		if p.ExportFile == "" {
			if len(p.Errors) > 0 {
				return nil, errors.New(packageError(p.Errors[0]))
			}
			return nil, errors.New("it does not compile")
		}
		return os.Open(p.ExportFile)
	})
}
