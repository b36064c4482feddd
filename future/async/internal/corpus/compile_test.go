package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A fakeCompiler rejects the files that have its word in them, fails on those that
// break it, and panics on those that say so.
type fakeCompiler struct {
	calls int
}

var errBroken = errors.New("cannot load")

func (f *fakeCompiler) compile(c compilation) (rejected []rejection, err error) {
	f.calls++
	dir, patterns := c.dir, c.patterns
	pattern := strings.TrimSuffix(patterns[0], "...")
	files, err := filepath.Glob(filepath.Join(dir, pattern, "*", "*.go"))
	if err != nil {
		return nil, err
	}
	if pattern == patterns[0] {
		if files, err = filepath.Glob(filepath.Join(dir, pattern, "*.go")); err != nil {
			return nil, err
		}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		switch {
		case strings.Contains(string(text), "PANIC"):
			panic("oh")
		case strings.Contains(string(text), "BREAK"):
			return nil, errBroken
		case strings.Contains(string(text), "REJECT"):
			rejected = append(rejected, rejection{file, "not supported"})
		}
	}
	return rejected, nil
}

func TestWhatIsWrongWithOneProgramDoesNotHideTheOthers(t *testing.T) {
	for _, test := range []struct {
		name    string
		sources map[string]string
		want    map[string]string
		calls   int
	}{
		{"all well", map[string]string{"a": "", "b": ""}, map[string]string{}, 1},
		{"one rejected", map[string]string{"a": "REJECT", "b": ""}, map[string]string{"a": "not supported\n"}, 2},
		{"all rejected", map[string]string{"a": "REJECT", "b": "REJECT"},
			map[string]string{"a": "not supported\n", "b": "not supported\n"}, 1},
		{"one breaks the rest", map[string]string{"a": "", "b": "BREAK", "c": "REJECT"},
			map[string]string{"b": "cannot load", "c": "not supported\n"}, 4},
		{"a panic", map[string]string{"a": "PANIC", "b": ""}, map[string]string{"a": "the compiler panics: oh"}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &module{t.TempDir()}
			var programs []program
			for name, text := range test.sources {
				programs = append(programs, program{Name: name + ".go"})
				if err := m.write("p/"+name+"/"+name+".go", text); err != nil {
					t.Fatal(err)
				}
			}
			fake := &fakeCompiler{}
			got, err := m.compileAll(fake.compile, programs)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
			if fake.calls != test.calls {
				t.Errorf("%d calls of the compiler, want %d", fake.calls, test.calls)
			}
			for name := range test.sources {
				_, err := os.Stat(filepath.Join(m.dir, "p", name))
				if gone := err != nil; gone != (test.want[name] != "") {
					t.Errorf("%s: gone from the module is %v", name, gone)
				}
			}
		})
	}
}

func TestARejectionUnderAnotherNameIsThatOfTheProgramCompiled(t *testing.T) {
	m := &module{t.TempDir()}
	compile := func(c compilation) ([]rejection, error) {
		if c.patterns[0] == "./p/b" {
			return nil, nil
		}
		return []rejection{{"/foo/bar.go", "no"}}, nil
	}
	got, err := m.compileAll(compile, []program{{Name: "a.go"}, {Name: "b.go"}})
	if d := cmp.Diff(map[string]string{"a": "no\n"}, got); err != nil || d != "" {
		t.Error(err, d)
	}
}
