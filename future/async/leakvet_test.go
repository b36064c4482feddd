package async

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/unitchecker"
)

// asVetTool has this program be what go vet -vettool wants.
const asVetTool = "PINION_TEST_AS_VETTOOL"

func TestMain(m *testing.M) {
	if os.Getenv(asVetTool) != "" {
		unitchecker.Main(LeakAnalyzer)
	}
	os.Exit(m.Run())
}

// chained is a module whose leak is two packages and a generic method away.
const chained = `
-- low/low.go --
package low

import "time"

type Queue[T any] struct{ v T }

func (q *Queue[T]) Get() T {
	time.Sleep(1)
	return q.v
}
-- mid/mid.go --
package mid

import "example.com/m/low"

func Get() int { return new(low.Queue[int]).Get() }
-- top/top.go --
package top

import (
	"fmt"

	"example.com/m/mid"
	"github.com/pinion-go/pinion/future"
)

//pinion:async
func Serve() error {
	fmt.Println("printing is fine")
	if mid.Get() > 0 {
		return nil
	}
	return future.Sleep(1)
}

//pinion:async
func Careless() {
	mid.Get() //pinion:blocking
}

func helper() error { return Serve() }

//pinion:async
func Indirect() error { return helper() }
`

// chainedLeaks is what is found in it.
var chainedLeaks = []string{
	"top/top.go:13:5: Serve blocks its loop: Serve calls mid.Get (top.go:13) calls low.Queue.Get (example.com/m/mid/mid.go:5)" +
		" calls time.Sleep (example.com/m/low/low.go:8); use future.Sleep and mark mid.Get and low.Queue.Get //pinion:async," +
		" run mid.Get with future.FromFunc, or say //pinion:blocking REASON",
	"top/top.go:21:2: Careless blocks its loop: Careless calls mid.Get (top.go:21) calls low.Queue.Get (example.com/m/mid/mid.go:5)" +
		" calls time.Sleep (example.com/m/low/low.go:8); use future.Sleep and mark mid.Get and low.Queue.Get //pinion:async," +
		" run mid.Get with future.FromFunc, or say //pinion:blocking REASON",
	"top/top.go:21:12: //pinion:blocking gives no reason; say why the call may block, as in //pinion:blocking REASON",
	"top/top.go:27:32: Indirect blocks its loop: Indirect calls helper (top.go:27) calls Serve (top.go:24)" +
		" calls future.Sleep (top.go:16); mark helper //pinion:async, run helper with future.FromFunc, or say //pinion:blocking REASON",
}

// The compiler and go vet go different ways to the same facts: the first knows
// functions by their names, the second encodes facts and finds functions by their
// place in export data.
func TestLeaksAreTheSameByCompilerAndVet(t *testing.T) {
	t.Parallel()
	dir := module(t, chained)
	r, err := Compile(Config{Dir: dir, Env: offline(), Leaks: true}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	compare := func(by string, got []string) {
		t.Helper()
		slices.Sort(got) // go vet has its own order
		if want := slices.Sorted(slices.Values(chainedLeaks)); !slices.Equal(got, want) {
			t.Errorf("by %s the leaks are\n%s\nwant\n%s", by, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	var got []string
	for _, e := range r.Leaks {
		got = append(got, filepath.ToSlash(strings.TrimPrefix(e.Error(), dir+string(filepath.Separator))))
	}
	compare("the compiler", got)
	if len(r.Errors) > 0 || len(r.Outputs) != 1 {
		t.Errorf("leaks keep functions from being compiled: %v", r.Errors)
	}
	if off, err := Compile(Config{Dir: dir, Env: offline()}, "./..."); err != nil || off.Leaks != nil {
		t.Errorf("leaks that were not asked for: %v, %v", off.Leaks, err)
	}
	if testing.Short() || runtime.GOOS == "js" {
		return // what follows analyses the standard library, in processes
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "vet", "-vettool="+self, "./top")
	cmd.Dir, cmd.Env = dir, append(offline(), asVetTool+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("go vet has found nothing")
	}
	got = nil
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "#") {
			got = append(got, filepath.ToSlash(strings.TrimSuffix(line, "\n")))
		}
	}
	compare("go vet", got)
}

// Marks in tests make the package a unit twice, with and without its tests.
func TestLeaksInTestsAreReportedOnce(t *testing.T) {
	t.Parallel()
	dir := module(t, `
-- p/p.go --
package p

import "time"

//pinion:async
func Serve() { nap() }

func nap() { time.Sleep(1) }

func Nap() { nap() }
-- p/p_test.go --
package p

//pinion:async
func serve() { nap() }
-- p/x_test.go --
package p_test

import "example.com/m/p"

//pinion:async
func serve() { p.Nap() }
`)
	for _, tests := range []bool{true, false} {
		r, err := Compile(Config{Dir: dir, Env: offline(), Leaks: true, Tests: tests}, "./...")
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"p.go:6:16", "p_test.go:4:16", "x_test.go:6:16"}
		if !tests {
			want = want[:1]
		}
		var got []string
		for _, e := range r.Leaks {
			got = append(got, strings.TrimPrefix(e.Pos.String(), filepath.Join(dir, "p")+string(filepath.Separator)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("with tests %v: leaks at %q, want %q", tests, got, want)
		}
	}
}
