package async

import "go/token"

// A Frame is what a future consists of: that of a marked function, or that of a
// literal in one, which is called in its place or deferred, and suspends. Sizes are
// in bytes, for the GOOS and GOARCH that were compiled for.
type Frame struct {
	Package string         // its path
	Func    string         // F, Recv.Method, or F.func1 for a literal in F
	Future  string         // the name of its type
	Pos     token.Position // where the function is declared
	// Generic says that the function has type parameters. There is no one size
	// then, and all sizes are 0.
	Generic bool
	// Size is that of the type, children and padding included. What is boxed is
	// not in it.
	Size int64
	// Apart is what Size would be if each local variable of the source, also one
	// that no suspension point sees, and the child of each call had a field of
	// its own. Variables that are declared and done with within a statement that
	// cannot suspend do not count.
	Apart int64
	// Fields are all of the frame, the largest first.
	Fields []Field
	// Awaits are its suspension points, in the order of the source's control flow.
	Awaits []Await
	// Boxed are its variables and children that lie on the heap.
	Boxed []Boxed
	// Advice are children that had better be on the heap.
	Advice []Advice
}

// A Field is one of a frame's.
type Field struct {
	Name   string
	Type   string
	Offset int64
	Size   int64
	// Holds are the variables that live in it, one after the other. There are none
	// in the fields of each frame that keep its state.
	Holds []Held
}

// Held is a variable in a field.
type Held struct {
	Name string         // in the source; of a child, what is called; of a value that has no name there, the generated code's
	Kind string         // "parameter", "result", "local", "captured" by a literal, "child", or "value", which has no name in the source
	Pos  token.Position // of its declaration, if it has a name in the source
	// Awaits are indices of the suspension points at which it is alive: it is
	// needed after them, or pointed to, or the child that they wait for.
	Awaits []int
}

// An Await is a suspension point.
type Await struct {
	Pos  token.Position
	What string // what it waits for, as the dump of live tasks calls it
}

// Boxed is something on the heap, to which the frame has a pointer.
type Boxed struct {
	Name string
	Pos  token.Position // of the declaration of a variable, or of the call of a child
	Why  string
}

// Advice is a child that takes more than half of a frame of more than 512 bytes,
// though the future waits elsewhere too, and that is called in no loop: with
// //pinion:box it costs its bytes only while the call lasts, for an allocation.
type Advice struct {
	Child string           // what is called
	Calls []token.Position // the calls that share the field: all of them need the directive
	Bytes int64            // by which the frame would shrink
}
