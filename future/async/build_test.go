package async

import (
	"go/parser"
	"go/token"
	"os/exec"
	"strings"
	"testing"
)

const systems = `
-- p/p.go --
package p

//pinion:async
func Common() { local() }
-- p/p_linux.go --
package p

import "syscall"

//pinion:async
func local() syscall.Errno { _ = syscall.Ucred{}; return 0 }
-- p/p_windows.go --
package p

import "syscall"

//pinion:async
func local() syscall.Handle { return 0 }
-- p/p_windows_amd64.go --
package p

//pinion:async
func arch() {}
-- p/tagged.go --
// Copyright.

//go:build special

// Package p is special.
package p

//pinion:async
func tagged() {}
`

func on(goos, goarch string, more ...string) []string {
	return append(append(offline(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0"), more...)
}

// Only what is built is compiled, and what was compiled for other systems stays.
func TestFilesAreCompiledForTheSystemThatTheyAreFor(t *testing.T) {
	t.Parallel()
	dir := module(t, systems)
	compile := func(cfg Config, want ...string) {
		t.Helper()
		cfg.Dir, cfg.Tests = dir, true
		r, err := standIn(cfg)
		if err != nil {
			t.Fatal(err)
		}
		wantOutputs(t, dir, r, want...)
		if err := r.Write(); err != nil {
			t.Fatal(err)
		}
	}
	compile(Config{Env: on("linux", "amd64")}, "p/p_async.go", "p/p_async_linux.go")
	compile(Config{Env: on("windows", "amd64")}, "p/p_async.go", "p/p_async_windows.go", "p/p_async_windows_amd64.go")
	compile(Config{Env: on("linux", "amd64"), BuildFlags: []string{"-tags=special"}}, "p/p_async.go", "p/p_async_linux.go", "p/tagged_async.go")
	compile(Config{Env: on("linux", "amd64", "GOFLAGS=-tags=special")}, "p/p_async.go", "p/p_async_linux.go", "p/tagged_async.go")
	builds(t, dir, on("linux", "amd64")...)
	builds(t, dir, on("windows", "amd64")...)
	for _, c := range []struct{ name, want string }{
		{"p_async.go", firstLine + "\n\npackage p\n"},
		{"p_async_windows.go", firstLine + "\n\npackage p\n"},
		{"tagged_async.go", firstLine + "\n\n//go:build special\n\npackage p\n"},
	} {
		if got := string(readFile(t, dir, "p", c.name)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s begins\n%s\nwant\n%s", c.name, got[:min(len(got), len(c.want))], c.want)
		}
	}
}

func TestConstraintsAreCopied(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"package p\n", ""},
		{"//go:build linux\n\npackage p\n", "//go:build linux"},
		{"// Copyright.\n\n//go:build linux && !cgo\n// +build linux,!cgo\n\n// Package p.\npackage p\n", "//go:build linux && !cgo"},
		{"//go:build go1.21\r\n\r\npackage p\r\n", "//go:build go1.21"},
		{"package p\n\n//go:build linux\n", ""},
		{"// +build linux,!special darwin\n// +build amd64\n\npackage p\n", "//go:build ((linux && !special) || darwin) && amd64"},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", c.src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := buildConstraint(file); got != c.want {
			t.Errorf("of %q, %q is copied, want %q", c.src, got, c.want)
		}
	}
}

