/*
Package aio does input and output for futures and goroutines, and loses nothing: what
the kernel did for an operation that was cancelled is handed to somebody or, where nobody
can take it any more, given back and counted.

# An operation's life

Each operation that is under way has a slot, an *op, that is keyed by its index and a
generation. The kernel is told the key and never an address of Go's; a completion or a
cancel with a key of an earlier generation finds nobody:

	               start                    the final completion
	free slot  ------------>  under way  ---------------------------->  free slot,
	gen g                     gen g        the owner is told, and        gen g+1
	                            |   ^      then lets go of the buffer
	                            v   |
	                          cancelled: a request. The slot, the buffer and its
	                          pin stay until the final completion all the same.

A buffer lies in the frame of the future, which is pinned, or in one of the engine's own
pool, or else is pinned for as long as the operation lasts.

# Who takes what was done

  - A connection that was accepted stays in its listener's queue until an Accept takes it,
    however many Accepts were cancelled. Closing the listener closes those that nobody took,
    and counts them.
  - Bytes that were received stay with their connection until they are read. A Read or
    Next that is cancelled leaves them there.
  - A Write that is cancelled returns the number of bytes that were sent.
  - A datagram stays in the kernel, or with its PacketConn, until a ReadFrom returns it.
  - A connection that a cancelled Dial has made all the same is its result; all other sockets of it
    are closed.
  - A read or write of a file that is cancelled waits for the kernel, and returns what was
    read, or how much was written.

[Ledger] has the counts; after the shutdown of all loops what is open or pinned is 0.

# Both colours

Each operation that waits comes in two forms: X blocks the calling goroutine, XAsync is
its future, and calls of X in functions that are compiled with //pinion:async become
futures of their own. A future is fastest on a loop that has an engine: see [NewRuntime].
On other loops, and for goroutines, a Runtime that is started when it is first needed
does the work.

# Drivers

An engine's operations are done by one of these; all pass one suite of tests. The first that
works is taken, and [Probe] says why it is not a better one. The last is for tests, and is taken
only where it is asked for.

  - uring is io_uring: the kernel receives into the engine's pool and sends by itself.
  - epoll makes system calls that do not wait, when epoll says that it is worth it. What
    regular files have to wait for is done by at most 64 goroutines, and a cancel does not end
    it.
  - portable is goroutines and package net, on every system that has that. A connection that
    waits has a goroutine and a buffer, and so has a pipe, whose descriptor does not block any
    more; a regular file is read as by epoll. On systems other than Linux each datagram that is sent has
    a goroutine, and on those that are no Unix [Pipe] is in memory, and what else has no end by itself, as a
    console, is read as a regular file is.
  - sim is a simulation in memory, of streams, datagrams, files and pipes, in which a seed decides what
    kernel and chance do elsewhere: the order of completions, short counts, what a cancel finds, errors.
    See [Sim].

A connection belongs to the engine that first reads from it or writes to it. It may be
used from everywhere, but that engine does it.

# TLS

[crypto/tls] runs over the blocking methods: tls.Server(c, config) and tls.Client(c, config)
take a [Conn], and tls.NewListener a [Listener], each connection with a goroutine of its
own as ever. There is no TLS for futures, and a Read or Write of it must not be called in a
poll: future.ErrBlockedPoll would be the end of the connection. The same goes for what else
takes a net.Conn or net.Listener, such as an http.Server.

# Files, connects, and time

A [File] has no engine of its own: each loop reads and writes it by its own, save for
the position, which is kept in order by one. Names are looked up, and files opened, on pooled
goroutines. [Buffers] is a bounded pool of memory for them that is pinned, and known to io_uring,
once for all operations.

A connect is an operation of the loop's own driver; see [Dialer] for what is done on pooled
goroutines before.

[future.Sleep], deadlines of connections and all else that waits for a time need no operation here:
they are timers of the loop, which tells the engine until when to wait at most, and that is the
kernel's own deadline. The time of a connect is a linked timeout of io_uring, and elsewhere such a
timer.
*/
package aio
