package async

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strings"
	"sync"
)

// Config says how packages are loaded and compiled.
type Config struct {
	// Context, if not nil, ends the work when it is done: Compile then returns
	// its error.
	Context context.Context
	// Dir is where patterns are resolved; "" is the current folder.
	Dir string
	// Tests has test files compiled too.
	Tests bool
	// BuildFlags are passed to the go command.
	BuildFlags []string
	// Env is the environment of the go command; nil is that of this process.
	// GOOS and GOARCH in it choose the files that are compiled.
	Env []string
	// Line has the generated code point at the source with //line directives.
	Line bool
	// Leaks has the marked functions searched for calls that block, as
	// LeakAnalyzer does, through all packages of the main modules that they import.
	Leaks bool
	// Frames has the frames of the futures measured: see Result.Frames.
	Frames bool
	// Overlay gives contents of files by absolute path, instead of those on disk.
	Overlay map[string][]byte
	// Progress, if not nil, is called with the number of files compiled so far,
	// on the goroutine that called Compile.
	Progress func(done, total int)
}

// Result is what Compile has made of packages.
type Result struct {
	// Outputs are the generated files, those that should go included, in the
	// order of their paths.
	Outputs []Output
	// Errors are all that is not supported, in the order of their positions. If
	// there are any, Outputs may be incomplete.
	Errors []*Error
	// Leaks are the calls that would block a loop, in the order of their positions,
	// if Config.Leaks asks for them. They are warnings: the outputs are complete.
	Leaks []*Error
	// Frames are the frames of all futures, the largest first, if Config.Frames asks
	// for them and there are no Errors.
	Frames []Frame
	// Notes say what was compiled less well than it could be, and why: locals that
	// are boxed because gc could not be asked about them.
	Notes []string
}

// Output is a generated file.
type Output struct {
	Path    string // absolute
	Source  []byte // nil for a stale file, which should go
	Current bool   // what is on disk is already this
}

// OutOfDate returns the paths of the outputs that differ from what is on disk.
func (r *Result) OutOfDate() []string {
	var paths []string
	for _, o := range r.Outputs {
		if !o.Current {
			paths = append(paths, o.Path)
		}
	}
	return paths
}

// Compile compiles the marked functions of the packages that match the patterns,
// which are those of the go command. Nothing is written: see [Result.Write].
//
// What the generated files on disk contain does not matter; they may be stale or
// broken, or missing. Files that the current GOOS, GOARCH and build tags exclude
// are not compiled, and the files generated from them are left as they are.
//
// The error, a [*LoadError] if it is about the packages, says that they cannot be
// loaded or do not type-check for other reasons than missing twins. What the
// compiler does not support is in the result's Errors instead.
func Compile(cfg Config, patterns ...string) (*Result, error) {
	return compile(cfg, (*unit).translate, patterns...)
}

// translator is what [unit.translate] is.
type translator func(u *unit, file *ast.File) (source []byte, errs []*Error)

func compile(cfg Config, translate translator, patterns ...string) (*Result, error) {
	if cfg.Context == nil {
		cfg.Context = context.Background()
	}
	l := newLoader(cfg)
	units, err := l.load(patterns)
	if ctxErr := cfg.Context.Err(); ctxErr != nil {
		return nil, ctxErr
	}
	if err != nil {
		return nil, err
	}
	r := &Result{Errors: l.errors(), Notes: l.judge(units)}
	total, done := 0, 0
	for _, u := range units {
		total += len(u.translated)
	}
	var formatting sync.WaitGroup
	defer formatting.Wait()
	formatted := make([]struct {
		source []byte
		err    *Error
	}, total)
	for _, u := range units {
		for _, s := range u.translated {
			if cfg.Progress != nil {
				cfg.Progress(done, total)
			}
			if err := cfg.Context.Err(); err != nil {
				return nil, err
			}
			source, errs := translate.file(u.unit, s)
			r.Errors = append(r.Errors, errs...)
			if source != nil {
				// It takes as long as the translation, which goes on meanwhile.
				to := &formatted[done]
				formatting.Go(func() { to.source, to.err = formatOutput(s, source) })
			}
			done++
		}
	}
	formatting.Wait()
	done = 0
	for _, u := range units {
		for _, s := range u.translated {
			if f := formatted[done]; f.err != nil {
				r.Errors = append(r.Errors, f.err)
			} else if f.source != nil {
				r.Outputs = append(r.Outputs, Output{Path: s.output, Source: f.source})
			}
			done++
		}
	}
	if cfg.Progress != nil {
		cfg.Progress(done, total)
	}
	if cfg.Leaks {
		r.Leaks = l.findLeaks(units)
	}
	if cfg.Frames && len(r.Errors) == 0 {
		var errs []*Error
		if r.Frames, errs, err = l.measure(units, r.Outputs); err != nil {
			return nil, cmp.Or(cfg.Context.Err(), err)
		}
		r.Errors = append(r.Errors, errs...)
	}
	for _, path := range l.stale() {
		r.Outputs = append(r.Outputs, Output{Path: path})
	}
	for i := range r.Outputs {
		o := &r.Outputs[i]
		if old, err := l.files.read(o.Path); err == nil {
			o.Current = o.Source != nil && bytes.Equal(old, o.Source)
		}
	}
	slices.SortFunc(r.Outputs, func(a, b Output) int { return strings.Compare(a.Path, b.Path) })
	r.Errors = sortErrors(r.Errors)
	return r, nil
}

// file compiles the marked functions of one file, to what is yet to be formatted. A
// failure of the compiler itself is an error at the file like any other.
func (translate translator) file(u *unit, s *source) (source []byte, errs []*Error) {
	defer func() {
		if v := recover(); v != nil {
			source = nil
			errs = append(errs, ownMistake(s, "the compiler panicked: %v", v))
		}
	}()
	return translate(u, s.file)
}

// formatOutput returns what is made of s as gofmt prints it.
func formatOutput(s *source, source []byte) ([]byte, *Error) {
	out, err := format.Source(source)
	if err != nil {
		return nil, ownMistake(s, "the generated code is not Go: %v", err)
	}
	return out, nil
}

func ownMistake(s *source, what string, args ...any) *Error {
	return &Error{
		Pos:  token.Position{Filename: s.path, Line: 1, Column: 1},
		What: fmt.Sprintf(what, args...),
		Way:  "this is a mistake in pinion async: please report it with the source",
	}
}

// marks returns the marked functions of sources.
func marks(sources []*source) map[*ast.FuncDecl]bool {
	m := make(map[*ast.FuncDecl]bool)
	for _, s := range sources {
		for _, f := range s.marked {
			m[f] = true
		}
	}
	return m
}
