package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The inputs in the repository's testdata, as a user would give them.
func TestRepositoryTextsAgree(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "text")
	status, out, err := pinion(t, "", "run", "-tasks", "0", "-chunk", "1", dir)
	if status != exitOK || err != "" || !strings.Contains(out, "Every stream agrees") {
		t.Errorf("status %d, standard error %q, standard output:\n%s", status, err, out)
	}
}
