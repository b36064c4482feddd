/*
Pinion shows what futures that never move can do, on real input, and checks it.

Usage:

	pinion <command> [flags] [arguments]

The commands are:

	run     read files as thousands of self-referential streams, park a million tasks, check and measure
	async   compile marked functions to futures
	sizes   print how large futures are, and what they hold
	help    print this text, or that of a command

# Run

	pinion run [flags] [FILE|DIR ...]

reads each file named, each regular file in and below a directory named, and
standard input for "-"; without arguments, the Go standard library's source, or
an embedded sample where that is not found.

Each file is a stream. It is read by a future in pinned memory that owns its
buffer, keeps a slice of that buffer for the line in progress, and is suspended
wherever a chunk ends. The chunks have random sizes, and are written straight
into the futures' buffers by other goroutines, which then wake them. Meanwhile
collections are forced, and stacks made to grow. In the end each stream's lines,
words, bytes and SHA-256 are compared with a plain reading of the same file.

All of it is done twice: by a future that is written by hand, and by one that
pinion async has compiled of an ordinary function, which does the same in
straight-line Go. Both are checked, and their times printed side by side; the second
finds the files in the system's cache, if they fit. What can be read only once, such
as standard input, is left to the first.

Then a million futures are parked, collected, woken and finished, and as many
goroutines after them, and what both cost is printed side by side.

Run pinion run -h for the flags.

# Async

	pinion async [flags] [packages]

compiles each function and method that is marked with a line //pinion:async in its
doc comment to a future, and writes the futures of X.go to X_async.go beside it. The
packages are named as for the go command. What they import of the same module may
lack its generated files too. In a module that uses pinion,

	go get -tool github.com/pinion-go/pinion/cmd/pinion

makes it go tool pinion async, for a //go:generate line in any of its packages.

With -check, nothing is written, and each file that would be is named.

A call by which a marked function would block its loop is named with the calls that
lead there: as a warning, or with -leaks=error as an error.

Run pinion async -h for the flags.

# Sizes

	pinion sizes [flags] [packages]

compiles packages as async does, in memory, and prints the size of each future, the
largest first, and for each its fields, with the variables and children that live in
them one after the other, and at which of its suspension points each is alive; what
lies on the heap and why; and what is saved by sharing, and by keeping only what
lives across a suspension point. Sizes are for GOOS and GOARCH, and include padding
and children, but not what is boxed. A future with type parameters has no one size.

With -max, futures of more bytes are named on standard error. What is named as better
boxed is a child that takes more than half of a future of more than 512 bytes, which
waits for something else too, if no loop would allocate it over and over.

Run pinion sizes -h for the flags.

# Exit status

	0    everything was as it should be
	1    run: a result differs, a future has moved, a pointer is stale, a wake was lost,
	     something leaked or panicked; async: a function is rejected, or with -check a
	     file is out of date, or with -leaks=error a call would block a loop; sizes: a
	     function is rejected, or a future takes more than -max: each is named on
	     standard error
	2    a bad flag or argument, an unreadable file, not enough memory, a package that
	     does not load or type-check; nothing is printed but the error
	130  interrupted, by SIGINT or SIGTERM: what had been done until then is
	     reported, and what of it had been checked was right

On Unix, SIGQUIT (Ctrl-\) prints the live tasks, and the run goes on.
*/
package main
