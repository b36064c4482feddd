package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheFirstLineSaysWhetherAndHowToRun(t *testing.T) {
	for _, test := range []struct {
		line string
		want *program
	}{
		{"// run", &program{}},
		{"// run\r", &program{}},
		{"// run -race", &program{Flags: []string{"-race"}}},
		{"// run -gcflags=-d=checkptr", &program{Flags: []string{"-gcflags=-d=checkptr"}}},
		{"// run -gcflags -l=4", &program{Flags: []string{"-gcflags=-l=4"}}},
		{"// run -gcflags='all=-N -l' a", &program{Flags: []string{"-gcflags=all=-N -l"}, Args: []string{"a"}}},
		{`// run -gcflags="-l"`, &program{Flags: []string{"-gcflags=-l"}}},
		{"// run -goexperiment fieldtrack", &program{Env: []string{"GOEXPERIMENT=fieldtrack"}}},
		{"// run -godebug a=1", &program{Env: []string{"GODEBUG=a=1"}}},
		{"// run arg1 -arg2", &program{Args: []string{"arg1", "-arg2"}}},
		{"// run more.go arg", &program{Sources: []string{"d/x.go", "d/more.go"}, Args: []string{"arg"}}},
		{"// runoutput", nil},
		{"// rundir", nil},
		{"// runindir", nil},
		{"// errorcheck", nil},
		{"// run 'open", nil},
		{"// run -goexperiment", nil},
		{"//run", nil},
		{"package main // run", nil},
		{"", nil},
	} {
		got, ok := parseHeader("d/x.go", test.line+"\npackage main\n")
		if ok != (test.want != nil) {
			t.Errorf("%q: ok is %v", test.line, ok)
		}
		if !ok || test.want == nil {
			continue
		}
		test.want.Name = "d/x.go"
		if test.want.Sources == nil {
			test.want.Sources = []string{"d/x.go"}
		}
		if d := cmp.Diff(*test.want, got); d != "" {
			t.Errorf("%q: %s", test.line, d)
		}
	}
}

func TestBuildConstraintsAreThoseOfThisPlatform(t *testing.T) {
	for _, test := range []struct {
		constraint string
		flags      []string
		want       bool
	}{
		{runtime.GOOS, nil, true},
		{"!" + runtime.GOOS, nil, false},
		{runtime.GOARCH + " && gc", nil, true},
		{"gccgo", nil, false},
		{"go1.20", nil, true},
		{"go2.0", nil, false},
		{"race", nil, false},
		{"race", []string{"-race"}, true},
		{"purego", []string{"-tags=purego"}, true},
		{"nothing || ever", nil, false},
	} {
		if got := builtHere("// run\n\n//go:build "+test.constraint+"\n\npackage main\n", test.flags); got != test.want {
			t.Errorf("%s with %q: %v", test.constraint, test.flags, got)
		}
	}
	if !builtHere("package main\n//go:build never\n", nil) {
		t.Error("a line after the package clause is taken for a constraint")
	}
}

func TestProgramsAreFoundInOrderAndPartsAreNot(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.go":          "// run\npackage main\n",
		"a/c.go":        "// run\npackage main\n",
		"a.go":          "// run\npackage main\n",
		"not.go":        "// compile\npackage main\n",
		"elsewhere.go":  "// run\n\n//go:build !" + runtime.GOOS + "\n\npackage main\n",
		"part.dir/x.go": "// run\npackage main\n",
		"text.txt":      "// run\n",
	} {
		writeFile(t, filepath.Join(dir, name), text)
	}
	programs, err := findPrograms(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range programs {
		names = append(names, p.Name+" "+p.pkg())
	}
	if d := cmp.Diff([]string{"a.go a", "a/c.go a_c", "b.go b"}, names); d != "" {
		t.Error(d)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestAMissingTestFolderIsAnErrorWithTheWayOut(t *testing.T) {
	_, err := findPrograms(filepath.Join(t.TempDir(), "none"))
	var missing *noTestsError
	if !errors.As(err, &missing) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "none") || !strings.Contains(err.Error(), "-tests") {
		t.Errorf("neither the folder nor a way out in %q", err)
	}
}
