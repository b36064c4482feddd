package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestABadCommandLineIsStatus2AndSaysWhy(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-nonsense"}, "not defined: -nonsense"},
		{[]string{"extra"}, `unexpected argument "extra"`},
		{[]string{"-form", "other"}, "want compiled or blocking"},
		{[]string{"-form=blocking", "-schedule", "ready,never"}, "want a list of ready"},
		{[]string{"-form=blocking", "-schedule", ""}, "want a list of ready"},
		{[]string{"-form=blocking", "-batch=0"}, "want at least 1"},
		{[]string{"-form=blocking", "-run", "("}, "missing closing"},
		{[]string{"-form=blocking", "-tests", none}, none},
	} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"-cache", t.TempDir()}, test.args...)
		if status := runCommand(context.Background(), args, &stdout, &stderr); status != 2 {
			t.Errorf("%q: status %d", test.args, status)
		}
		if stdout.Len() > 0 || !strings.Contains(stderr.String(), test.want) {
			t.Errorf("%q: stdout %q, stderr %q, want %q in it", test.args, &stdout, &stderr, test.want)
		}
	}
}

// Two real programs, where the installed Go has them.
func TestProgramsOfTheInstalledGoAreTheSameInTheBlockingForm(t *testing.T) {
	goroot, err := goEnv("GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(goroot, "test")); err != nil {
		t.Logf("nothing to run: %v", err)
		return
	}
	var stdout, stderr bytes.Buffer
	args := []string{"-form=blocking", "-json", "-cache", t.TempDir(), "-run", `^(recover1|ken/array)\.go$`}
	if status := runCommand(t.Context(), args, &stdout, &stderr); status != 0 {
		t.Errorf("status %d: %s", status, &stderr)
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Total != 2 || r.Same != 2 || r.Results[0].Name != "ken/array.go" || r.Seconds <= 0 {
		t.Errorf("got %+v", r)
	}
	if !strings.Contains(stderr.String(), "2/2: 2 programs: 2 same") {
		t.Errorf("progress is %q", &stderr)
	}
}

func TestOwnProgramsNeedNotBeInTheLists(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.go"), head+"func main() {}\n")
	var stdout, stderr bytes.Buffer
	if status := runCommand(t.Context(), []string{"-form=blocking", "-cache", t.TempDir(), "-tests", dir}, &stdout, &stderr); status != 0 {
		t.Errorf("status %d: %s", status, &stderr)
	}
	if !strings.HasPrefix(stdout.String(), "1 programs: 1 same") {
		t.Errorf("got %q", &stdout)
	}
}