func TestTestFilesAreCompiledWithTheirPackages(t *testing.T) {
	t.Parallel()
	dir := module(t, `
-- p/p.go --
package p

//pinion:async
func F() int { return 1 }

type T struct{}
-- p/p_test.go --
package p

import (
	"testing"

	"example.com/m/helper"
)

//pinion:async
func inside(t *testing.T, h helper.H) {}

//pinion:async
func (T) OnlyInTests() {}

func TestInside(t *testing.T) {
	f := FAsync()
	f.Init()
	g := insideAsync(t, helper.HelpAsync())
	g.Init(t, helper.H{})
	T{}.OnlyInTestsAsync()
}
-- p/export_test.go --
package p

var G = FAsync
-- p/x_linux_test.go --
package p_test

import (
	"testing"

	"example.com/m/p"
	"example.com/m/user"
)

//pinion:async
func outside(t p.T) p.T { return t }

func TestOutside(t *testing.T) {
	var f p.FFuture = p.G()
	f.Init()
	var _ p.TOnlyInTestsFuture = p.T{}.OnlyInTestsAsync()
	g := outsideAsync(user.T())
	_ = g.Result()
}
-- helper/helper.go --
package helper

type H = HelpFuture

//pinion:async
func Help() {}
-- user/user.go --
package user

import "example.com/m/p"

// T ties the external test to the package under test by another way.
func T() p.T { p.FAsync(); return p.T{} }
`)
	r, err := standIn(Config{Dir: dir, Tests: true, Env: on("linux", "amd64")}, "./p")
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, dir, r, "p/p_async.go", "p/p_async_test.go", "p/x_async_linux_test.go")
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	r, err = standIn(Config{Dir: dir, Env: offline()})
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, dir, r, "helper/helper_async.go", "p/p_async.go")
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	builds(t, dir, "GOOS=linux", "GOARCH=amd64")
}

// A folder may have marks in its tests alone.
func TestPackagesWithNothingButTestsAreCompiled(t *testing.T) {
	t.Parallel()
	dir := module(t, `
-- only/x_test.go --
package only

//pinion:async
func f() {}

var _ = fAsync()
-- ext/x_test.go --
package ext_test

//pinion:async
func f() {}

var _ = fAsync()
`)
	r := stand(t, dir)
	wantOutputs(t, dir, r, "ext/x_async_test.go", "only/x_async_test.go")
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	builds(t, dir)
}

func TestPackagesMayUseCgoInOtherFiles(t *testing.T) {
	t.Parallel()
	if cc, err := exec.Command("go", "env", "CC").Output(); err != nil {
		t.Fatal(err)
	} else if _, err := exec.LookPath(strings.Fields(string(cc))[0]); err != nil {
		t.Skip("there is no C compiler: ", err)
	}
	dir := module(t, `
-- p.go --
package p

//pinion:async
func F() int { return int(seven()) }
-- c.go --
package p

// static int seven(void) { return 7; }
import "C"

func seven() C.int { var f FFuture = FAsync(); f.Result(); return C.seven() }
`)
	r, err := standIn(Config{Dir: dir, Env: append(offline(), "CGO_ENABLED=1")})
	if err != nil {
		t.Fatal(err)
	}
	wantOutputs(t, dir, r, "p_async.go")
}

// What a package declares in its tests and in files for other systems keeps its name, and
// types that are moved out of functions meet neither those nor each other.
func TestNamesOfFilesThatAreNotBuiltAreLeftAlone(t *testing.T) {
	t.Parallel()
	const f = `
import "github.com/pinion-go/pinion/future"

//pinion:async
func NAME(n int) int {
	type number struct{ n int }
	type other struct{ n int }
	type third struct{ n int }
	x, y, z := number{n}, other{n}, third{n}
	future.Yield()
	return x.n + y.n + z.n
}
`
	dir := module(t, `
-- p/p.go --
package p
`+strings.ReplaceAll(f, "NAME", "F")+`
-- p/p_test.go --
package p
`+strings.ReplaceAll(f, "NAME", "inTest")+`
type (
	number int
	frame  int
)

var _ = inTest(int(number(1)) + int(frame(2)))
-- p/p_windows.go --
package p
`+strings.ReplaceAll(f, "NAME", "onWindows")+`
type (
	other int
	pin   int
)

var _ = onWindows(int(other(1)) + int(pin(2)))
`)
	for range 2 { // with what was written there
		for _, goos := range []string{"linux", "windows"} {
			r, err := Compile(Config{Dir: dir, Env: on(goos, "amd64"), Tests: true}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range r.Errors {
				t.Error(e)
			}
			if err := r.Write(); err != nil {
				t.Fatal(err)
			}
		}
	}
	builds(t, dir, on("linux", "amd64")...)
	builds(t, dir, on("windows", "amd64")...)
}
