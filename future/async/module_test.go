package async

import (
	"bytes"
	"errors"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// module writes a module that uses this repository. The files are given as in a
// txtar archive: "-- name --" before the contents of each.
func module(t testing.TB, archive string) (dir string) {
	t.Helper()
	return moduleAt(t, t.TempDir(), archive)
}

func moduleAt(t testing.TB, dir, archive string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	sys := regexp.MustCompile(`golang.org/x/sys v\S+`).Find(readFile(t, repo, "go.mod"))
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26.0\n\n"+
		"require github.com/pinion-go/pinion v0.0.0\n\nrequire "+string(sys)+" // indirect\n\n"+
		"replace github.com/pinion-go/pinion => "+repo+"\n")
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	unpack(t, dir, archive)
	return dir
}

// unpack writes the files of an archive.
func unpack(t testing.TB, dir, archive string) {
	t.Helper()
	name, contents := "", ""
	flush := func() {
		if name != "" {
			write(t, filepath.Join(dir, name), contents)
		}
	}
	for line := range strings.Lines(archive) {
		if n, ok := strings.CutPrefix(line, "-- "); ok {
			flush()
			name, contents = strings.TrimSuffix(n, " --\n"), ""
			continue
		}
		contents += line
	}
	flush()
}

func write(t testing.TB, path, contents string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
		t.Fatal(err)
	}
}

// offline is the environment for modules that have all they need.
func offline() []string {
	return append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off")
}

// stand compiles with a stand-in for the translation, whose twins do nothing, but
// are all there: these tests are about what is around it.
func stand(t *testing.T, dir string, patterns ...string) *Result {
	t.Helper()
	r, err := standIn(Config{Dir: dir, Tests: true, Env: offline()}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func standIn(cfg Config, patterns ...string) (*Result, error) {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	return compile(cfg, func(u *unit, file *ast.File) ([]byte, []*Error) {
		b := &stubber{fset: u.fset, decl: declarations(nil, nil), name: func(path string) string {
			for _, p := range u.pkg.Imports() {
				if p.Path() == path {
					return p.Name()
				}
			}
			return ""
		}}
		s := &source{file: file, path: u.fset.Position(file.Package).Filename}
		s.src, _ = files{cfg.Overlay}.read(s.path)
		for _, f := range u.files {
			other := &source{file: f, path: u.fset.Position(f.Package).Filename}
			other.src, _ = files{cfg.Overlay}.read(other.path)
			b.decl.add(other)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && u.marked[f] {
				s.marked = append(s.marked, f)
			}
		}
		if s.marked == nil {
			return nil, nil
		}
		return b.stub(s), nil
	}, patterns...)
}

// outputs returns the paths of outputs relative to dir, "-" before stale ones.
func outputs(t *testing.T, dir string, r *Result) []string {
	t.Helper()
	var names []string
	for _, o := range r.Outputs {
		rel, err := filepath.Rel(dir, o.Path)
		if err != nil {
			t.Fatal(err)
		}
		if rel = filepath.ToSlash(rel); o.Source == nil {
			rel = "-" + rel
		}
		names = append(names, rel)
	}
	return names
}

// wantOutputs checks which files would be written or removed, and that nothing
// is rejected.
func wantOutputs(t *testing.T, dir string, r *Result, want ...string) {
	t.Helper()
	for _, e := range r.Errors {
		t.Error(e)
	}
	if got := outputs(t, dir, r); !slices.Equal(got, want) {
		t.Errorf("the outputs are %q, want %q", got, want)
	}
}

// builds checks that the go command accepts what was written.
func builds(t *testing.T, dir string, env ...string) {
	t.Helper()
	cmd := exec.Command("go", "vet", "./...")
	cmd.Dir, cmd.Env = dir, append(offline(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// wantErrors checks that exactly these errors are found, each "file:line:col: "
// and the beginning of what and way.
func wantErrors(t *testing.T, dir string, r *Result, want ...string) {
	t.Helper()
	var got []string
	for _, e := range r.Errors {
		got = append(got, strings.TrimPrefix(e.Error(), dir+string(filepath.Separator)))
	}
	if len(got) != len(want) {
		t.Fatalf("the errors are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i := range got {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("an error is\n%s\nwant\n%s", got[i], want[i])
		}
	}
	if err := r.Write(); !errors.Is(err, ErrRejected) {
		t.Errorf("Write returned %v", err)
	}
}

func readFile(t testing.TB, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
}

// replaceDir puts a module's folder for DIR.
func replaceDir(s, dir string) string {
	return strings.ReplaceAll(s, "DIR", dir)
}
