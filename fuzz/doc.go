/*
Package fuzz finds out whether memory that should stay where it is does so, and
whether futures keep their promises. It is for tests: its functions take a
[testing.T] or a [testing.F].

[Future] runs futures of one type in every way that a future has to cope with, and names
the rule that one of them breaks:

	func TestMyFuture(t *testing.T) {
		fuzz.Future(t, func() myFuture { return newMyFuture() })
	}

A [Leaf] is a child for futures that are made of others: it watches its parent.

[Pinned] is the body of a fuzz target for a type whose values point into themselves or into
each other: it pins, holds, releases and collects between the type's own ops.

	func FuzzMyType(f *testing.F) { fuzz.Pinned(f, newMyType, op1, op2) }

A [Machine] is the general form of a fuzz target: a state (the thing to be tested and a model of it,
side by side) and ops that change both. Go's native fuzzing supplies the
inputs. Any bytes are a sequence of ops:

	input   0x80  0x05  0x07   0x82   0x81  0x01
	        └──────┬───────┘  └─┬──┘ └────┬────┘
	ops     write 5 7         collect   release 1

Bytes from 0x80 on are opcodes, smaller ones are arguments. So an input that
the fuzzer has damaged still means the same but for an op or two around the
damage, which is what lets a fuzzer build on the inputs that it has. An input that
fails is shrunk op by op and printed as text, together with the file that replays it. Go's own
minimizing works byte by byte, and takes most of the time when goroutines
make the coverage vary; leave it out:

	go test -run '^$' -fuzz FuzzMyType -fuzzminimizetime 1x

# What is not guaranteed

A fuzzer that finds nothing has proved nothing. The harness runs goroutines and does
not explore their interleavings, and that nobody is ever going to wake a future is a
judgement: see [Patience] for what it waits for. A machine sees what its Check
looks at. Shrinking is bounded by time, and keeps to failures whose message is
the same but for numbers.

The form of the inputs is that of UTF-8 (Ken Thompson, 1992), shrinking is delta
debugging (Andreas Zeller and Ralf Hildebrandt, 2002), ops against a model are QuickCheck's
state machines (John Hughes); fuzzing a map's ops from bytes is what
Go's internal/runtime/maps does.
*/
package fuzz
