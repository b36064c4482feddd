package pinion

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The program that newcomers paste is short, and runs.
func TestReadmeProgramRuns(t *testing.T) {
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(readme(t))
	if block == nil {
		t.Fatal("README.md has no Go program")
	}
	if lines := strings.Count(block[1], "\n"); lines > 25 {
		t.Errorf("the first program has %d lines, more than 25", lines)
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(block[1]), 0o666); err != nil {
		t.Fatal(err)
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not here to run it")
	}
	out, err := exec.Command(goTool, "run", file).CombinedOutput()
	if err != nil || string(out) != "pinion <nil>\n" {
		t.Errorf("the first program: %v\n%s", err, out)
	}
}

// The gate runs the test command that README gives.
func TestGateRunsReadmeTestCommand(t *testing.T) {
	gate, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	const command = "go test ./..."
	if !strings.Contains(readme(t), "    "+command) || !strings.Contains(string(gate), "step test "+command+"\n") {
		t.Errorf("README.md and .ci/run do not both have %q", command)
	}
}

// What README links to is there.
func TestReadmeLinksLead(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readme(t), -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("README.md links to %s: %v", m[1], err)
		}
	}
}
