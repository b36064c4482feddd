package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// testCorpus returns a corpus of programs written for a test.
func testCorpus(t *testing.T, programs map[string]string) *corpus {
	t.Helper()
	mod, err := goEnv("GOMOD")
	if err != nil {
		t.Fatal(err)
	}
	c := &corpus{
		tests: t.TempDir(), repo: filepath.Dir(mod), tmp: t.TempDir(), limit: time.Minute,
		schedules: []string{"pending"}, excluded: list{}, rejected: list{},
	}
	c.store = store{t.TempDir(), c.tests}
	for name, text := range programs {
		writeFile(t, filepath.Join(c.tests, name), text)
	}
	return c
}

func (c *corpus) mustJudge(t *testing.T) map[string]result {
	t.Helper()
	programs, err := findPrograms(c.tests)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]result{}
	for _, batch := range batches(programs, 10) {
		results, err := c.batch(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			got[r.Name] = r
		}
	}
	return got
}

const head = "// run\n\npackage main\n\n"

// These programs see that they have been transformed, or do not.
func TestVerdictsOnProgramsInTheBlockingForm(t *testing.T) {
	c := testCorpus(t, map[string]string{
		"same.go":     head + "import \"os\"\n\nfunc main() { println(1); os.Stdout.WriteString(\"out\") }\n",
		"args.go":     "// run a b\n\npackage main\n\nimport \"os\"\n\nfunc main() { if len(os.Args) != 3 { panic(0) } }\n",
		"more.go":     "// run other.go\n\npackage main\n\nfunc main() { f() }\n",
		"other.go":    "package main\n\nfunc f() {}\n",
		"flags.go":    "// run -tags=some\n\n//go:build some\n\npackage main\n\nfunc main() {}\n",
		"d/name.go":   head + "import \"runtime\"\n\nfunc main() { pc, _, _, _ := runtime.Caller(0); print(runtime.FuncForPC(pc).Name()) }\n",
		"name_js.go":  head + "import \"runtime\"\n\nfunc main() { pc, _, _, _ := runtime.Caller(0); print(runtime.FuncForPC(pc).Name()) }\n",
		"clock.go":    head + "import (\"fmt\"; \"time\")\n\nfunc main() { fmt.Println(time.Now().UnixNano()) }\n",
		"exit.go":     head + "func main() { panic(1) }\n",
		"syntax.go":   head + "func main() { x( }\n",
		"load.go":     head + "import \"no/such\"\n\nfunc main() {}\n",
		"wrong.go":    head + "func main() { x }\n",
		"listed.go":   head + "import (\"fmt\"; \"time\")\n\nfunc main() { fmt.Println(time.Now().UnixNano()) }\n",
		"rejected.go": head + "func main() {}\n",
	})
	c.excluded = list{"name_js.go": {"names", "prints the name of main"}, "listed.go": {"unsteady", "prints the time"}}
	c.rejected = list{"rejected.go": {"x", "y"}}
	got := c.mustJudge(t)
	for name, want := range map[string]struct {
		verdict verdict
		wrong   bool
		detail  string
	}{
		"same.go":     {same, false, ""},
		"args.go":     {same, false, ""},
		"more.go":     {same, false, ""},
		"flags.go":    {same, false, ""},
		"d/name.go":   {different, true, `stderr line 1 is "main.pinionMain", want "main.main"`},
		"name_js.go":  {exclude, false, "names: prints the name of main"},
		"clock.go":    {different, true, "does not do the same twice"},
		"exit.go":     {different, true, "exit status 2: panic: 1"},
		"syntax.go":   {different, true, "syntax error"},
		"load.go":     {different, true, "package no/such is not"},
		"wrong.go":    {different, true, "undefined: x"},
		"listed.go":   {exclude, false, "unsteady: prints the time"},
		"rejected.go": {same, false, ""},
	} {
		r, ok := got[name]
		delete(got, name)
		if !ok || r.Verdict != want.verdict || r.Wrong != want.wrong || !strings.Contains(r.Detail, want.detail) || want.detail == "" && r.Detail != "" {
			t.Errorf("%s: got %+v, want %+v", name, r, want)
		}
	}
	if len(got) > 0 {
		t.Errorf("unexpected %v", got)
	}
}

