package async

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// A goldenCase is a file of testdata/async: text that says what it shows, and then
// the files. Of these
//
//	refused.go           does not compile, for the reasons in
//	errors
//	X.go                 are the source,
//	leaks                are warnings about it, and
//	X_async.go           what is generated from it;
//	trace                is what the function Run prints, and
//	trace when canceled  what its future prints if it is cancelled where Run says;
//	not with -race       says why gc's own form prints something else with -race.
type goldenCase struct {
	name string
	path string
	*txtar.Archive
}

const goldenDir = "../../testdata/async"

func goldenCases(t *testing.T) []*goldenCase {
	t.Helper()
	paths, err := filepath.Glob(goldenDir + "/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases: ", err)
	}
	var cases []*goldenCase
	for _, p := range paths {
		c := &goldenCase{name: strings.TrimSuffix(filepath.Base(p), ".txt"), path: p, Archive: txtar.Parse(readFile(t, p))}
		if strings.TrimSpace(string(c.Comment)) == "" {
			t.Errorf("%s does not say what it shows", p)
		}
		cases = append(cases, c)
	}
	return cases
}

func (c *goldenCase) file(name string) *txtar.File {
	i := slices.IndexFunc(c.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Files[i]
}

func goldenOutput(name string) bool { return strings.HasSuffix(name, "_async.go") }

// runs reports whether the case has a function Run.
func (c *goldenCase) runs() bool {
	return slices.ContainsFunc(c.Files, func(f txtar.File) bool {
		return f.Name != "refused.go" && path.Dir(f.Name) == "." && strings.HasSuffix(f.Name, ".go")
	})
}

// goldenModule writes the sources of all cases, and a main package that runs them.
func goldenModule(t *testing.T, cases []*goldenCase) (dir string) {
	t.Helper()
	dir = module(t, "")
	for _, name := range []string{"leaf/leaf.go", "run/run.go"} {
		write(t, filepath.Join(dir, name), string(readFile(t, goldenDir, "harness", name)))
	}
	var imports, table strings.Builder
	for i, c := range cases {
		for _, f := range c.Files {
			if !strings.HasSuffix(f.Name, ".go") || goldenOutput(f.Name) {
				continue
			}
			kind := "cases"
			if f.Name == "refused.go" {
				kind = "refused"
			}
			write(t, filepath.Join(dir, kind, c.name, f.Name), string(f.Data))
			if formatted, err := format.Source(f.Data); err != nil || !bytes.Equal(formatted, f.Data) {
				t.Errorf("%s: %s is not as gofmt would have it: %v", c.path, f.Name, err)
			}
		}
		if c.runs() {
			fmt.Fprintf(&imports, "\tc%d \"example.com/m/cases/%s\"\n", i, c.name)
			fmt.Fprintf(&table, "\t\t{%q, c%d.Run, func() future.Future { f := c%d.RunAsync(); return &f }},\n", c.name, i, i)
		}
	}
	write(t, filepath.Join(dir, "main/main.go"), "package main\n\nimport (\n\t\"github.com/pinion-go/pinion/future\"\n\n\t\"example.com/m/run\"\n"+
		imports.String()+")\n\nfunc main() {\n\trun.Main([]run.Case{\n"+table.String()+"\t})\n}\n")
	return dir
}

// compare compares a file of the case with what there is now; a file that is not
// there is empty.
func (c *goldenCase) compare(t *testing.T, name, got string) {
	t.Helper()
	f := c.file(name)
	if *update {
		switch {
		case f != nil:
			f.Data = []byte(got)
		case got != "":
			c.Files = append(c.Files, txtar.File{Name: name, Data: []byte(got)})
		}
		return
	}
	want := ""
	if f != nil {
		want = string(f.Data)
	}
	if got != want {
		t.Errorf("%s: %s is\n%s\nwant\n%s", c.path, name, got, want)
	}
}

// messages are the errors in the files of the case, below dir.
func (c *goldenCase) messages(dir string, errs []*Error) string {
	var b strings.Builder
	for _, e := range errs {
		if s, ok := strings.CutPrefix(e.Error(), filepath.Join(dir, c.name)+string(filepath.Separator)); ok {
			b.WriteString(s + "\n")
		}
	}
	return b.String()
}

// compareOutputs compares what was generated for the case.
func (c *goldenCase) compareOutputs(t *testing.T, dir string, r *Result) {
	t.Helper()
	seen := map[string]bool{}
	for _, o := range r.Outputs {
		if name, err := filepath.Rel(filepath.Join(dir, "cases", c.name), o.Path); err == nil && filepath.IsLocal(name) {
			name = filepath.ToSlash(name)
			seen[name] = true
			c.compare(t, name, string(o.Source))
		}
	}
	for _, f := range c.Files {
		if goldenOutput(f.Name) && !seen[f.Name] {
			t.Errorf("%s: %s is not generated", c.path, f.Name)
		}
	}
}

func (c *goldenCase) compareTraces(t *testing.T, schedule string, got report) {
	t.Helper()
	if c.file("not with -race") != nil && raceEnabled() {
		got.Blocking = got.Compiled
	}
	c.compare(t, "trace", got.Blocking)
	if got.Compiled != got.Blocking {
		t.Errorf("%s: compiled, the trace is\n%s\nblocking it is\n%s", c.path, got.Compiled, got.Blocking)
	}
	if schedule == "pending" && c.file("trace when canceled") != nil {
		c.compare(t, "trace when canceled", got.Canceled)
	}
}

// save writes the case, each file after the one that it comes from.
func (c *goldenCase) save(t *testing.T) {
	t.Helper()
	slices.SortStableFunc(c.Files, func(a, b txtar.File) int { return c.order(a.Name) - c.order(b.Name) })
	if err := os.WriteFile(c.path, txtar.Format(c.Archive), 0o666); err != nil {
		t.Fatal(err)
	}
}

func (c *goldenCase) order(name string) int {
	switch {
	case name == "refused.go":
		return 0
	case name == "errors":
		return 1
	case name == "leaks":
		return 3
	case goldenOutput(name):
		return 4
	case name == "not with -race", name == "trace":
		return 5
	case name == "trace when canceled":
		return 6
	}
	return 2
}
