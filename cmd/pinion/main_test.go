package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
)

// asProgram is the environment variable that has this binary be the program.
const asProgram = "PINION_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if told := os.Getenv(asFarm); told != "" {
		farm(told)
	}
	if os.Getenv(asProgram) != "" {
		main()
	}
	measure.RunTime = 100 * time.Microsecond // these tests look at what is printed, not at how much it is
	os.Exit(m.Run())
}

// pinion carries out a command line.
func pinion(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}

// tree writes files into a new directory, by name and contents, and returns its
// path.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, contents := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// refused checks that a command line was refused: with status 2, a message that
// says each of why, and nothing else.
func refused(t *testing.T, status int, stdout, stderr string, why ...string) {
	t.Helper()
	if status != exitUsage {
		t.Errorf("status %d, want %d", status, exitUsage)
	}
	if stdout != "" {
		t.Errorf("something was printed beside the error:\n%s", stdout)
	}
	if !strings.HasPrefix(stderr, "pinion: ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("the error is not one line of pinion's:\n%s", stderr)
	}
	for _, w := range why {
		if !strings.Contains(stderr, w) {
			t.Errorf("the error does not say %q:\n%s", w, stderr)
		}
	}
}
