package async

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// source is a Go file of a folder that the compiler has not written.
type source struct {
	path   string
	src    []byte
	file   *ast.File // nil if the folder has no marks
	err    error     // of parsing
	marked []*ast.FuncDecl
	errs   []*Error // what is wrong with its marks
	output string   // the path of its twins, if it has any mark
	stub   []byte   // declares the twins of marked
}

// test reports whether the file belongs to the package's tests.
func (s *source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// folder is all Go files of a folder, for whichever system and package they are.
type folder struct {
	dir       string
	sources   []*source // in the order of their names
	generated []string  // paths of files that the compiler has written
}

// files reads what is on disk, as seen through an overlay.
type files struct {
	overlay map[string][]byte
}

// read returns a file's contents.
func (f files) read(path string) ([]byte, error) {
	if src, ok := f.overlay[path]; ok {
		return src, nil
	}
	return os.ReadFile(path)
}

// list returns the paths of the Go files in a folder, in order.
func (f files) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if !e.IsDir() && goFile(e.Name()) && (e.Type()&fs.ModeType == 0 || e.Type()&fs.ModeSymlink != 0) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	for path := range f.overlay {
		if filepath.Dir(path) == dir && goFile(filepath.Base(path)) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// goFile reports whether the go command looks at a file with that name.
func goFile(name string) bool {
	return strings.HasSuffix(name, ".go") && name[0] != '_' && name[0] != '.'
}

// readFolder reads the Go files in dir, and if one of them has a mark, parses
// them all: types and constraints may be declared in any of them.
func readFolder(fset *token.FileSet, fsys files, dir string) (*folder, error) {
	paths, err := fsys.list(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir}
	marks := false
	for _, path := range paths {
		src, err := fsys.read(path)
		if err != nil {
			return nil, err
		}
		if isGenerated(src) {
			f.generated = append(f.generated, path)
			continue
		}
		f.sources = append(f.sources, &source{path: path, src: src})
		marks = marks || hasMark(src)
	}
	if !marks {
		return f, nil
	}
	for _, s := range f.sources {
		s.file, s.err = parser.ParseFile(fset, s.path, s.src, parser.ParseComments|parser.SkipObjectResolution)
		if s.file == nil || !hasMark(s.src) {
			continue
		}
		s.marked, s.errs = findMarks(fset, s.file)
		if len(s.marked) > 0 {
			s.output = filepath.Join(dir, outputName(filepath.Base(s.path)))
		}
	}
	return f, nil
}

// marked reports whether any file of the folder, or of its tests, is concerned.
func (f *folder) marked(test bool) bool {
	return slices.ContainsFunc(f.sources, func(s *source) bool {
		return s.test() == test && (len(s.marked) > 0 || len(s.errs) > 0)
	})
}

// stale returns the generated files that no marked source stands behind.
func (f *folder) stale(tests bool) []string {
	wanted := make(map[string]bool)
	for _, s := range f.sources {
		wanted[s.output] = true
	}
	var paths []string
	for _, path := range f.generated {
		if !wanted[path] && (tests || !strings.HasSuffix(path, "_test.go")) {
			paths = append(paths, path)
		}
	}
	return paths
}

// find returns the source with a path, or nil.
func (f *folder) find(path string) *source {
	i, ok := slices.BinarySearchFunc(f.sources, path, func(s *source, path string) int { return cmp.Compare(s.path, path) })
	if !ok {
		return nil
	}
	return f.sources[i]
}
