//go:build race && unix

package unsafeptr_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/unsafeptr"
)

// The race detector brings checkptr with it, which ends the program, so the bad
// Set happens in a process of its own.
func TestCheckptrStopsASetOutsideTheOwner(t *testing.T) {
	if os.Getenv("UNSAFEPTR_BAD_SET") != "" {
		owner := new(struct {
			rel unsafeptr.Rel[int]
			buf [64]int
		})
		stranger := new([64]int)
		sink = stranger
		owner.rel.Set(&stranger[5])
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "UNSAFEPTR_BAD_SET=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("a Set to another object went through:\n%s", out)
	}
	if !strings.Contains(string(out), "checkptr: pointer arithmetic result points to invalid allocation") {
		t.Errorf("stopped by something else than checkptr: %v\n%s", err, out)
	}
}
