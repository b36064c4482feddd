package async

import (
	"errors"
	"go/ast"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const one = "-- p/p.go --\npackage p\n\n//pinion:async\nfunc F() {}\n"

func TestWriteTouchesOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	dir := module(t, one+"-- q/q.go --\npackage q\n\n//pinion:async\nfunc F() {}\n")
	if err := stand(t, dir).Write(); err != nil {
		t.Fatal(err)
	}
	p, q := filepath.Join(dir, "p/p_async.go"), filepath.Join(dir, "q/q_async.go")
	old := time.Unix(1e9, 0)
	for _, path := range []string{p, q} {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	write(t, p, firstLines+"package p\n")
	r := stand(t, dir)
	if got := r.OutOfDate(); len(got) != 1 || got[0] != p {
		t.Errorf("%q are out of date, want %s", got, p)
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	if got := r.OutOfDate(); got != nil {
		t.Errorf("%q are out of date after Write", got)
	}
	if info, err := os.Stat(q); err != nil || !info.ModTime().Equal(old) {
		t.Errorf("a file that was current was written: %v, %v", info.ModTime(), err)
	}
	for _, path := range []string{p, q} {
		if err := r.Write(); err != nil || !strings.Contains(string(readFile(t, path)), "FFuture") {
			t.Errorf("%s was not written: %v", path, err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 2 {
			t.Errorf("beside %s there are %v: %v", path, entries, err)
		}
	}
}

func TestWriteKeepsPermissions(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	dir := module(t, one)
	path := filepath.Join(dir, "p/p_async.go")
	perm := func() os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if err := stand(t, dir).Write(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "p/p.go")); err != nil || info.Mode().Perm() != perm() {
		t.Errorf("a new file has mode %v, and its source %v: %v", perm(), info.Mode(), err)
	}
	write(t, path, firstLines)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := stand(t, dir).Write(); err != nil {
		t.Fatal(err)
	}
	if perm() != 0o640 {
		t.Errorf("the file has mode %v, and had 0640", perm())
	}
}

// Whatever has come into the place of an output since Compile is left alone.
func TestWriteOverwritesAndRemovesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	dir := module(t, one+"-- p/q_async.go --\n"+firstLines+"package p\n")
	for _, name := range []string{"p_async.go", "q_async.go"} {
		r := stand(t, dir)
		path := filepath.Join(dir, "p", name)
		old, err := os.ReadFile(path)
		write(t, path, "package p\n")
		if err := r.Write(); err == nil || !strings.Contains(err.Error(), path+" was not written by pinion async") {
			t.Errorf("the error is %v", err)
		}
		if got := string(readFile(t, path)); got != "package p\n" {
			t.Errorf("%s was overwritten:\n%s", path, got)
		}
		if err != nil {
			os.Remove(path)
		} else {
			write(t, path, string(old))
		}
	}
	// What should go may have gone.
	r := stand(t, dir)
	os.Remove(filepath.Join(dir, "p/q_async.go"))
	if err := r.Write(); err != nil {
		t.Error(err)
	}
}

func TestWriteFailsAsItsFolderDoes(t *testing.T) {
	dir := module(t, one)
	r := stand(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "p")); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
	if len(r.OutOfDate()) != 1 {
		t.Error("what could not be written counts as current")
	}
}

// A failure of the compiler itself is an error that names the file.
func TestFailuresOfTheCompilerAreErrors(t *testing.T) {
	dir := module(t, one)
	for _, c := range []struct {
		translate translator
		want      string
	}{
		{func(*unit, *ast.File) ([]byte, []*Error) { panic("oops") }, "p/p.go:1:1: the compiler panicked: oops; this is a mistake in pinion async"},
		{func(*unit, *ast.File) ([]byte, []*Error) { return []byte("package"), nil }, "p/p.go:1:1: the generated code is not Go: "},
	} {
		r, err := compile(Config{Dir: dir, Env: offline()}, c.translate, "./p")
		if err != nil {
			t.Fatal(err)
		}
		wantErrors(t, dir, r, c.want)
	}
}
