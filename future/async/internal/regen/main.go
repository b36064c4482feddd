// Command regen compiles the marked functions of this repository. It writes what
// pinion async writes, but imports no generated code, and so works when the
// committed twins are missing or do not compile:
//
//	go run ./future/async/internal/regen ./...            # the module, from its root
//	go run ./future/async/internal/regen -C bench ./...   # a nested one
//	go run ./future/async/internal/regen -check ./...     # fail if a twin is out of date
//
// Without arguments it compiles the package in the current folder, as for a
// //go:generate line.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pinion-go/pinion/future/async"
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

// run returns the exit status: 0, or 1 if something was rejected or out of date, or
// 2 if the packages cannot be compiled at all.
func run(args []string, stderr io.Writer) int {
	fs := flag.NewFlagSet("regen", flag.ContinueOnError)
	fs.SetOutput(stderr)
	dir := fs.String("C", "", "work in this `folder`, which may be in another module")
	check := fs.Bool("check", false, "write nothing; fail if a generated file is missing, stale or not what would be written")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	patterns := fs.Args()
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	res, err := async.Compile(async.Config{Dir: *dir, Tests: true}, patterns...)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if len(res.Errors) > 0 {
		for _, e := range res.Errors {
			fmt.Fprintln(stderr, e)
		}
		return 1
	}
	old := res.OutOfDate()
	if *check {
		for _, path := range old {
			fmt.Fprintf(stderr, "%s is not what the compiler makes; run go generate %s\n", path, filepath.Dir(path))
		}
		return min(len(old), 1)
	}
	if err := res.Write(); err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	return 0
}
