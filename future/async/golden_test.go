package async

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files: generated code and errors from the compiler, traces from the blocking forms")

// The cases are compiled together, built into one program, and run in both forms
// under each schedule. What a case does is what its trace says, blocking or
// compiled, however it is suspended.
func TestGolden(t *testing.T) {
	t.Parallel()
	cases := goldenCases(t)
	dir := goldenModule(t, cases)
	goldenRefused(t, dir, cases)
	r, err := Compile(Config{Dir: dir, Env: offline(), Leaks: true}, "./cases/...")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		t.Error(e)
	}
	if t.Failed() {
		return
	}
	for _, c := range cases {
		t.Run(c.name+"/generated", func(t *testing.T) {
			c.compareOutputs(t, dir, r)
			c.compare(t, "leaks", c.messages(filepath.Join(dir, "cases"), r.Leaks))
		})
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	program := goldenBuild(t, dir, cases)
	schedules := []string{"ready", "pending", "random:1"}
	if !testing.Short() {
		schedules = append(schedules, "random:2", "random:3", "random:4", "random:5")
	}
	for _, s := range schedules {
		for _, got := range goldenRun(t, program, s) {
			i := slices.IndexFunc(cases, func(c *goldenCase) bool { return c.name == got.Name })
			t.Run(got.Name+"/"+s, func(t *testing.T) { cases[i].compareTraces(t, s, got) })
		}
	}
	if *update {
		for _, c := range cases {
			c.save(t)
		}
	}
}

// goldenRefused compiles what is not supported, and compares the errors.
func goldenRefused(t *testing.T, dir string, cases []*goldenCase) {
	r, err := Compile(Config{Dir: dir, Env: offline()}, "./refused/...")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name+"/errors", func(t *testing.T) { c.compare(t, "errors", c.messages(filepath.Join(dir, "refused"), r.Errors)) })
	}
}

// goldenBuild builds the cases into a program, with the flags that the test was built with.
func goldenBuild(t *testing.T, dir string, cases []*goldenCase) (program string) {
	program = filepath.Join(dir, "main.exe")
	args := []string{"build", "-o", program}
	for _, name := range []string{"-race", "-tags", "-gcflags"} {
		if v := buildSetting(name); v != "" {
			args = append(args, name+"="+v)
		}
	}
	cmd := exec.Command("go", append(args, "./main")...)
	// Settings of the collector are for the cases, not for the compiler.
	cmd.Dir, cmd.Env = dir, append(offline(), "GOGC=", "GODEBUG=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// buildSetting returns the value of a flag that the test was built with.
func buildSetting(name string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == name {
				return s.Value
			}
		}
	}
	return ""
}

func raceEnabled() bool { return buildSetting("-race") == "true" }

// A report is what the program says of a case.
type report struct {
	Name, Blocking, Compiled, Canceled string
}

func goldenRun(t *testing.T, program, schedule string) (reports []report) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, program, schedule)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Env = &stderr, os.Environ()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the cases under the schedule %s: %v\n%s", schedule, err, stderr.Bytes())
	}
	if err := json.Unmarshal(out, &reports); err != nil {
		t.Fatal(err)
	}
	return reports
}
