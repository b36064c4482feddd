package async

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackagesThatDoNotCompileForOtherReasonsAreErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, archive, pattern string
		want                   []string
	}{
		{"type", "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() { var x int = \"\"; undefined() }\n", "./p",
			[]string{"DIR/p/p.go:4:24: cannot use \"\"", "DIR/p/p.go:4:28: undefined: undefined"}},
		{"a signature", "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F(a Undefined) {}\n", "./p",
			[]string{"DIR/p/p.go:4:10: undefined: Undefined"}},
		{"an import that is not used", "-- p/p.go --\npackage p\n\nimport \"io\"\n\n//pinion:async\nfunc F() {}\n", "./p",
			[]string{"DIR/p/p.go:3:8: \"io\" imported and not used"}},
		{"syntax", "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n\nfunc {\n\nfunc g() {]}\n", "./p",
			[]string{"DIR/p/p.go:6:6: expected"}},
		{"syntax of another file", "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n-- p/q.go --\npackage p\n\nfunc {\n", "./p",
			[]string{"DIR/p/q.go:3:6: expected"}},
		{"a twin of what is not marked", "-- p/p.go --\npackage p\n\nfunc F() {}\n\n//pinion:async\nfunc G() { FAsync() }\n", "./p",
			[]string{"DIR/p/p.go:6:12: undefined: FAsync"}},
		{"a missing package", "-- p/p.go --\npackage p\n\nimport _ \"example.com/m/nowhere\"\n\n//pinion:async\nfunc F() {}\n", "./p",
			[]string{"DIR/p/p.go:3:10: could not import example.com/m/nowhere", "nowhere"}},
		{"a dependency that does not compile", "-- p/p.go --\npackage p\n\nimport _ \"example.com/m/q\"\n\n//pinion:async\nfunc F() {}\n-- q/q.go --\npackage q\n\nvar x int = \"\"\n", "./p",
			[]string{"DIR/p/p.go:3:10: could not import example.com/m/q", "q.go:3:13", "cannot use"}},
		{"two packages in a folder", "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n-- p/q.go --\npackage q\n", "./p",
			[]string{"p.go", "q.go"}},
		{"a pattern for nothing", "-- p/p.go --\npackage p\n", "./q", []string{"DIR/q"}},
		{"a module that is not there", "-- p/p.go --\npackage p\n", "example.com/other", []string{"example.com/other"}},
		{"no packages", "-- p/p.txt --\n", "./...", []string{"no packages match ./..."}},
		{"a file", "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n", "p/p.go", []string{"name packages or folders, not files: p/p.go"}},
		{"tests", "-- p/p.go --\npackage p\n-- p/p_test.go --\npackage p\n\n//pinion:async\nfunc F() { undefined() }\n", "./p",
			[]string{"DIR/p/p_test.go:4:12: undefined: undefined"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := module(t, c.archive)
			_, err := standIn(Config{Dir: dir, Tests: true, Env: offline()}, c.pattern)
			var load *LoadError
			if !errors.As(err, &load) {
				t.Fatalf("the error is %v, no *LoadError", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), replaceDir(want, dir)) {
					t.Errorf("the error is\n%v\nwithout %s", err, replaceDir(want, dir))
				}
			}
			if strings.Contains(err.Error(), "_async") {
				t.Errorf("the error speaks of generated files:\n%v", err)
			}
		})
	}
}

// Errors in packages that have no marks are not the compiler's business.
func TestPackagesWithoutMarksAreLeftAlone(t *testing.T) {
	dir := module(t, `
-- a/a.go --
package a

func f() { undefined() }
-- b/b.go --
package b

//pinion:async
func F() {}
`)
	wantOutputs(t, dir, stand(t, dir), "b/b_async.go")
}

// When go.mod lacks something, the go command says nothing but that.
func TestModulesWithoutPinionAreErrors(t *testing.T) {
	dir := module(t, "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n")
	for _, mod := range []string{"module example.com/m\n\ngo 1.26.0\n", strings.Replace(string(readFile(t, dir, "go.mod")), "go 1.26.0", "go 1.20", 1)} {
		write(t, filepath.Join(dir, "go.mod"), mod)
		_, err := standIn(Config{Dir: dir, Env: offline()})
		var load *LoadError
		if !errors.As(err, &load) || !strings.Contains(err.Error(), futurePath) && !strings.Contains(err.Error(), "go mod tidy") {
			t.Errorf("with\n%s\nthe error is %v", mod, err)
		}
	}
}

