package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Some programs of the installed Go, if it has them, compiled and compared under the
// schedules that suspend. Those that PINION_CORPUS, a regular expression, matches are
// tried under all schedules; ".", which is all of them, takes an hour.
func TestProgramsOfTheInstalledGoAreTheSameInTheCompiledForm(t *testing.T) {
	goroot, err := goEnv("GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	tests := filepath.Join(goroot, "test")
	if _, err := os.Stat(tests); err != nil {
		t.Logf("nothing to run: %v", err)
		return
	}
	args := []string{"-json", "-cache", t.TempDir()}
	if match := os.Getenv("PINION_CORPUS"); match != "" {
		args = append(args, "-run", match)
	} else {
		n := 40
		if testing.Short() {
			n = 8
		}
		args = append(args, "-schedule", "pending,random", "-run", oneOf(sample(t, tests, n)))
	}
	// Settings of the collector are not for the go command, nor for these programs.
	t.Setenv("GODEBUG", "")
	t.Setenv("GOGC", "")
	var stdout, stderr bytes.Buffer
	status := runCommand(t.Context(), args, &stdout, &stderr)
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("status %d: %v\n%s", status, err, &stderr)
	}
	t.Log(r.line())
	if status != 0 || r.Same == 0 {
		t.Errorf("status %d\n%s", status, &stderr)
	}
}

// sample returns n programs that are in no list, at equal distances, so that folders
// have as many as they have programs.
func sample(t *testing.T, tests string, n int) []string {
	t.Helper()
	programs, err := findPrograms(tests)
	if err != nil {
		t.Fatal(err)
	}
	var listed list
	if listed, err = parseList("lists", excludedText+rejectedText); err != nil {
		t.Fatal(err)
	}
	programs = slices.DeleteFunc(programs, func(p program) bool {
		_, isListed := listed[p.Name]
		return isListed || p.Flags != nil || p.Env != nil
	})
	var names []string
	for i := range n {
		names = append(names, programs[(2*i+1)*len(programs)/(2*n)].Name)
	}
	return names
}

// oneOf returns a regular expression that matches the names.
func oneOf(names []string) string {
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, regexp.QuoteMeta(n))
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}
