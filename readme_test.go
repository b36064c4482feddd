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

// program returns the nth Go program of README.md.
func program(t *testing.T, n int) string {
	t.Helper()
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) <= n {
		t.Fatalf("README.md has %d Go programs", len(blocks))
	}
	return blocks[n][1]
}

// goCommand runs the go command in dir and returns what it prints.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryGo(t, dir, args...)
	if err != nil {
		t.Errorf("go %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func tryGo(t *testing.T, dir string, args ...string) (out string, err error) {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not here to run it")
	}
	cmd := exec.Command(goTool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off")
	b, err := cmd.CombinedOutput()
	return string(b), err
}

func write(t *testing.T, name, contents string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(contents), 0o666); err != nil {
		t.Fatal(err)
	}
}

// The program that newcomers paste is short, and runs.
func TestReadmeProgramRuns(t *testing.T) {
	first := program(t, 0)
	if lines := strings.Count(first, "\n"); lines > 25 {
		t.Errorf("the first program has %d lines, more than 25", lines)
	}
	file := filepath.Join(t.TempDir(), "main.go")
	write(t, file, first)
	if out := goCommand(t, "", "run", file); out != "pinion <nil>\n" {
		t.Errorf("the first program prints\n%s", out)
	}
}

// The program of ordinary Go is compiled by the commands that stand below it, in a
// module of its own, and answers as a goroutine and as a future.
func TestReadmeProgramOfOrdinaryGoIsCompiledAndRuns(t *testing.T) {
	repo, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var user strings.Builder // the go.mod that "go get -tool" makes, with this tree as the dependency
	user.WriteString("module example.com/m\n\ngo 1.26.0\n\ntool github.com/pinion-go/pinion/cmd/pinion\n\n" +
		"require github.com/pinion-go/pinion v0.0.0\n\nreplace github.com/pinion-go/pinion => " + repo + "\n")
	for _, dep := range regexp.MustCompile(`golang.org/x/(sys|tools|mod|sync) v\S+`).FindAllString(string(mod), -1) {
		user.WriteString("\nrequire " + dep + " // indirect\n")
	}
	write(t, filepath.Join(dir, "go.mod"), user.String())
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	source := program(t, 1)
	write(t, filepath.Join(dir, "main.go"), source)

	for _, c := range []struct{ command, prints string }{
		{"go generate ./...", ""},
		{"go tool pinion async -check ./...", ""},
		{"go vet ./...", ""},
		{"go run .", "a goroutine has answered\na future has answered\n"},
	} {
		if out := goCommand(t, dir, strings.Fields(c.command)[1:]...); out != c.prints {
			t.Fatalf("%s prints\n%s\nwant\n%s", c.command, out, c.prints)
		}
	}
	for _, command := range []string{"go generate ./...", "go tool pinion async -check ./..."} {
		if !strings.Contains(readme(t), "\n    "+command) {
			t.Errorf("README.md does not have the command %q", command)
		}
	}

	// The frame holds the buffer, and -check notices a change.
	twin, err := os.ReadFile(filepath.Join(dir, "main_async.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^\tbuf +\[512\]byte$`).Match(twin) {
		t.Errorf("the buffer is not in the frame:\n%s", twin)
	}
	write(t, filepath.Join(dir, "main.go"), strings.Replace(source, "[512]byte", "[64]byte", 1))
	if out, err := tryGo(t, dir, "tool", "pinion", "async", "-check", "./..."); err == nil || !strings.Contains(out, "main_async.go: outdated") {
		t.Errorf("-check of a changed source: %v\n%s", err, out)
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
	text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(readme(t), "")
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("README.md links to %s: %v", m[1], err)
		}
	}
}
