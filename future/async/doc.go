/*
Package async compiles ordinary Go functions to pinned futures. A function marked

	//pinion:async

in its doc comment keeps its body and its callers: for them it is the blocking form.
Beside it, in a generated file, appears its async twin, a state machine that does
the same without a goroutine:

	func Serve(c Conn) (err error)                          // in serve.go
	type ServeFuture struct { ... }                         // in serve_async.go
	func ServeAsync(c Conn) ServeFuture                     // a fresh future
	func (f *ServeFuture) Init(c Conn)                      // the same, in place
	func (f *ServeFuture) Poll(cx *future.Context) future.Poll
	func (f *ServeFuture) Result() (err error)
	func (f *ServeFuture) Cancel()
	func (f *ServeFuture) Suspended() string

A method Recv.Method has MethodAsync beside it and RecvMethodFuture, whose Init
takes the receiver first. What follows goes through the constructs of the language,
from the source to what is generated. Each has a case in testdata/async with the
source, the whole output and a trace of what both forms do.

# The frame

The struct is the frame. In it are the parameters and results, the locals that
live across a suspension point, and the futures of the functions that it calls,
its children:

	func Sum(c Conn, n int) (sum int) {      type SumFuture struct {
		for i := range n {                       anchor   pin.Anchor
			v := c.Next()                        state    uint32
			sum += v * i                         canceled bool
		}                                        c        Conn
		return sum                               n        int
	}                                            sum      int
	                                             i        int
	                                             next1    ConnNextFuture
	                                         }

v is no field: it dies before the next suspension point, and is a local of Poll.
Two variables of one type that are never alive at the same time share a field;
the comment beside the field names the others. The children of one type share a
field, since only one child is polled at a time. Pointers into the frame exist
while it runs: that is why a future is pinned, and what the anchor checks.

# States

A function becomes one flat list of statements with jumps. Each suspension point
is a state, 0 is the beginning, and the last number is the end:

	v := c.Next()                            f.next.Init(f.c)
	                                         if f.next.Poll(cx) == future.Pending {
	                                             f.state = 1
	                                             return future.Pending
	                                         }
	                                     ready1:
	                                         v = f.next.Result()

Poll begins with a switch on the state, which polls the child of that state again,
leaves the frame as it is if that is still pending, and else jumps to ready1. A child
is built in place, polled at once, and if it is Ready nothing is saved and nothing
returned: an operation that need not wait costs its poll and a comparison. A child
without an Init that takes the arguments is assigned from its constructor instead.
A future that is polled after its end panics with a *frame.PolledError; Init makes
it new.

# Suspension points

The rule is structural, for functions of users as of libraries: a call of F is a
suspension point if FAsync is declared beside it with the same parameters, and
returns a future whose Result has F's results. Beside it means in the same package,
or for methods by the same type at the same depth of embedding. It is lifted
whether it is marked or written by hand, and in whatever expression it stands.
Also suspension points are: operations on channels, range over a channel, select,
[future.Await], and the call of a function literal in its place if that suspends.

The limits:

  - Function values never lift, nor do method values and method expressions: they
    run the blocking form. Call the function by its name.
  - A promoted method whose twin belongs to another type is an error: a type that
    overrides Read and inherits ReadAsync would be left out of the future.
  - Methods of interfaces and of type parameters lift if the interface, or the
    constraint, has both twins. The twin of an interface's method returns an
    interface: one allocation for each call.
  - What stands in a literal that is a value, or behind go, is not async code.
    A literal that is only called, or deferred, where it stands is.
  - A sibling FCx(cx, ...) of a function that does not suspend, but wakes, as
    Unlock does, is called in its stead.

What then blocks the loop is found by [LeakAnalyzer], which [Compile] runs if
Config.Leaks is set. A comment line

	//pinion:blocking REASON

on the line of a call, above it, or in a function's doc comment says that the call
is meant to block.

# Order of evaluation

It is gc's. Calls, receives and a few other operations happen in the order of the
source. Everything else (variables, fields, *p, elements, entries of maps,
arithmetic, conversions, literals, operands on the left, receivers, function
values) is read when all calls of the statement have happened. An expression with
a suspension point therefore becomes: what comes early before the suspension, each
in a temporary; the suspension; and the expression that remains, which gc orders
as it always does:

	x + s[:n] + g() + h(y)               f.t = f.s[:f.n]
	                                     ... await g: f.t1 = ...
	                                     ... await h: t2 = ...
	                                     f.x + f.t + f.t1 + t2

Early, besides calls: slice expressions, type assertions unless to a pointer or
another single word, strings to slices of bytes or runes, the built-in functions
that compute (len and append of what is not constant), && and ||, literals of
maps. Early is also a value without an address that gc passes by its address: what
becomes an interface and is no word-sized number, string or slice; a key of a map
that is no plain word; a struct or an array that is compared. Early are the bounds
of a slice expression, an entry m[string(bytes)] that is not assigned to, and in
m[k] = append(m[k], f()) the map and the key; of all these those that are plain
variables are late. copies.go and the files beside it have the rules. Tags of
switches and headers of ranges are evaluated once.

What gc does otherwise in places, the future does not follow. What depends on how gc
optimises, or on the types that a generic function is instantiated with: a variable
that becomes an interface, or is a key or compared, is read early beside a call of a
function literal that assigns to it, if that is inlined; a value of a type parameter
is passed by its address or not; the receiver of an interface's method is read early
if gc can tell of which type it is. The future reads late. And what is left in a variable
when an assignment to it panics and a deferred call recovers: gc makes a literal of a struct
or an array in the result that it is assigned to, value by value, unless something takes the
address of that, which may be its own code for an earlier statement; to gc a variable is seen
elsewhere if the body of a loop over a function uses it, unless the iterator is inlined, and
not if a literal without a suspension point that is called where it stands takes its value.
The future assigns a literal when all of it is there, as the specification has it.

The right side of && and || is branched around. An assignment has its two phases:
nil and bounds panics of the left side come after the calls of the right. But where gc
assigns one value before it computes the next, which may panic, so does the future: of
x, y = 1, z/w the first assignment is done before the division if x is seen elsewhere
and nothing points to z and w (lowerturn.go). An
op-assignment evaluates its left operands once. The entries of a map's literal are
made one by one, first those that gc lays out when it compiles. f(g()) keeps the
results of g in temporaries.

# Control flow

A statement in which nothing suspends stays as it is, but for names, and for
return, defer and jumps out of it. The others are taken apart:

	if init; cond { A } else { B }           init
	                                         if !cond { goto else1 }
	                                         A
	                                         goto endif
	                                     else1:
	                                         B
	                                     endif:

	for init; cond; post { A }               init
	                                     for1:
	                                         if !cond { goto done }
	                                         A              // continue: goto next
	                                     next:
	                                         post
	                                         goto for1
	                                     done:

break, continue, goto and fallthrough are jumps, return is an assignment to the
results and a jump to exit. A loop variable that is boxed, see below, is renewed
before post with the value that it had, as each iteration has variables of its
own; files for Go before 1.22 share one.

A switch stays a switch whose clauses jump to their bodies, unless a case
suspends: then the cases are compared one by one, in order. A type switch keeps
its form; the variable of each clause is one of that clause's type.

# Range

The header is evaluated once. An integer counts; a slice is kept with its length,
elements are read in their turn; an array is copied if its values are wanted, a
pointer to one is not; a string is decoded rune by rune; a channel is received
from until it is closed. A map is iterated by the runtime's own iteration, which
frame.MapIter lets be left off between two entries, so that deletions and
insertions in the body do what they do in Go.

A function that is ranged over is left off within its call of yield. It runs on a
goroutine of its own, with which the future takes turns (frame.FuncIter); what leaves
the body first lets the iterator end, and a panic passes through it:

	for v := range f {         f.iter.Init1(&f.unwind, f)
	    if c { break }     next:
	    A                      if !f.iter.Next(cx) { goto done }
	}                          v = f.iter.Key()
	                           if c { goto stop }
	                           A
	                           goto next
	                       stop:
	                           f.iter.Stop(cx)
	                       done:

To gc the body is a function, which the iterator calls. So recover in it is not that of
the function with the loop, and returns nil, unless the iterator says defer yield(v) and
panics. It is compiled to f.iter.Recover(cx), which has it made where yield is called.

If nothing in the body suspends, the loop stays as it is. A value costs half a
microsecond, or tens of them on a loop that is bound to a thread, as those of package
aio are. None of that is needed for a function that is marked itself, or has a twin:

	//pinion:async
	func (t *Tree) All(yield func(int) bool) { ... yield(t.v) ... }

	for v := range t.All {     f.iter.Init(&f.unwind)
	    A                      f.all.Init(t, f.iter.Yield1())
	}                          f.iter.Over(&f.all)
	                       next:
	                           ... await f.iter (frame.StepIter) ...
	                           if !f.iter.More() { goto done }
	                           v = f.iter.Key()
	                           A
	                           goto next
	                       done:

In the iterator a call of its parameter is a suspension point, if that has the name
yield and the type of a loop's body, and so is a call of another marked function that
yield is passed to. Nothing else can call it. A loop over a function of the same
package in which that can be seen is an error; what cannot be seen panics with
frame.ErrPlainYield. Such a loop suspends even if its body does not.

# Channels

	x := <-ch          f.recv.Init(ch) ... await ... x, _ = f.recv.Result()
	ch <- x            f.send.Init(ch, x) ... await ...

Each is tried at once; what must wait is performed by a pooled goroutine. A select
evaluates all its operands first, then tries with a default clause, and only if
nothing is ready has a goroutine perform the same select with one more case, to be
stopped by. The left side of a receive is evaluated when its case is chosen. A go
statement evaluates its operands, and starts a goroutine that runs the blocking
form.

# Defer, panic, recover and Goexit

A function with defer statements has a frame.Unwind in its frame. Its statements
are in a method body, whose panic ends there and is thrown at the deferred calls:

	defer fn(a)        a1 := a               // now, and fn if it is a value
	                   f.unwind.Defer(func(u *frame.Unwind) {
	                       defer u.Caught()
	                       defer fn(a1)      // recover in fn is Go's own
	                       u.Raise()
	                   })

A deferred call that suspends, of a function with a twin or of a literal, gets a
future on the heap, f.unwind.DeferAsync(d), which is polled when its turn comes;
recover in it is f.outer.Recover(), which sees the panic only in what was deferred
itself. Recover in the body of a range over a function is another, see above. A
deferred literal refers to the frame, and can change the results. See package frame
for Goexit and for what travels with a panic. A function without defer lets panics
through.

# Closures and variables

A literal that is a value is copied with its variables replaced. A variable that
never changes after its declaration is copied into a local of the statement, which
the literal captures; others are referred to, in the frame or in a box. A literal
that suspends and is called in its place, or deferred, is a function of its own
with a future of its own: Init takes its parameters, then pointers to the
variables that it changes and values of the others.

# Locals that are pointed to

What lives across a suspension point is a field of the future's frame. A variable
whose address is taken (&x, x[:] of an array, x.M() of a pointer method), or that a
function literal shares, is one too, if no pointer to it outlives the call or the
iteration that declares it; otherwise it is boxed: a new one on the heap for each
time its declaration runs. gc's own escape analysis decides, on copies of the
functions in which a call stands for what the compiled function calls. Of a
suspension point it is assumed that everything given to it is kept, unless

  - it calls a marked function without type parameters in a main module, whose
    body is looked at, or
  - its twin says that it keeps nothing, by a line above its declaration.

That line is a directive, as in

	// ReadAsync is Read as a future.
	//
	//pinion:noescape
	func (c *Conn) ReadAsync(p []byte) ReadFuture

The directive promises that once the future is Ready, in whatever way, and Result
was called, nothing that lives on refers to the receiver, the arguments or what
can be reached from them, and the results do not either. Above a method of an
interface it binds all who implement it. Above an ordinary function, such as an
Unlock or a sibling FCx, it says so of the time after its return. Nobody checks
it: where it is not true, a pointer is left that sees the frame's next use.

Locals of functions with type parameters, and those of a type switch, are always
boxed. So are all of a package that gc cannot be asked about; [Result.Notes] says
why.

Not guaranteed: that a verdict outlasts what it was made from. It holds for the
bodies, in other packages too, of the ordinary functions that a pointer is passed
to, as they are built for the GOOS, GOARCH and tags at hand and by the Go version
at hand. Run pinion async again, or -check, when one of these changes; give a
function whose callees keep a pointer on one system only a file for that system.

# Recursion, generics, local declarations

A child whose future contains, through others, that of its parent lies behind a
pointer: it is made for the call, and dropped when the call returns. So does the
child of a call with the directive //pinion:box behind it, at the end of a line on
which the call begins or ends, or alone on the line above:

	if err := c.handshake(); err != nil { //pinion:box

The frame is then smaller by the child, for one allocation each time that the call
is made. That pays where a large child is soon over and the future goes on to wait
for other things; pinion sizes, or [Result.Frames], says where. A directive that
points at no call that suspends, or at several, or at one whose future is on the heap
in any case, is an error.

A generic function's future has its type parameters, with their constraints; a
method's has those of the receiver.

Types that are declared in a function are moved out of it, with the function's type
parameters, under their names or, if these are taken, under others such as
otherpoint1. Constants declared in it are replaced by their values. Variables keep their names as
far as these are free.

# Cancel

Cancel sets a flag; from the next poll on the context of all that is polled within
is cancelled, and whatever waits in it returns its error, or withdraws if it has
none (channels, see package frame). The error comes out of ordinary code. Deferred
calls run once, in the cancelled context as well. See package future for what is
exempt.

# What is cleared

A field of a dead variable that may hold pointers is cleared where the poll
suspends, so that a future that waits keeps alive no more than a goroutine would;
where it ends, all but the results and the children is cleared, unless deferred
calls may still want it. What pointers lead to is not cleared while the function runs.

# Suspended

Suspended returns "serve.go:12: Read", the line of the source and what is awaited
there, from a table with an entry for each state. Dumps of tasks use it. It is
meaningful between polls. Positions in stacks are those of the generated file,
unless Config.Line has //line directives written.

# What is not supported

All of these are errors with file, line and column, the reason and a way out:

  - defer yield(v), and go yield(v): call it in a literal, or in the function;
  - a loop over a marked function that gives its yield to a goroutine, to a function
    without a twin or to a literal that is a value, or has another name for it: have
    a compiled function call it, or take the mark off;
  - a variable across a suspension whose type cannot be named, as it belongs to
    another package unexported, or is a struct with such fields or an interface with
    such methods: use another interface, or one statement;
  - a package that redeclares int, error, len and the like, where the output needs
    them: rename;
  - //go:uintptrescapes and //go:uintptrkeepalive: pass an unsafe.Pointer;
  - marks on init, on functions named _ or without a body, in files that import
    "C", on methods of an alias, on literals and on what is no function;
  - a type or function that has the name of a twin, and a file that has the name of
    the output and was not generated.

# What is not promised

  - runtime.Callers, runtime.NumGoroutine and the names of functions in stacks.
  - Line numbers in stacks without //line.
  - The names of local types whose name is taken, and of the fields in which they are
    embedded, as %T and %+v show them, and the identity of types declared alike in both
    forms: there are two.
  - What is left of an iterator's misuse in a loop that declares no variables but
    assigns to some. gc assigns before it looks whether yield may be called, and before
    the body begins: there, a panic of the assignment that the iterator recovers is
    none of the body.
  - That an iterator which is a future may call yield in what it defers while its
    goroutine ends by runtime.Goexit: see package frame.
  - Stack overflow: deep recursion fills the heap instead.
  - When objects that nothing reaches are collected, and finalizers run.
  - The runtime's deadlock detection: a future that waits is not a goroutine.
  - The layout of frames and the text of the output from version to version.
  - With -race, gc reads entries of maps early in some expressions; a compiled
    function reads them as gc does without.
*/
package async
