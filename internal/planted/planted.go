// Package planted tests tests: it builds code with a mistake in it, and has the test that is
// to find it run.
package planted

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Bug is a mistake: a replacement of a few lines.
type Bug struct {
	Name     string
	File     string // relative to the package whose tests plant it, with slashes
	In       string // the change is made after this text
	Old, New string
	Run      string // a pattern of the names of the tests that are to find it
	Want     string // part of what they say
}

// Find has those bugs planted that PINION_PLANTED names, one after the other: a part of a name,
// or "1" for all. Without it there is nothing to do, since a build for each is too slow for
// every day. The tests have the timeout to find a bug, and noted is given what they have said.
func Find(t *testing.T, bugs []Bug, timeout time.Duration, noted func(t *testing.T, out string)) {
	wanted := os.Getenv("PINION_PLANTED")
	if wanted == "" {
		return
	}
	for _, b := range bugs {
		if wanted != "1" && !strings.Contains(b.Name, wanted) {
			continue
		}
		t.Run(strings.ReplaceAll(b.Name, " ", "-"), func(t *testing.T) {
			out, err := b.find(t.TempDir(), timeout)
			if err != nil {
				t.Fatal(err)
			}
			noted(t, out)
		})
	}
}

// Check checks that the code has not moved away from under the bugs, since most days nobody
// plants them.
func Check(t *testing.T, bugs []Bug) {
	for _, b := range bugs {
		if _, err := b.overlay(t.TempDir()); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
}

// find returns an error unless the tests find the bug.
func (b Bug) find(dir string, timeout time.Duration) (string, error) {
	overlay, err := b.overlay(dir)
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "test", "-count=1", "-vet=off", "-failfast", "-timeout="+timeout.String(), "-overlay", overlay, "-run", b.Run, ".")
	cmd.Env = append(os.Environ(), "PINION_PLANTED=")
	said, err := cmd.CombinedOutput()
	out := string(said)
	switch {
	case err == nil:
		return "", fmt.Errorf("%s has not found it", b.Run)
	case strings.Contains(out, "[build failed]"):
		return "", fmt.Errorf("the code does not build with it:\n%s", out)
	case !strings.Contains(out, b.Want):
		return "", fmt.Errorf("%s has found something else than %q:\n%s", b.Run, b.Want, out)
	}
	return out, nil
}

// overlay writes the changed file, and the file that go test -overlay wants.
func (b Bug) overlay(dir string) (string, error) {
	file, err := filepath.Abs(filepath.FromSlash(b.File))
	if err != nil {
		return "", err
	}
	code, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	head, body, ok := strings.Cut(string(code), b.In)
	before, after, found := strings.Cut(body, b.Old)
	if !ok || !found {
		return "", fmt.Errorf("%s has no %q after %q: the table of bugs is out of date", b.File, b.Old, b.In)
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(head+b.In+before+b.New+after), 0o666); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o666)
}
