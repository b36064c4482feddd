// Package gosmith makes random Go programs and judges a compiler of async
// functions by them: a program's trace must be the same when it blocks and when it
// is compiled to futures, however often its suspension points are pending. The
// idea is that of Csmith (Yang, Chen, Eide and Regehr, "Finding and Understanding
// Bugs in C Compilers", PLDI 2011).
//
// A [Program] is one package whose functions are all marked, and is determined by
// its seed. Package rt has the operations that it is made of:
//
//	a[rt.Point(7)] += x * rt.Echo(8, fun2(n-1, y))
//
// Point and Echo have twins, and so has fun2 once it is compiled; each leaves a
// line in the trace. Variables, fields, elements and map entries that stand beside
// calls are changed by them, so that the trace tells when they were read.
//
// What a program does is determined by the language and by gc's order of
// evaluation, which does not depend on how gc optimises if no function literal is
// inlined. In rt.Log(1, b, func() int { b = true; return 2 }()) b is read late, but
// early if the literal is inlined: then nothing takes the address of b, and gc copies
// it rather than take one to make an interface (order.go, addrTemp).
//
// One thing that gc does is kept out of the programs. The language does not say whether
// the receiver of an interface's method is read before or after the arguments that
// change it; gc reads it after them, but before if it can tell of which type it is
// (devirtualize). Whether it can is a matter of optimisation: of s := made(), where made
// returns T{}, it can if it has inlined made. The future reads it after them.
//
// A loop over a function that is not marked has an iterator of package rt, or is one over
// a literal; the program's own iterator is marked, and so are the loops in it.
//
//   - It ends. Loops and calls take from a tank that is filled for each function
//     that Main calls, and a call may nest three deep.
//   - No value depends on an address, a capacity that append chose, the order of a
//     map or of goroutines. Maps that are ranged over have one entry, or lose all
//     others in the body. Of the cases of a select one is ready.
//   - It may panic anywhere, and recovers here and there; Main goes on after that.
//
// The productions stand in tables by type and by kind of statement, with their
// weights; the name of a production is the construct that it makes, and
// [Constructs] lists all.
//
// Blocks with types of their own (named.go, shaped.go) are texts with holes: a kind of
// type, values of it, and statements for all or for the one. What they declare has names
// that mean something else elsewhere, in the language or in generated code, wherever the
// rest of the block does not need that meaning (odd.go).
//
// A [Batch] is a module of many programs and one command that runs them. The
// test TestPrograms compiles batches and compares the forms of each program; it
// tells how to run more of them. A program takes a second of one processor, nearly all
// of it in gc: half of that for its future, and a quarter to ask which of its locals
// lie in the frame.
//
// A blocking form may crash now and then with "fatal error: bad recovery". So did, on Go 1.26.8, sixty
// lines without pinion: a generic function that calls itself, and beside a nil function defers
// a literal that recovers and panics again.
package gosmith
