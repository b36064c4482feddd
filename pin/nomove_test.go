package pin_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

var _ sync.Locker = (*pin.NoMove)(nil) // what vet looks for

func TestNoMoveHasNoSize(t *testing.T) {
	type ring struct {
		_    pin.NoMove
		next *ring
	}
	if got, want := unsafeptr.LayoutOf[ring]().Size, unsafeptr.LayoutOf[*ring]().Size; got != want {
		t.Errorf("a struct with a NoMove is %d bytes, without %d", got, want)
	}
}

func TestVetReportsACopyOfNoMove(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("needs the go command: %v", err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module copies\n\ngo 1.26.0\n\nrequire github.com/pinion-go/pinion v0.0.0\n\nreplace github.com/pinion-go/pinion => "+root+"\n")
	write("copies.go", `package copies

import "github.com/pinion-go/pinion/pin"

type ring struct {
	_ pin.NoMove
	p *ring
}

func copied(r *ring) *ring {
	c := *r
	return &c
}
`)
	cmd := exec.Command(goTool, "vet", "-mod=mod", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "GOSUMDB=off")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "assignment copies lock value to c") {
		t.Errorf("go vet of a copied NoMove: %v\n%s", err, out)
	}
}

func ExampleNoMove() {
	type ring struct {
		_    pin.NoMove
		next *ring
	}
	var r ring
	r.next = &r // go vet now reports every plain copy of r
	fmt.Println(r.next == &r)
	// Output: true
}
