package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pinion carries out a command line.
func pinion(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}

func TestRunAgreesWithAPlainReading(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("one two\nthree"), 0o666); err != nil {
		t.Fatal(err)
	}
	status, out, err := pinion(t, "", "run", "-tasks", "1000", file)
	if status != exitOK || err != "" {
		t.Errorf("status %d, want 0; standard error:\n%s", status, err)
	}
	if !strings.Contains(out, "Every stream agrees") {
		t.Errorf("the table does not say that all is well:\n%s", out)
	}
}
