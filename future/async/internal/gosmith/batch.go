package gosmith

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pinion-go/pinion/future/async/internal/gosmith/rt"
)

// Batch is a module with many programs and a main package that runs them all, so
// that they are built and linked once.
type Batch struct {
	Dir      string // of the module; it is written by Write
	Root     string // of the module pinion
	Programs []*Program
	Rejected map[string]string // programs that are left out, and why
	Compiled bool              // there are twins, which are compared
	Flags    []string          // for go build
	Exec     []string          // environment of the run
}

// notInlined are flags with which gc inlines no function literal of a program. If it
// does, it may read variables early that the literal assigns to (doc.go).
const notInlined = "-gcflags=" + batchPath + "/...=-l -dwarf=false"

// lazily is the environment of gc, whose own collector would take a third of the time.
var lazily = []string{"GOGC=off", "GOMEMLIMIT=1GiB"}

// anywhere has the go command find in its cache what it has built in another folder.
const anywhere = "-trimpath"

// batchPath is within the tree that may import the internal package rt.
const batchPath = "github.com/pinion-go/pinion/future/async/internal/batch"

// Write writes the module.
func (b *Batch) Write() error {
	sum, err := os.ReadFile(filepath.Join(b.Root, "go.sum"))
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(b.Root, "go.mod"))
	if err != nil {
		return err
	}
	// The versions are those of pinion, whose go.mod has all of them.
	_, requires, _ := strings.Cut(string(mod), "\n")
	requires, _, _ = strings.Cut(requires, "\ntool ")
	head := fmt.Sprintf("module %s\n%s\nrequire github.com/pinion-go/pinion v0.0.0\nreplace github.com/pinion-go/pinion => %s\n", batchPath, requires, b.Root)
	files := map[string][]byte{"go.mod": []byte(head), "go.sum": sum}
	for _, p := range b.Programs {
		files[p.Package+"/prog.go"] = p.Source
	}
	for name, text := range files {
		if err := write(filepath.Join(b.Dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o666)
}

// Build builds the main package.
func (b *Batch) Build() error {
	var imports, calls bytes.Buffer
	for _, p := range b.Programs {
		if b.Rejected[p.Package] != "" {
			continue
		}
		fmt.Fprintf(&imports, "%s %q\n", p.Package, batchPath+"/"+p.Package)
		compiled := "nil"
		if b.Compiled {
			compiled = p.Package + ".Start"
			if err := write(filepath.Join(b.Dir, p.Package, "start.go"), []byte(start)); err != nil {
				return err
			}
		}
		fmt.Fprintf(&calls, "{%q, %s.Main, %s},\n", p.Package, p.Package, compiled)
	}
	src, err := format.Source(fmt.Appendf(nil, "// Command batch runs the programs.\npackage main\n\nimport (\n%q\n%s)\n\nfunc main() {\nrt.Main([]rt.Program{\n%s})\n}\n", rtPath, &imports, &calls))
	if err != nil {
		return err
	}
	if err := write(filepath.Join(b.Dir, "main.go"), src); err != nil {
		return err
	}
	// What debuggers need takes a tenth of the time.
	args := append([]string{"build", "-mod=mod", anywhere, "-ldflags=-s -w", "-o", "batch.exe"}, b.Flags...)
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = b.Dir
	cmd.Env = append(os.Environ(), lazily...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// start is a file of a compiled program. If the main package named the type of the
// future, gc would compile all instances of generic functions in the program again.
const start = `package prog

import start_ "github.com/pinion-go/pinion/future" // the program may have anything named future

// Start returns the program as a future.
func Start() start_.Future { f := MainAsync(); return &f }
`

// Run runs all programs and returns what came of them, in their order. One that
// crashes the process has no Done, and Got is what the process said.
func (b *Batch) Run(args ...string) ([]rt.Outcome, error) {
	var all []rt.Outcome
	left := b.names()
	for len(left) > 0 {
		cmd := exec.Command(filepath.Join(b.Dir, "batch.exe"), append(args, "-only", strings.Join(left, ","))...)
		cmd.Env = append(os.Environ(), b.Exec...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		some, decodeErr := decode(out)
		if decodeErr != nil {
			return all, decodeErr
		}
		if len(some) == 0 {
			return all, fmt.Errorf("the batch did not run: %w\n%s", err, said.Bytes())
		}
		if last := &some[len(some)-1]; !last.Done {
			last.Schedule = "crash"
			last.Got = strings.Split(said.String(), "\n")
		} else if err != nil {
			return all, fmt.Errorf("%w\n%s", err, said.Bytes())
		}
		all = append(all, some...)
		left = slices.DeleteFunc(left, func(name string) bool {
			return slices.ContainsFunc(some, func(o rt.Outcome) bool { return o.Program == name })
		})
	}
	return all, nil
}

func (b *Batch) names() (names []string) {
	for _, p := range b.Programs {
		if b.Rejected[p.Package] == "" {
			names = append(names, p.Package)
		}
	}
	return names
}

// decode reads what a run has written; the line that announces a program is
// replaced by that of its outcome.
func decode(out []byte) (all []rt.Outcome, err error) {
	dec := json.NewDecoder(bytes.NewReader(out))
	for dec.More() {
		var o rt.Outcome
		if err := dec.Decode(&o); err != nil {
			return all, errors.Join(errors.New("the batch has written something else than outcomes"), err)
		}
		if n := len(all); n > 0 && !all[n-1].Done {
			all[n-1] = o
		} else {
			all = append(all, o)
		}
	}
	return all, nil
}
