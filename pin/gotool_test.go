package pin_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// goTool runs the go command on a module of one file that uses this one.
func goTool(t *testing.T, source string, args ...string) (output string, err error) {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("it starts no processes")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"user.go": source,
		"go.mod":  "module user\n\ngo 1.26.0\n\nrequire github.com/pinion-go/pinion v0.0.0\n\nreplace github.com/pinion-go/pinion => " + root + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "GOSUMDB=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTheChecksOnTheHotPathAreInlined(t *testing.T) {
	out, err := goTool(t, `package user

import "github.com/pinion-go/pinion/pin"

func use(p pin.Pin[[64]byte], b *pin.Block[[64]byte], a *pin.Anchor, s *pin.Self[byte]) *[64]byte {
	a.Check()
	p.Try()
	s.Get()
	b.At(1)
	return p.Get()
}
`, "build", "-mod=mod", "-gcflags=-m", ".")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, call := range []string{".Get", ".Try", "(*Anchor).Check", "(*Block[go.shape.[64]uint8]).At", "(*Self[go.shape.uint8]).Get"} {
		if call[0] == '.' {
			call = "Pin[go.shape.[64]uint8]" + call
		}
		if !strings.Contains(out, "inlining call to pin."+call) {
			t.Errorf("%s is not inlined:\n%s", call, out)
		}
	}
}
