package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// nasty are files that are read wrongly when something is forgotten.
var nasty = map[string]string{
	"empty":           "",
	"newline":         "\n",
	"no-newline":      "one two\nthree",
	"spaces":          " \t\r\n\v\f  ",
	"binary":          "\x00\xff\xfe\n\x80\x00 \x01",
	"invalid-utf8":    "\xe2\x82 \xf0\x9f\x93\n\xc3\n\x85\xa0 \xed\xa0\x80",
	"unicode-spaces":  "a\u00a0b\u2003c\u3000d\u0085e\u200bf",
	"long-line":       strings.Repeat("word ", 2000) + "\n",
	"long-word":       strings.Repeat("wörd", 2000),
	"long-space":      strings.Repeat("\u2003", 2000),
	"deep/er/file":    "found\n",
	"-looks-like-one": "a flag\n",
}

func TestStreamsAgreeWithAPlainReading(t *testing.T) {
	dir := tree(t, nasty)
	for _, flags := range [][]string{
		{"-chunk", "1"},
		{"-chunk", "1", "-streams", "1"},
		{"-chunk", "7", "-seed", "2"},
		{"-streams", "3"},
		{"-chunk", "1000000", "-seed", "18446744073709551615"},
	} {
		args := append(append([]string{"run", "-tasks", "0"}, flags...), dir)
		status, out, err := pinion(t, "", args...)
		if status != exitOK || err != "" || !strings.Contains(out, "Every stream agrees") {
			t.Errorf("%q: status %d, standard error %q, standard output:\n%s", args, status, err, out)
		}
	}
}

func TestWithoutArgumentsTheStandardLibraryIsRead(t *testing.T) {
	name, list, err := inputs(t.Context(), nil, stdio{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, string(filepath.Separator)+"src") || len(list) < 5000 {
		t.Errorf("%d sources from %s, want thousands from the src directory", len(list), name)
	}
}

func TestWithoutAToolchainTheSampleIsRead(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	status, out, err := pinion(t, "", "run", "-tasks", "0")
	if status != exitOK || err != "" || !strings.Contains(out, "pinion run: the embedded sample\n") {
		t.Errorf("status %d, standard error %q, standard output:\n%s", status, err, out)
	}
}

func TestUnreadableInputIsRefusedAndNothingPrinted(t *testing.T) {
	dir := tree(t, map[string]string{"file": "x", "other": "y"})
	empty := t.TempDir()
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), dangling); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	for _, c := range []struct {
		name string
		args []string
		why  string
	}{
		{"missing", []string{filepath.Join(dir, "missing")}, "missing"},
		{"missing behind a good one", []string{file, filepath.Join(dir, "missing")}, "missing"},
		{"a file as a directory", []string{filepath.Join(file, "x")}, "file"},
		{"a dangling link", []string{dangling}, "dangling"},
		{"a directory without files", []string{empty}, "no regular file"},
		{"standard input twice", []string{"-", file, "-"}, "- is given twice"},
		{"an empty name", []string{""}, "no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, err := pinion(t, "in", append([]string{"run"}, c.args...)...)
			refused(t, status, out, err, c.why)
		})
	}
}

func TestDanglingLinksBelowADirectoryAreLeftOut(t *testing.T) {
	dir := tree(t, map[string]string{"file": "x"})
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	if o := runJSON(t, exitOK, dir); o["streams"] != 1.0 {
		t.Errorf("streams = %v, want 1", o["streams"])
	}
}

func TestALinkToADirectoryIsFollowedAsAnArgument(t *testing.T) {
	dir := tree(t, map[string]string{"file": "x"})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if o := runJSON(t, exitOK, link); o["streams"] != 1.0 {
		t.Errorf("streams = %v, want 1", o["streams"])
	}
}

func TestStandardInputIsAStream(t *testing.T) {
	dir := tree(t, map[string]string{"file": "from a file"})
	status, out, err := pinion(t, "three words\nhere", "run", "-tasks", "0", "-json", "-", dir)
	if status != exitOK || err != "" {
		t.Fatalf("status %d, standard error %q", status, err)
	}
	o := parse(t, out)
	if o["streams"] != 2.0 || o["words"] != 6.0 || o["lines"] != 3.0 {
		t.Errorf("streams %v, words %v, lines %v; want 2, 6, 3", o["streams"], o["words"], o["lines"])
	}
}

// brokenReader fails after a few bytes.
type brokenReader struct{ left int }

func (r *brokenReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, errors.New("the cable is cut")
	}
	n := min(len(p), r.left)
	r.left -= n
	for i := range p[:n] {
		p[i] = 'x'
	}
	return n, nil
}

func TestAReadThatFailsLaterIsAnErrorToo(t *testing.T) {
	var out, err strings.Builder
	status := run(t.Context(), []string{"run", "-"}, &brokenReader{10000}, &out, &err)
	refused(t, status, out.String(), err.String(), "standard input: the cable is cut")
}

func TestTasksThatDoNotFitAreRefused(t *testing.T) {
	var used runtime.MemStats // by other tests, which under efence stays so
	runtime.ReadMemStats(&used)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(used.Sys-used.HeapReleased) + 512<<20))
	file := filepath.Join(tree(t, map[string]string{"file": "x"}), "file")
	status, out, err := pinion(t, "", "run", "-tasks", "100000000", "-no-goroutines", file)
	refused(t, status, out, err, "100000000 parked tasks need about", "GOMEMLIMIT", "use a smaller -tasks")
	status, out, err = pinion(t, "", "run", "-tasks", "1000000", file)
	refused(t, status, out, err, "1000000 parked goroutines need about", "GOMEMLIMIT", "-no-goroutines")
}

// brokenWriter has no room.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	file := filepath.Join(tree(t, map[string]string{"file": "x"}), "file")
	for _, args := range [][]string{{"run", "-tasks", "0", file}, {"run", "-tasks", "0", "-json", file}} {
		var err strings.Builder
		status := run(t.Context(), args, nil, brokenWriter{}, &err)
		refused(t, status, "", err.String(), "the disk is full")
	}
}

func TestManyArgumentsAreNotAllRepeated(t *testing.T) {
	file := filepath.Join(tree(t, map[string]string{"file": "x"}), "file")
	args := []string{file, file, file, file, file, file}
	name, list, err := inputs(t.Context(), args, stdio{})
	if err != nil || len(list) != 6 || !strings.HasSuffix(name, " and 2 more") {
		t.Errorf("name %q, %d sources, error %v", name, len(list), err)
	}
	if args[4] != file {
		t.Error("the arguments were written to")
	}
}
