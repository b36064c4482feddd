package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// userModule writes a module that uses this one as a dependency and as a tool,
// and makes its folder the current one.
func userModule(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	files["go.sum"] = string(sum)
	files["go.mod"] = "module example.com/m\n\ngo 1.26.0\n\nrequire github.com/pinion-go/pinion v0.0.0\n"
	for _, dep := range regexp.MustCompile(`golang.org/x/(sys|tools|mod|sync) v\S+`).FindAll(mod, -1) {
		files["go.mod"] += "\nrequire " + string(dep) + " // indirect\n"
	}
	files["go.mod"] += "\ntool github.com/pinion-go/pinion/cmd/pinion\n\nreplace github.com/pinion-go/pinion => " + repo + "\n"
	dir, err = filepath.EvalSymlinks(tree(t, files))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOWORK", "off")
	return dir
}

const (
	child = `package child

import "github.com/pinion-go/pinion/future"

//pinion:async
func Count(n int) int {
	for range n {
		future.Yield()
	}
	return n
}
`
	// It is put together, since go generate would find it in this file otherwise.
	generate = "//go:" + "generate go tool pinion async"

	parent = `package main

import (
	"fmt"

	"example.com/m/child"

	"github.com/pinion-go/pinion/future"
)

` + generate + `

//pinion:async
func twice(n int) int { return child.Count(n) + child.Count(n) }

func main() {
	f := twiceAsync(21)
	future.Block(&f)
	fmt.Println(f.Result(), twice(21))
}
`
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAsyncWritesChecksAndRemoves(t *testing.T) {
	userModule(t, map[string]string{"child/child.go": child, "main.go": parent})
	step := func(status int, wantErr string, args ...string) {
		t.Helper()
		got, out, err := pinion(t, "", append([]string{"async"}, args...)...)
		if got != status || out != "" || err != wantErr {
			t.Errorf("async %q: status %d, want %d; standard output %q; standard error\n%swant\n%s", args, got, status, out, err, wantErr)
		}
	}
	childFile := filepath.Join("child", "child_async.go")
	step(exitFault, childFile+": missing; run pinion async\nmain_async.go: missing; run pinion async\n", "-check", "./...")
	if exists("main_async.go") {
		t.Error("-check has written a file")
	}
	step(exitOK, "")
	if !exists("main_async.go") || exists(childFile) {
		t.Error("without arguments, something else than the current package was compiled")
	}
	step(exitFault, childFile+": missing; run pinion async\n", "-check", "./...")
	step(exitOK, "", "./child")
	step(exitOK, "", "-check", "./...")
	if out, err := exec.Command("go", "run", ".").CombinedOutput(); err != nil || string(out) != "42 42\n" {
		t.Errorf("the program: %v\n%s", err, out)
	}
	plain := strings.ReplaceAll(child, "//pinion:async", "")
	if err := os.WriteFile("child/child.go", []byte(plain), 0o666); err != nil {
		t.Fatal(err)
	}
	step(exitFault, childFile+": stale; run pinion async\nmain_async.go: outdated; run pinion async\n", "-check", "./...")
	step(exitOK, "", "./...")
	if exists(childFile) {
		t.Error("the stale file is still there")
	}
	step(exitOK, "", "-check", "./...")
}

func TestAsyncNamesWhatItRejects(t *testing.T) {
	userModule(t, map[string]string{
		"p/p.go":      "package p\n\n//pinion:async\nfunc init() {}\n\n//pinion:async\nvar x = 1\n",
		"p/p_test.go": "package p\n\n//pinion:async\nfunc _() {}\n",
	})
	file := func(name string) string { return filepath.Join("p", name) }
	for _, flags := range [][]string{nil, {"-check"}, {"-tests=false"}} {
		status, out, err := pinion(t, "", append(append([]string{"async"}, flags...), "./...")...)
		want := file("p.go") + ":4:6: init can have no twin, as nothing can call it; move what it does to another function and mark that\n" +
			file("p.go") + ":6:1: this marks a variable: only functions and methods can be marked; mark a declared function or method\n"
		if len(flags) == 0 || flags[0] != "-tests=false" {
			want += file("p_test.go") + ":4:6: a function named _ can have no twin, as nothing can call it; give it a name\n"
		}
		if status != exitFault || out != "" || err != want {
			t.Errorf("%q: status %d, standard output %q, standard error\n%swant\n%s", flags, status, out, err, want)
		}
	}
}

func TestAsyncReportsAsJSON(t *testing.T) {
	userModule(t, map[string]string{"child/child.go": child, "bad/bad.go": "package bad\n\n//pinion:async\nfunc f()\n", "bad/bad.s": ""})
	report := func(status int, args ...string) (r asyncReport) {
		t.Helper()
		got, out, err := pinion(t, "", append([]string{"async", "-json"}, args...)...)
		if got != status || err != "" {
			t.Errorf("%q: status %d, want %d, standard error %q", args, got, status, err)
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if r.Files == nil || r.Errors == nil {
			t.Errorf("a list is null:\n%s", out)
		}
		return r
	}
	childFile := filepath.Join("child", "child_async.go")
	for _, c := range []struct {
		status int
		state  string
		args   []string
	}{
		{exitFault, "missing", []string{"-check", "./child"}},
		{exitOK, "written", []string{"./child"}},
		{exitOK, "current", []string{"./child"}},
		{exitOK, "current", []string{"-check", "./child"}},
	} {
		r := report(c.status, c.args...)
		if len(r.Files) != 1 || r.Files[0] != (asyncFile{childFile, c.state}) || len(r.Errors) != 0 {
			t.Errorf("%q: %+v", c.args, r)
		}
	}
	r := report(exitFault, "./bad")
	want := asyncError{filepath.Join("bad", "bad.go"), 4, 6, "f has no body to compile", "mark a function that is written in Go and calls it"}
	if len(r.Errors) != 1 || r.Errors[0] != want {
		t.Errorf("the errors are %+v, want %+v", r.Errors, want)
	}
}

func TestAsyncRefusesWhatItCannotLoad(t *testing.T) {
	userModule(t, map[string]string{"p/p.go": "package p\n\n//pinion:async\nfunc F() { undefined() }\n"})
	for _, c := range []struct {
		args []string
		why  string
	}{
		{[]string{"./q"}, "q"},
		{[]string{"./p", "-check"}, "-check comes after ./p: flags come first"},
		{[]string{"p/p.go"}, "name packages or folders, not files: p/p.go"},
		{[]string{"-fast"}, "-fast"},
	} {
		status, out, err := pinion(t, "", append([]string{"async"}, c.args...)...)
		refused(t, status, out, err, c.why)
	}
	status, out, err := pinion(t, "", "async", "./p")
	if want := filepath.Join("p", "p.go") + ":4:12: undefined: undefined\n"; status != exitUsage || out != "" || err != want {
		t.Errorf("status %d, standard output %q, standard error\n%swant\n%s", status, out, err, want)
	}
}

func TestAsyncEndsWhenInterrupted(t *testing.T) {
	userModule(t, map[string]string{"child/child.go": child})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err strings.Builder
	status := run(ctx, []string{"async", "./..."}, strings.NewReader(""), &out, &err)
	if status != exitInterrupted || out.String() != "" || err.String() != "pinion: async: interrupted; nothing is written\n" {
		t.Errorf("status %d, standard output %q, standard error %q", status, out.String(), err.String())
	}
	if exists("child/child_async.go") {
		t.Error("a file was written")
	}
}

// The twins are missing when the command is built for the first time, and the
// command does not mind, as it is of another module.
func TestAsyncWorksAsATool(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	if runtime.GOOS == "js" {
		t.Skip("there are no processes")
	}
	dir := userModule(t, map[string]string{"child/child.go": child, "main.go": parent, "child/deep/x.go": "package deep\n"})
	in := func(dir string, name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
	}
	in(dir, "go", "generate", "./...")
	if !exists("main_async.go") || exists("child/child_async.go") {
		t.Error("go generate has not compiled the package of its line alone")
	}
	in(filepath.Join(dir, "child", "deep"), "go", "tool", "pinion", "async", "..")
	if !exists("child/child_async.go") {
		t.Error("go tool pinion async, in a subfolder, has compiled nothing")
	}
	in(dir, "go", "tool", "pinion", "async", "-check", "./...")
	in(dir, "go", "vet", "./...")
}
