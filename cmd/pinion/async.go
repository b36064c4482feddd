package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pinion-go/pinion/future/async"
)

var asyncCommand = command{
	name:  "async",
	args:  "[packages]",
	short: "compile marked functions to futures",
	long: `Async compiles each function and method marked //pinion:async to a future: beside
X.go it writes X_async.go. The packages are named as for the go command, and are by
default the one in the current folder. Generated files without a source are removed.
Files that GOOS, GOARCH or build tags exclude are left alone, and so are the files
generated from them.

Marked functions are searched for calls that would block their loop, by whichever path
in the packages of this module. With -leaks=error they are errors, and nothing is
written. A comment line //pinion:blocking REASON at the call says that it is meant.
`,
	bind: bindAsync,
}

// asyncFlags are the flags of async.
type asyncFlags struct {
	check bool
	line  bool
	tests bool
	json  bool
	tags  string
	leaks string
	notes bool
}

func bindAsync(fs *flag.FlagSet) func(context.Context, []string, stdio) int {
	var f asyncFlags
	fs.BoolVar(&f.check, "check", false, "write nothing; fail if a generated file is missing, stale or not what would be written")
	fs.BoolVar(&f.line, "line", false, "have the generated code point at the source, with //line directives")
	fs.BoolVar(&f.tests, "tests", true, "compile test files too")
	fs.BoolVar(&f.json, "json", false, "print one JSON object")
	fs.StringVar(&f.leaks, "leaks", "warn", "what to do about calls that would block a loop: `error|warn|off`")
	fs.BoolVar(&f.notes, "v", false, "say what could not be compiled as well as it might, and why")
	fs.StringVar(&f.tags, "tags", "", "a `LIST` of build tags, as for the go command")
	return f.run
}

// asyncReport is what -json prints.
type asyncReport struct {
	Files  []asyncFile  `json:"files"`
	Errors []asyncError `json:"errors"`
	Leaks  []asyncError `json:"leaks,omitempty"`
	Notes  []string     `json:"notes,omitempty"`
}

type asyncFile struct {
	Path string `json:"path"`
	// State is current, written, removed, or with -check outdated, missing or stale.
	State string `json:"state"`
}

type asyncError struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	What   string `json:"what"`
	Way    string `json:"way,omitempty"`
}

func (f *asyncFlags) run(ctx context.Context, args []string, std stdio) int {
	fail := func(err error) int {
		complain(std.err, "async: %v", err)
		return exitUsage
	}
	if f.leaks != "error" && f.leaks != "warn" && f.leaks != "off" {
		return fail(fmt.Errorf("-leaks is %q, not error, warn or off", f.leaks))
	}
	cfg := async.Config{Tests: f.tests, Line: f.line, Leaks: f.leaks != "off", BuildFlags: buildFlags(f.tags)}
	res, status := compile(ctx, "async", "; nothing is written", cfg, args, std)
	if res == nil {
		return status
	}
	report := asyncReport{Files: []asyncFile{}, Errors: []asyncError{}}
	for _, o := range res.Outputs {
		report.Files = append(report.Files, asyncFile{short(o.Path), f.state(o)})
	}
	report.Errors = append(report.Errors, listed(res.Errors)...)
	report.Leaks = listed(res.Leaks)
	report.Notes = res.Notes
	switch {
	case len(res.Errors) > 0, f.leaks == "error" && len(res.Leaks) > 0:
		status = exitFault
	case f.check:
		if len(res.OutOfDate()) > 0 {
			status = exitFault
		}
	default:
		if err := res.Write(); err != nil {
			return fail(err)
		}
	}
	if f.json {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "\t")
		if err := enc.Encode(report); err != nil {
			return fail(err)
		}
		return status
	}
	for _, e := range res.Errors {
		fmt.Fprintln(std.err, e)
	}
	for _, e := range res.Leaks {
		fmt.Fprintln(std.err, e)
	}
	if f.notes {
		for _, n := range res.Notes {
			fmt.Fprintln(std.err, n)
		}
	}
	if f.check && len(res.Errors) == 0 {
		for _, file := range report.Files {
			if file.State != "current" {
				fmt.Fprintf(std.err, "%s: %s; run pinion async\n", file.Path, file.State)
			}
		}
	}
	return status
}

// listed returns errors as they are reported, and shortens their paths.
func listed(errs []*async.Error) []asyncError {
	var list []asyncError
	for _, e := range errs {
		e.Pos.Filename = short(e.Pos.Filename)
		list = append(list, asyncError{e.Pos.Filename, e.Pos.Line, e.Pos.Column, e.What, e.Way})
	}
	return list
}

// complainOf prints the problems of loading packages: those with a position as
// the go command prints them, so that editors find it.
func complainOf(w io.Writer, name string, problems []string) {
	dir, err := os.Getwd()
	for _, p := range problems {
		rel, ok := strings.CutPrefix(p, dir+string(filepath.Separator))
		switch {
		case ok && err == nil:
			fmt.Fprintln(w, rel)
		case filepath.IsAbs(p):
			fmt.Fprintln(w, p)
		default:
			complain(w, "%s: %s", name, p)
		}
	}
}

// state says what becomes of a file, or with -check what is the matter with it.
func (f *asyncFlags) state(o async.Output) string {
	switch {
	case o.Current:
		return "current"
	case !f.check && o.Source == nil:
		return "removed"
	case !f.check:
		return "written"
	case o.Source == nil:
		return "stale"
	}
	if _, err := os.Stat(o.Path); err != nil {
		return "missing"
	}
	return "outdated"
}

// short returns a path relative to the current folder if it is in or below it.
func short(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}
