/*
Pinion shows what futures that never move can do, on real input, and checks it.

Usage:

	pinion <command> [flags] [arguments]

The commands are:

	run     read files as thousands of self-referential streams, park a million tasks, check and measure
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

Then a million futures are parked, collected, woken and finished, and as many
goroutines after them, and what both cost is printed side by side.

Run pinion run -h for the flags.

# Exit status

	0    everything was as it should be
	1    a result differs, a future has moved, a pointer is stale, a wake was lost,
	     something leaked or panicked: each is named on standard error
	2    a bad flag or argument, an unreadable file, not enough memory; nothing is
	     printed but the error
	130  interrupted, by SIGINT or SIGTERM: what had been done until then is
	     reported, and what of it had been checked was right

On Unix, SIGQUIT (Ctrl-\) prints the live tasks, and the run goes on.
*/
package main
