/*
Package streams reads thousands of files at once with futures that never move,
and compares what they have counted with a plain reading.

There are two forms of the future that reads a stream: reader, which is written by
hand, and readStraight, an ordinary function that is compiled to one. They read the
same streams, cut into the same chunks, one form after the other.

	             loop i                                     goroutine
	+------------------------------+   push(op)    +------------------------+
	| lane -> reader               | ------------> | feeder i               |
	|           line  -.           |               |   takes all ops,       |
	|           op     | buf       | <------------ |   in random order,     |
	|           buf  <-'           |  chunk, wake  |   a random part each   |
	+------------------------------+               +------------------------+

A reader is a task in pinned memory, made for one stream and released after it, so
that its memory is used again and again. It asks for data by an op that lies in
itself. The feeder of its loop writes a chunk into the reader's buffer, as a kernel
would, and wakes it. Lanes bound how many streams are under way; feeders hold a
block of 8 KiB for each, and no file open.

At each poll the reader checks that it is where it was, by its Anchor, and that its
line lies in itself, by its Self slice. The compiled function's future has an Anchor,
too, and the function itself looks where its line lies. A wake that is lost is found by accounting,
see audit; what is not given back, when the runtime and the feeders' arenas are
closed.

How a stream is cut into chunks follows from the seed. How the streams' chunks
interleave does so only as far as the Go scheduler lets it.
*/
package streams

//go:generate go run github.com/pinion-go/pinion/future/async/internal/regen