func TestResultsAreDeterministic(t *testing.T) {
	t.Parallel()
	dir := module(t, dependents+systems)
	first := stand(t, dir)
	for range 3 {
		r := stand(t, dir, "./p", "./mid", "./low", "./cmd/...", "./low")
		if len(r.Outputs) != len(first.Outputs) {
			t.Fatalf("%d outputs, and %d before", len(r.Outputs), len(first.Outputs))
		}
		for i, o := range r.Outputs {
			if o.Path != first.Outputs[i].Path || !bytes.Equal(o.Source, first.Outputs[i].Source) {
				t.Errorf("%s differs from %s", o.Path, first.Outputs[i].Path)
			}
		}
	}
}

func TestOverlaysReplaceFiles(t *testing.T) {
	dir := module(t, "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n-- p/q.go --\npackage p\n\nvar x int = \"\"\n")
	r, err := standIn(Config{Dir: dir, Env: offline(), Overlay: map[string][]byte{
		filepath.Join(dir, "p/q.go"):       []byte("package p\n\n//pinion:async\nfunc G() { FAsync() }\n"),
		filepath.Join(dir, "p/r.go"):       []byte("package p\n\n//pinion:async\nfunc H() { GAsync() }\n"),
		filepath.Join(dir, "p/s_async.go"): []byte(firstLines + "package p\n"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, dir, r, "p/p_async.go", "p/q_async.go", "p/r_async.go", "-p/s_async.go")
}

func TestProgressCountsFiles(t *testing.T) {
	t.Parallel()
	dir := module(t, dependents)
	var got [][2]int
	_, err := standIn(Config{Dir: dir, Env: offline(), Progress: func(done, total int) { got = append(got, [2]int{done, total}) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got[0] != [2]int{0, 3} || got[3] != [2]int{3, 3} {
		t.Errorf("the progress was %v", got)
	}
}

// All modules of a workspace may lack twins; those of others come with them.
func TestModulesOfAWorkspaceAreCompiledTogether(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	one := moduleAt(t, filepath.Join(top, "one"), "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() int { return 1 }\n")
	two := moduleAt(t, filepath.Join(top, "two"), "-- q.go --\npackage q\n\nimport \"example.com/m/p\"\n\n//pinion:async\nfunc G() { f := p.FAsync(); var _ int = f.Result() }\n")
	mod := string(readFile(t, two, "go.mod"))
	write(t, filepath.Join(two, "go.mod"), strings.Replace(mod, "example.com/m", "example.com/two", 1))
	write(t, filepath.Join(top, "go.work"), "go 1.26.0\n\nuse (\n\t./one\n\t./two\n)\n")
	env := append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=")
	r, err := standIn(Config{Dir: two, Env: env}, ".")
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, two, r, "q_async.go")
	r, err = standIn(Config{Dir: top, Env: env}, "./one/...", "./two/...")
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, top, r, "one/p/p_async.go", "two/q_async.go")

	// Without the workspace, module one is not ours to write to.
	write(t, filepath.Join(two, "go.mod"), strings.Replace(mod, "example.com/m", "example.com/two", 1)+
		"\nrequire example.com/m v0.0.0\n\nreplace example.com/m => "+one+"\n")
	_, err = standIn(Config{Dir: two, Env: offline()}, "example.com/m/p")
	if err == nil || !strings.Contains(err.Error(), "example.com/m/p is not in a main module") {
		t.Errorf("the error is %v", err)
	}
}

func TestVendoredModulesAreCompiledAgainst(t *testing.T) {
	t.Parallel()
	dir := module(t, "-- p.go --\npackage p\n\nimport \"github.com/pinion-go/pinion/future\"\n\n//pinion:async\nfunc F() { future.Yield() }\n")
	cmd := exec.Command("go", "mod", "vendor")
	cmd.Dir, cmd.Env = dir, offline()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go mod vendor: %v\n%s", err, out)
	}
	r, err := standIn(Config{Dir: dir, Env: append(offline(), "GOFLAGS=-mod=vendor")})
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, dir, r, "p_async.go")
}
