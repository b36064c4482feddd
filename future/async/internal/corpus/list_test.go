package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestALineOfAListHasNameClassAndReason(t *testing.T) {
	got, err := parseList("l.txt", "# comment\n\na.go runtime: counts goroutines: two\n\tb/c.go   slow: takes minutes \n")
	want := list{"a.go": {"runtime", "counts goroutines: two"}, "b/c.go": {"slow", "takes minutes"}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(reason{})); err != nil || d != "" {
		t.Error(err, d)
	}
	for text, part := range map[string]string{
		"a.go":                            "l.txt:1",
		"\na.go because":                  "l.txt:2",
		"a.go runtime:":                   "reason",
		"a.go x: y\nb.go z: w\na.go x: y": "l.txt:3: a.go is already",
	} {
		if _, err := parseList("l.txt", text); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v, want one with %q", text, err, part)
		}
	}
}

func TestANameThatIsNoProgramsIsUnknown(t *testing.T) {
	l := list{"a.go": {}, "b.go": {}, "c.go": {}}
	got := l.unknown([]program{{Name: "b.go"}, {Name: "d.go"}})
	slices.Sort(got)
	if d := cmp.Diff([]string{"a.go", "c.go"}, got); d != "" {
		t.Error(d)
	}
}

func TestTheListsThatComeWithTheToolAreWellFormedAndDisjoint(t *testing.T) {
	excluded, err := parseList("excluded.txt", excludedText)
	if err != nil {
		t.Fatal(err)
	}
	rejected, err := parseList("rejected.txt", rejectedText)
	if err != nil {
		t.Fatal(err)
	}
	for name := range rejected {
		if _, both := excluded[name]; both {
			t.Errorf("%s is in both lists", name)
		}
	}
	goroot, err := goEnv("GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	tests := filepath.Join(goroot, "test")
	if _, err := os.Stat(tests); err != nil {
		t.Logf("no programs to compare with: %v", err)
		return
	}
	programs, err := findPrograms(tests)
	if err != nil {
		t.Fatal(err)
	}
	if names := append(excluded.unknown(programs), rejected.unknown(programs)...); len(names) > 0 {
		t.Errorf("in a list, but no program: %v", names)
	}
}
