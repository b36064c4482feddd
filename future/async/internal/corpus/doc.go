/*
Corpus tries the compiler on the test programs of the Go project.

Usage:

	go run ./future/async/internal/corpus [flags]

It takes each program below $GOROOT/test whose first line is "// run", makes all
of its functions async, with a suspension point before each statement, and runs
the result. The programs check themselves; besides, what they print and their exit
status must be those of the program as it is.

# The transformation

	package main                     package main; import pinionLeaf "…/leaf"

	                                 //pinion:async
	func fact(n int) int {           func fact(n int) int {
		if n == 0 {                  	pinionLeaf.Point(); if n == 0 {
			return 1                 		pinionLeaf.Point(); return 1
		}                            	}
		return n * fact(n-1)         	pinionLeaf.Point(); return n * fact(n-1)
	}                                }

	                                 //pinion:async
	func main() {                    func pinionMain() {
		println(fact(5))             	pinionLeaf.Point(); println(fact(5))
	}                                }

	                                 func main() {
	                                 	f := pinionMainAsync()
	                                 	pinionLeaf.Run(&f)
	                                 }

Run is future.Block. Function literals get suspension points too, and so do init
functions, which cannot be marked as nobody calls them. Functions without a body,
and those that a directive ties to the stack or to other code (go:nosplit,
go:linkname and the like), stay as they are. A label keeps its statement: the point
comes before the label.

The form blocking lacks the marks, and its main calls pinionMain. It is ordinary
Go, and shows that the transformation changes nothing by itself.

Each program is built once and run under each schedule: Point is ready at once, is
future.Yield, which suspends once, or is either at random. After three million
suspensions, or ten seconds, it is ready in any case, so that programs that compute
for long, or recurse deeply, come to an end.

# The lists

Programs that observe the runtime itself are in excluded.txt, those that the
compiler says it cannot compile in rejected.txt, each with the reason. It is an
error when a program in neither list differs or is rejected, and also when one in
the lists turns out to run the same, or to compile: the lists cannot rot. Only
what is excluded as unsteady, for it does not do the same twice, or as slow, is
not tried. Programs whose build constraints exclude this platform, or that are
parts of others, do not count at all. With -tests, which takes the programs from
another folder, names in the lists that are not there do no harm.

What the programs do as they are is run twice and kept in the user's cache.

# Exit status

	0    all is as the lists say
	1    it is not: each such program is named on standard output
	2    a bad flag, no test folder, no Go command

It takes a quarter of an hour with two cores that do nothing else. To run it in
pieces, give it a time and a file for the results, the same each time, until no
programs are left:

	go run ./future/async/internal/corpus -within 90s -resume results.jsonl

Results in the file are not tried again: take out the lines of the programs that
should be, or begin with a new file when the compiler has changed.

Nothing here is meant for programs other than these: who runs it trusts them.

# The latest pass

go1.26.8 on linux/amd64, 2026-11-27, all three schedules with seed 1:

	1042 programs
	  33 excluded: 12 names, 9 lines, 8 liveness, 2 runtime, 1 slow, 1 unsteady
	1009 left, of which
	   9 rejected: 4 cgo, 3 uintptr, 1 promoted, 1 predeclared
	1000 same, which is all that compile, 99.1 %
	   0 different, none over its time

Four of these, with loops over functions, were rejected in that pass, and ran later the same
day in one of their own.
*/
package main
