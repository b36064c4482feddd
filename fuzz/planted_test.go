package fuzz_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlantedBugsAreFound builds the code once with each planted bug and runs the
// fuzz target that is to find it on its seeds and on random ops. It is run by
//
//	PINION_PLANTED=1 go test ./fuzz -run TestPlantedBugsAreFound -v
//
// and takes some seconds for each bug. PINION_PLANTED may also be a part of a bug's name.
func TestPlantedBugsAreFound(t *testing.T) {
	wanted := os.Getenv("PINION_PLANTED")
	if wanted == "" {
		return // a build for each is too slow for every day
	}
	for _, bug := range plantedBugs {
		if wanted != "1" && !strings.Contains(bug.name, wanted) {
			continue
		}
		t.Run(strings.ReplaceAll(bug.name, " ", "-"), func(t *testing.T) {
			if err := bug.find(t.TempDir()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPlantedBugsAreOfTheseDays checks that the code has not moved away from under the
// table, since most days nobody plants the bugs.
func TestPlantedBugsAreOfTheseDays(t *testing.T) {
	for _, bug := range plantedBugs {
		if _, err := bug.overlay(t.TempDir()); err != nil {
			t.Errorf("%s: %v", bug.name, err)
		}
	}
}

// runs names the tests that run each target's seeds and random ops.
var runs = map[string]string{
	"FuzzArena":      "TestArenaAgrees",
	"FuzzUnsafeptr":  "TestRelTaggedAndLayoutAgree",
	"FuzzMoveSafety": "TestMovedFutures",
	"FuzzFuture":     "TestLoopAgrees",
}

// find returns an error unless the target finds the bug.
func (b planted) find(dir string) error {
	overlay, err := b.overlay(dir)
	if err != nil {
		return err
	}
	run := fmt.Sprintf("^%s$|^%s", b.target, runs[b.target])
	cmd := exec.Command("go", "test", "-count=1", "-vet=off", "-failfast", "-timeout=3m", "-overlay", overlay, "-run", run, ".")
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return fmt.Errorf("%s has not found it", b.target)
	case strings.Contains(string(out), "[build failed]"):
		return fmt.Errorf("the code does not build with it:\n%s", out)
	case !strings.Contains(string(out), b.want) || !strings.Contains(string(out), "--- FAIL"):
		return fmt.Errorf("%s has found something else than %q:\n%s", b.target, b.want, out)
	}
	return nil
}

// overlay writes the changed file, and the file that go test -overlay wants.
func (b planted) overlay(dir string) (string, error) {
	file, err := filepath.Abs(filepath.Join("..", filepath.FromSlash(b.file)))
	if err != nil {
		return "", err
	}
	code, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	head, body, ok := strings.Cut(string(code), b.in)
	before, after, found := strings.Cut(body, b.old)
	if !ok || !found {
		return "", fmt.Errorf("%s has no %q after %q: the table in planted_table_test.go is out of date", b.file, b.old, b.in)
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(head+b.in+before+b.new+after), 0o666); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o666)
}
