package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sized has a large child that is soon over, and a future whose size depends.
var sized = map[string]string{
	"big/big.go": `package big

import "github.com/pinion-go/pinion/future"

//pinion:async
func Fill(n int) (sum int) {
	var buf [4096]byte
	for i := range n {
		buf[i]++
		future.Yield()
	}
	for _, b := range buf {
		sum += int(b)
	}
	return sum
}

//pinion:async
func Serve(n int) int {
	n = Fill(n)
	future.Yield()
	return n
}

var Kept *int

//pinion:async
func Keep[T any](n int, t T) T {
	Kept = &n
	future.Yield()
	return t
}
`,
	"none/none.go": "package none\n\nfunc F() {}\n",
}

func copyOf(files map[string]string) map[string]string {
	c := make(map[string]string)
	for name, text := range files {
		c[name] = text
	}
	return c
}

func sizesJSON(t *testing.T, want int, args ...string) (r sizesReport, stderr string) {
	t.Helper()
	status, out, stderr := pinion(t, "", append([]string{"sizes", "-json"}, args...)...)
	if status != want {
		t.Errorf("%q: status %d, want %d, standard error %q", args, status, want, stderr)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if r.Futures == nil {
		t.Errorf("the list is null:\n%s", out)
	}
	return r, stderr
}

func TestSizesSaysWhatFuturesHold(t *testing.T) {
	userModule(t, copyOf(sized))
	r, _ := sizesJSON(t, exitOK, "./...")
	if len(r.Futures) != 3 {
		t.Fatalf("there are %d futures, want 3", len(r.Futures))
	}
	serve, fill, keep := r.Futures[0], r.Futures[1], r.Futures[2]
	file := filepath.Join("big", "big.go")
	at := func(line int) string { return fmt.Sprintf("%s:%d", file, line) }
	if serve.Name != "example.com/m/big.ServeFuture" || serve.Function != "Serve" || serve.Declared != at(19) || serve.Bytes <= fill.Bytes || fill.Bytes < 4096 {
		t.Errorf("%+v", serve)
	}
	if want := []string{at(20) + ": Fill", at(21) + ": Yield"}; !slices.Equal(serve.Waits, want) {
		t.Errorf("it waits at %q, want %q", serve.Waits, want)
	}
	child := serve.Fields[0]
	if child.Bytes != fill.Bytes || len(child.Holds) != 1 || child.Holds[0].Name != "Fill" || child.Holds[0].Kind != "child" || !slices.Equal(child.Holds[0].Alive, []int{0}) {
		t.Errorf("the largest field is %+v", child)
	}
	pointer := int64(8)
	if wordSize == 32 {
		pointer = 4
	}
	if len(serve.Advice) != 1 || serve.Advice[0].Child != "Fill" || !slices.Equal(serve.Advice[0].Calls, []string{at(20)}) || serve.Advice[0].Bytes != fill.Bytes-pointer {
		t.Errorf("the advice is %+v", serve.Advice)
	}
	if len(fill.Advice)+len(keep.Advice) != 0 {
		t.Errorf("there is advice on what has no large child: %v, %v", fill.Advice, keep.Advice)
	}
	if keep.One || keep.Bytes != 0 || len(keep.Boxed) != 1 || keep.Boxed[0].Name != "n" || keep.Boxed[0].At != at(28) {
		t.Errorf("the generic one is %+v", keep)
	}
	if exists(filepath.Join("big", "big_async.go")) {
		t.Error("a file was written")
	}
}

const wordSize = 32 << (^uint(0) >> 63)

func TestSizesTableIsAligned(t *testing.T) {
	userModule(t, copyOf(sized))
	status, out, err := pinion(t, "", "sizes", "./...")
	if status != exitOK || err != "" {
		t.Fatalf("status %d, standard error %q", status, err)
	}
	head, details, _ := strings.Cut(out, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) != 4 {
		t.Fatalf("the table is\n%s", head)
	}
	for i, name := range []string{"future", "example.com/m/big.ServeFuture", "example.com/m/big.FillFuture", "example.com/m/big.KeepFuture"} {
		if got, want := strings.Index(lines[i], name), strings.Index(lines[0], "future"); got != want {
			t.Errorf("%s stands in column %d, not %d:\n%s", name, got, want, head)
		}
		if strings.TrimRight(lines[i], " ") != lines[i] {
			t.Errorf("%q ends with spaces", lines[i])
		}
	}
	for _, want := range []string{
		`(?m)^example.com/m/big.ServeFuture of Serve, big.big.go:19: 4,\d\d\d bytes$`,
		`(?m)^  4,\d\d\d  fill\s+child Fill\s+1$`,
		`(?m)^\s+4,096  buf\s+local buf\s+1$`,
		`(?m)^  waits at 2: big.big.go:21: Yield$`,
		`(?m)^  //pinion:box at big.big.go:20 would take Fill out of the frame: 4,\d\d\d bytes$`,
		`(?m)^  boxed: n, big.big.go:28: its address is taken at line 29, and functions with type parameters are not judged$`,
		`(?m)KeepFuture of Keep, big.big.go:28: the size depends on the type arguments$`,
	} {
		if !regexp.MustCompile(want).MatchString(details) {
			t.Errorf("there is no %q in\n%s", want, details)
		}
	}
}

func TestSizesOverTheLimitFail(t *testing.T) {
	userModule(t, copyOf(sized))
	r, _ := sizesJSON(t, exitOK, "./big")
	fill := r.Futures[1].Bytes
	limited, err := sizesJSON(t, exitFault, "-max", fmt.Sprint(fill), "./big")
	over := r.Futures[0].Bytes - fill
	want := fmt.Sprintf("%s:19: example.com/m/big.ServeFuture takes %s bytes, %d more than -max allows\n", filepath.Join("big", "big.go"), count(r.Futures[0].Bytes), over)
	if err != want || limited.Futures[0].Over != over || limited.Futures[1].Over != 0 {
		t.Errorf("it says\n%swant\n%s", err, want)
	}
	status, out, err := pinion(t, "", "sizes", "-max", "100", "./big")
	if status != exitFault || strings.Count(err, "\n") != 2 || !strings.HasPrefix(out, "bytes") {
		t.Errorf("status %d, standard error\n%s", status, err)
	}
	sizesJSON(t, exitOK, "-max", fmt.Sprint(r.Futures[0].Bytes), "./big")
}

func TestSizesOfABoxedChildAreThoseOfAPointer(t *testing.T) {
	files := copyOf(sized)
	files["big/big.go"] = strings.Replace(files["big/big.go"], "n = Fill(n)", "n = Fill(n) //pinion:box", 1)
	userModule(t, files)
	r, _ := sizesJSON(t, exitOK, "./big")
	serve := r.Futures[1]
	if serve.Function != "Serve" || serve.Bytes > 200 || len(serve.Advice) != 0 || len(serve.Boxed) != 1 || serve.Boxed[0].Why != "//pinion:box" {
		t.Errorf("%+v", serve)
	}
}

func TestSizesWithoutFuturesAreNone(t *testing.T) {
	userModule(t, copyOf(sized))
	if status, out, err := pinion(t, "", "sizes", "./none"); status != exitOK || out != "" || err != "" {
		t.Errorf("status %d, standard output %q, standard error %q", status, out, err)
	}
	if r, _ := sizesJSON(t, exitOK, "./none"); len(r.Futures) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestSizesNamesWhatIsRejected(t *testing.T) {
	userModule(t, map[string]string{"p/p.go": "package p\n\n//pinion:async\nfunc f() {} //pinion:box\n"})
	want := filepath.Join("p", "p.go") + ":4:13: no call that suspends stands where //pinion:box points; "
	if status, out, err := pinion(t, "", "sizes", "./p"); status != exitFault || out != "" || !strings.HasPrefix(err, want) || strings.Count(err, "\n") != 1 {
		t.Errorf("status %d, standard output %q, standard error %q", status, out, err)
	}
}

func TestSizesRefusesWhatItCannotDo(t *testing.T) {
	userModule(t, copyOf(sized))
	for _, c := range []struct {
		args []string
		why  string
	}{
		{[]string{"./q"}, "q"},
		{[]string{"./big", "-json"}, "-json comes after ./big: flags come first"},
		{[]string{"big/big.go"}, "name packages or folders, not files: big/big.go"},
		{[]string{"-max", "-1"}, "-max -1 is less than 0"},
		{[]string{"-max", "many"}, `"many"`},
		{[]string{"-fast"}, "-fast"},
	} {
		status, out, err := pinion(t, "", append([]string{"sizes"}, c.args...)...)
		refused(t, status, out, err, c.why)
	}
	for _, args := range [][]string{{"sizes", "-h"}, {"help", "sizes"}} {
		status, out, err := pinion(t, "", args...)
		if status != exitOK || err != "" || !strings.HasPrefix(out, "usage: pinion sizes [flags] [packages]\n") || !strings.Contains(out, "  -max BYTES") {
			t.Errorf("%q: status %d, standard error %q, standard output\n%s", args, status, err, out)
		}
	}
}

func TestSizesEndsWhenInterrupted(t *testing.T) {
	userModule(t, copyOf(sized))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err strings.Builder
	status := run(ctx, []string{"sizes", "./..."}, strings.NewReader(""), &out, &err)
	if status != exitInterrupted || out.String() != "" || err.String() != "pinion: sizes: interrupted\n" {
		t.Errorf("status %d, standard output %q, standard error %q", status, out.String(), err.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestSizesSaysThatItCannotPrint(t *testing.T) {
	userModule(t, copyOf(sized))
	for _, args := range [][]string{{"sizes", "./big"}, {"sizes", "-json", "./big"}} {
		var err strings.Builder
		status := run(t.Context(), args, strings.NewReader(""), fullDisk{}, &err)
		refused(t, status, "", err.String(), "sizes: the disk is full")
	}
}

func TestSizesSaysWhyGcWasNotAsked(t *testing.T) {
	userModule(t, map[string]string{"a/a.go": `package a

import "github.com/pinion-go/pinion/future"

//pinion:async
func F() {
	var pinionShadow int
	p := &pinionShadow
	future.Yield()
	*p++
}
`})
	status, out, err := pinion(t, "", "sizes", "./a")
	if status != exitOK || !strings.Contains(out, "and gc could not be asked: see the notes") || !strings.Contains(err, "names that begin with pinionShadow") {
		t.Errorf("status %d, standard error %q, standard output\n%s", status, err, out)
	}
}