// twins is a compiler that knows one future: that of a main without awaits.
func twins(c compilation) ([]rejection, error) {
	files, err := filepath.Glob(filepath.Join(c.dir, "p", "*", "*.go"))
	if err != nil {
		return nil, err
	}
	var rejected []rejection
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(text), "goto") {
			rejected = append(rejected, rejection{file, file + ": goto"})
		}
	}
	if rejected != nil {
		return rejected, nil
	}
	for _, file := range files {
		const twin = `package main

import (
	"pinioncorpus/leaf"

	"github.com/pinion-go/pinion/future"
)

type pinionMainFuture struct {
	state int
	point leaf.PointFuture
}

func pinionMainAsync() pinionMainFuture { return pinionMainFuture{} }

func (f *pinionMainFuture) Poll(cx *future.Context) future.Poll {
	if f.state == 0 {
		f.state, f.point = 1, leaf.PointAsync()
	}
	if f.point.Poll(cx) == future.Pending {
		println("suspended")
		return future.Pending
	}
	pinionMain()
	return future.Ready
}
`
		if err := os.WriteFile(strings.TrimSuffix(file, ".go")+"_async.go", []byte(twin), 0o666); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func TestVerdictsOnProgramsInTheCompiledForm(t *testing.T) {
	c := testCorpus(t, map[string]string{
		"same.go":     head + "func main() {}\n",
		"goto.go":     head + "func main() { goto L; L: }\n",
		"known.go":    head + "func main() { goto L; L: }\n",
		"stale.go":    head + "func main() {}\n",
		"excluded.go": head + "func main() {}\n",
		"fails.go":    head + "import \"runtime\"\n\nfunc main() { pc, _, _, _ := runtime.Caller(0); print(runtime.FuncForPC(pc).Name()) }\n",
		"slow.go":     head + "func main() {}\n",
	})
	c.form, c.compile, c.schedules = compiled, twins, []string{"ready"}
	c.excluded = list{"excluded.go": {"runtime", "no"}, "fails.go": {"names", "yes"}, "slow.go": {"slow", "maybe"}}
	c.rejected = list{"known.go": {"goto", "r"}, "stale.go": {"goto", "s"}}
	got := c.mustJudge(t)
	for name, want := range map[string]struct {
		verdict verdict
		wrong   bool
		detail  string
	}{
		"same.go":     {same, false, ""},
		"goto.go":     {reject, true, "goto.go: goto"},
		"known.go":    {reject, false, "goto: r"},
		"stale.go":    {same, true, "take it off the list"},
		"excluded.go": {same, true, "take it off the list"},
		"fails.go":    {exclude, false, "names: yes"},
		"slow.go":     {exclude, false, "slow: maybe"},
	} {
		if r := got[name]; r.Verdict != want.verdict || r.Wrong != want.wrong || !strings.Contains(r.Detail, want.detail) {
			t.Errorf("%s: got %+v, want %+v", name, r, want)
		}
	}

	// The twin above says so on stderr when its point suspends.
	c.excluded, c.rejected = list{}, list{"goto.go": {"a", "b"}, "known.go": {"a", "b"}}
	for schedule, want := range map[string]verdict{"ready": same, "pending": different, "random:2": same, "random:1": different} {
		c.schedules = []string{schedule}
		if r := c.mustJudge(t)["same.go"]; r.Verdict != want {
			t.Errorf("%s: got %+v, want %s", schedule, r, want)
		} else if want == different && !strings.Contains(r.Detail, schedule+": stderr line 1") {
			t.Errorf("%s: detail is %q", schedule, r.Detail)
		}
	}
}

func TestAProgramThatDoesNotEndIsEnded(t *testing.T) {
	c := testCorpus(t, map[string]string{"loop.go": head + "func main() { for {} }\n"})
	c.limit = 100 * time.Millisecond
	if r := c.mustJudge(t)["loop.go"]; !r.Wrong || !strings.Contains(r.Detail, "does not end in time") {
		t.Errorf("got %+v", r)
	}
}

func TestWhatAProgramDoesIsFoundOutOnce(t *testing.T) {
	c := testCorpus(t, map[string]string{"a.go": head + "import \"os\"\n\nfunc main() { os.WriteFile(\"ran\", nil, 0o666) }\n"})
	ran := filepath.Join(c.tests, "ran")
	p := program{Name: "a.go", Sources: []string{"a.go"}}
	for i, want := range []bool{true, false} {
		if _, err := c.baselines(t.Context(), []program{p}); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(ran); (err == nil) != want {
			t.Errorf("time %d: ran is %v, want %v", i+1, err == nil, want)
		}
		os.Remove(ran)
	}
	writeFile(t, filepath.Join(c.tests, "a.go"), head+"func main() { println(1) }\n")
	b, err := c.baselines(t.Context(), []program{p})
	if err != nil || b["a.go"].Outcome.Stderr != "1\n" {
		t.Errorf("the changed program: %v, %+v", err, b)
	}
}

func TestNoModuleIsLeftBehind(t *testing.T) {
	c := testCorpus(t, map[string]string{"a.go": head + "func main() {}\n"})
	c.mustJudge(t)
	if left, _ := os.ReadDir(c.tmp); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.store.dir = t.TempDir()
	if _, err := c.batch(ctx, []program{{Name: "a.go", Sources: []string{"a.go"}}}); err == nil {
		t.Error("no error after a cancel")
	}
	if left, _ := os.ReadDir(c.tmp); len(left) > 0 {
		t.Errorf("left %v after a cancel", left)
	}
}

func TestBatchesAreSmallAndOfOneKind(t *testing.T) {
	race := []string{"-race"}
	var got [][]string
	for _, batch := range batches([]program{{Name: "a"}, {Name: "b", Flags: race}, {Name: "c"}, {Name: "d"}, {Name: "e", Flags: race}, {Name: "f", Env: race}}, 2) {
		var names []string
		for _, p := range batch {
			names = append(names, p.Name)
		}
		got = append(got, names)
	}
	if d := cmp.Diff([][]string{{"a", "c"}, {"d"}, {"b", "e"}, {"f"}}, got); d != "" {
		t.Error(d)
	}
}

func TestTheReportCountsAndNamesWhatIsWrong(t *testing.T) {
	r := &report{Seconds: 60}
	r.add([]result{{Name: "b", Verdict: same}, {Name: "a", Verdict: same, Wrong: true, Detail: "off"}})
	r.add([]result{{Name: "d", Verdict: reject}, {Name: "c", Verdict: exclude}, {Name: "e", Verdict: different, Wrong: true, Detail: "why"}})
	r.sort()
	var text, js bytes.Buffer
	r.text(&text)
	want := "a: same: off\ne: different: why\n5 programs: 2 same, 1 different, 1 rejected, 1 excluded\n75.0 % of those not excluded compile, in 60 s\n"
	if d := cmp.Diff(want, text.String()); d != "" {
		t.Error(d)
	}
	if err := r.json(&js); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(js.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*r, back); d != "" {
		t.Error(d)
	}
}
