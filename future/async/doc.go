// Package async compiles ordinary Go functions to pinned futures.
//
// # Locals that are pointed to
//
// What lives across a suspension point is a field of the future's frame. A variable
// whose address is taken (&x, x[:] of an array, x.M() of a pointer method), or that a
// function literal shares, is one too, if no pointer to it outlives the call or the
// iteration that declares it; otherwise it is boxed: a new one on the heap for each
// time its declaration runs. gc's own escape analysis decides, on copies of the
// functions in which a call stands for what the compiled function calls. Of a
// suspension point it is assumed that everything given to it is kept, unless
//
//   - it calls a marked function without type parameters in a main module, whose
//     body is looked at, or
//   - its twin says that it keeps nothing, by a line above its declaration:
//
// .
//
//	// ReadAsync is Read as a future.
//	//
//	//pinion:noescape
//	func (c *Conn) ReadAsync(p []byte) ReadFuture
//
// The directive promises that once the future is Ready, in whatever way, and Result
// was called, nothing that lives on refers to the receiver, the arguments or what
// can be reached from them, and the results do not either. Above a method of an
// interface it binds all who implement it. Above an ordinary function, such as an
// Unlock or a sibling FCx, it says so of the time after its return. Nobody checks
// it: where it is not true, a pointer is left that sees the frame's next use.
//
// Locals of functions with type parameters, and those of a type switch, are always
// boxed. So are all of a package that gc cannot be asked about; [Result.Notes] says
// why.
//
// Not guaranteed: that a verdict outlasts what it was made from. It holds for the
// bodies, in other packages too, of the ordinary functions that a pointer is passed
// to, as they are built for the GOOS, GOARCH and tags at hand and by the Go version
// at hand. Run pinion async again, or -check, when one of these changes; give a
// function whose callees keep a pointer on one system only a file for that system.
package async
