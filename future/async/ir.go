package async

import (
	"go/ast"
	"go/token"
	"go/types"
)

// This file holds the form between the source and the output. A function is a
// list of nodes in the order of emission. A statement without a suspension point
// in it is one node, printed as it stands but for the names of variables; the
// others are taken apart into jumps, branches and suspensions.

// A variable is a local of a function whose scope spans several nodes: a
// parameter, a result, a declared variable, a temporary of the translation or a
// child. Variables declared within one node are the business of gc.
type variable struct {
	id   int
	name string // in the output: of the field, or of the local of Poll
	typ  types.Type
	obj  *types.Var // nil if the source has none

	param  bool // its field is set by Init
	field  bool // it needs a field, shared or not
	pinned bool // pointers into it exist while the function runs: it has a field of its own
	boxed  bool // it lies on the heap, afresh for each time its declaration runs; the variable is a pointer
	child  bool // it is a future that this one polls
	alone  bool // a child whose field is not for other calls: it is not polled to its end at one place
	box    bool // a child that is to lie behind a pointer, by a directive
	boxIn  bool // a child behind a pointer, by a directive or since its type contains the function's own future

	init   bool      // a child that is built in place by its Init
	origin *function // the marked function of this unit that a child is made from
	lit    *function // the literal that a child is made from
	value  bool      // a literal may take a copy of it in the place of a reference

	used bool  // something reads it
	slot *slot // its field, if it has one
}

// A slot is a field of the frame: the home of one variable, or in turn of
// several that are of one type and never alive at the same time.
type slot struct {
	name    string
	typ     string // as printed
	doc     []string
	index   int
	size    int64
	align   int64
	ptrs    bool // it may hold pointers
	members []*variable
}

// A label is a place that jumps go to.
type label struct {
	name string
	node *node // the place: a node of kind nodeLabel
	refs int
}

type nodeKind uint8

const (
	nodePlain  nodeKind = iota // a statement
	nodeLabel                  // a place to jump to
	nodeJump                   // to a label
	nodeBranch                 // to a label, if cond holds (or, with not, does not)
	nodeAwait                  // poll a child until it is ready
	nodeReturn                 // the results stand; end
)

// A node is one step of the function.
type node struct {
	kind  nodeKind
	stmt  ast.Stmt // of nodePlain
	cond  ast.Expr // of nodeBranch
	not   bool
	to    *label
	label *label // of nodeLabel
	await *await
	pos   token.Pos

	// Of the variables, by id; filled in by liveness.
	uses, kills, touches []int // read; surely overwritten; perhaps written
	liveIn, liveOut      bitset
	clears               []*slot // fields to clear if the poll ends here
	succs                []*node
	index                int
	reached              bool
}

// An await is a suspension point.
type await struct {
	state   int    // what the frame's state is while it waits here
	label   string // behind the poll
	child   *variable
	what    string      // "Read", "receive", as the dump names it
	results []*variable // where the results go; nil for one that is not wanted
	none    bool        // Result is not called
	call    bool        // of a future that is made for a call
	lent    []*variable // whose address or box the child has
}

// A function is one that is compiled: a marked declaration, or a literal that is
// called where it stands or deferred, and suspends.
type function struct {
	u      *unit
	file   *ast.File
	decl   *ast.FuncDecl // nil for a literal
	lit    *ast.FuncLit
	outer  *function // of a literal
	direct bool      // a literal that is called where it stands
	typ    *ast.FuncType
	recv   *ast.FieldList
	body   *ast.BlockStmt
	sig    *types.Signature
	tps    []*types.TypeParam

	name string // of the function, for people
	fut  string // the name of its future's type

	vars    []*variable
	byObj   map[types.Object]*variable
	byIdent map[*ast.Ident]*variable // idents that the translation made
	facts   map[types.Object]*facts
	params  []*variable // in the order of Init
	initArg []initParam
	results []*variable
	named   bool // the results have names

	nodes        []*node
	awaits       []*await
	become       map[ast.Stmt][]ast.Stmt    // what statements within plain nodes turn into: those that leave the node, and defers
	gotos        map[*ast.BranchStmt]*label // the jumps of the translation's own within plain nodes
	labels       map[types.Object]*label
	defers       bool                     // it has defer statements: there is an Unwind
	recovers     map[*ast.Ident]bool      // where it calls recover itself
	iterRecovers map[*ast.Ident]*variable // where the body of a range over a function does, with the frame.FuncIter
	out          *output
	lits         map[*ast.FuncLit]*function
	litList      []*function
	captured     []*variable // of a literal: the outer function's variables that it refers to, in the order of Init, after the parameters

	names        map[string]bool // taken
	spelled      map[string]bool // names in the source
	types        map[string]bool // names of the types that are declared in it
	self         string          // the receiver's name
	cx           string
	errs         []*Error
	locals       map[*types.TypeName]string // types declared in it, and their names outside
	consts       map[types.Object]bool      // declared in it: replaced by their values
	typeSpecs    []*ast.TypeSpec            // the types declared in it, moved out of it
	jumpedTo     map[types.Object]bool      // labels that some goto means
	usedObjs     map[types.Object]bool
	perIteration bool // loop variables are of the iteration (since Go 1.22)
	slots        []*slot
	litCount     int
	embeds       []*function // marked functions of this unit whose futures are in the frame
}

// initParam is a parameter of Init and of the constructor.
type initParam struct {
	name     string
	typ      string
	variadic bool
	v        *variable // nil if nothing needs it
}
