package async

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// LeakAnalyzer reports calls by which the colour of blocking code leaks into
// async code: a function marked //pinion:async becomes a future, and what blocks
// in it blocks the loop, with all of the loop's other tasks.
//
// # What is found
//
// In a marked function, and in what it calls statically, in whichever package:
//
//   - a function with an async twin that is called where the call is not lifted:
//     in an unmarked function, through a function value, in a function literal
//     that is a value;
//   - channel operations, range over a channel and select without default in the
//     same places: in async code they are suspension points;
//   - what blocks by itself: time.Sleep, sync.WaitGroup.Wait, a process, the
//     network; blocking.go has the table of such functions of the standard
//     library. A channel is taken to block, whatever its capacity;
//   - a sync.Mutex or sync.RWMutex that is held across a suspension point: another
//     task of the loop that wants it blocks the loop for good. Short critical
//     sections are not reported. The lock and the suspension must be in the same
//     function.
//
// The message names the calls between the marked function and what blocks, by the
// shortest path, and what to do. A comment line
//
//	//pinion:blocking REASON
//
// on the line of the call, or above it, says that the call is meant, there and for
// all who come by there; in the doc comment of a function it speaks for all calls in
// it. It wants a reason.
//
// # What is not found
//
//   - calls of interface methods and function values, unless the method has a twin
//     or is in the table: which function they reach is not known. A local variable
//     that is only ever called is known by the literals and functions assigned to it;
//   - function literals that are passed elsewhere, sync.Once.Do and slices.SortFunc
//     included. A literal counts if it is called or deferred in place, or by such a
//     local variable;
//   - what goroutines do: a go statement does not block;
//   - what readers and writers are made of: io and fmt functions count if the type of
//     what they are given blocks, a bufio.Reader made before does not;
//   - files, as most of them are on disks: only reads of os.Stdin count;
//   - mutexes held across a suspension when a helper or a TryLock locks them, and
//     when only deferred calls suspend;
//   - calls through assembly and linkname, long computations, system calls.
//
// A call is judged without regard to whether it can be reached, or with which
// arguments. Of the standard library, and of pinion's own packages below the compiler,
// only the table and the twins count, not their code.
//
// The facts about functions of other packages are those of [analysis.Fact]: the
// analyzer works in unitchecker, and so in go vet -vettool, which has all imported
// packages analysed. [Compile] does the same, with Config.Leaks, for the packages of
// the main modules.
var LeakAnalyzer = &analysis.Analyzer{
	Name:      "asyncleak",
	Doc:       "report calls by which a function marked //pinion:async blocks its loop\n\nA blocking call, a channel operation outside of async code or a mutex held across a\nsuspension point stops all tasks of a loop. The call path is in the message.",
	URL:       "https://pkg.go.dev/github.com/pinion-go/pinion/future/async#LeakAnalyzer",
	FactTypes: []analysis.Fact{new(colour)},
	Run:       runLeak,
}

// colour is what is known of a function to packages that import its own. Functions
// that are neither marked nor block have none.
type colour struct {
	Marked bool
	// Path leads from the function, as it is for a goroutine, to something that
	// blocks; nil if it does not block.
	Path []step
}

// AFact makes a colour a fact.
func (*colour) AFact() {}

func (c *colour) String() string {
	var words []string
	if c.Marked {
		words = append(words, "marked")
	}
	if c.Path != nil {
		words = append(words, "blocks: "+pathText(c.Path, ""))
	}
	return strings.Join(words, ", ")
}

func runLeak(pass *analysis.Pass) (any, error) {
	if judgedByTable(pass.Pkg.Path(), pass.Module) {
		return nil, nil
	}
	c := &leakCheck{
		u:      &unit{fset: pass.Fset, pkg: pass.Pkg, info: pass.TypesInfo},
		marked: make(map[*ast.FuncDecl]bool),
		colourOf: func(f *types.Func) *colour {
			var fact colour
			if pass.ImportObjectFact(f, &fact) {
				return &fact
			}
			return nil
		},
		setColour: func(f *types.Func, fact *colour) { pass.ExportObjectFact(f, fact) },
		report: func(pos token.Pos, what, way string) {
			pass.Reportf(pos, "%s; %s", what, way)
		},
	}
	for _, file := range pass.Files {
		if len(file.Comments) > 0 && file.Comments[0].List[0].Text == firstLine {
			continue
		}
		c.files = append(c.files, file)
		found, _ := findMarks(pass.Fset, file)
		for _, f := range found {
			c.marked[f] = true
		}
	}
	c.run()
	return nil, nil
}

// judgedByTable reports whether the code of a package is not looked at: the standard
// library's, and what the compiler's output rests on.
func judgedByTable(path string, module *analysis.Module) bool {
	switch path {
	case "github.com/pinion-go/pinion/unsafeptr", "github.com/pinion-go/pinion/pin", futurePath, framePath:
		return true
	}
	if module != nil && module.Path != "" && module.Path != "std" {
		return false
	}
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// leakCheck looks for leaks in one package.
type leakCheck struct {
	u      *unit // for the lifting rule: only what the type checker knows
	files  []*ast.File
	marked map[*ast.FuncDecl]bool
	// colourOf and setColour keep what is known of functions across packages.
	colourOf  func(*types.Func) *colour
	setColour func(*types.Func, *colour)
	report    func(pos token.Pos, what, way string)

	silence silence
	nodes   map[any]*caller // by *types.Func or *ast.FuncLit
	order   []*caller
}

func (c *leakCheck) run() {
	c.nodes = make(map[any]*caller)
	c.silence = newSilence(c.u.fset, c.files)
	for _, e := range c.silence.errs {
		c.report(e.pos, e.what, e.way)
	}
	for _, file := range c.files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			obj, _ := c.u.info.Defs[f.Name].(*types.Func)
			if obj == nil {
				continue
			}
			c.add(obj, &caller{name: title(f), fn: obj, decl: f, marked: c.marked[f]})
		}
	}
	for _, n := range c.order[:len(c.order):len(c.order)] {
		if !c.silence.function(n.decl) {
			w := &leakWalker{c: c, n: n, async: n.marked, locals: localFuncs(c.u.info, n.decl.Body)}
			w.walk(n.decl.Body)
		}
	}
	c.settle()
	for _, n := range c.order {
		if n.fn == nil {
			continue
		}
		if n.marked {
			c.reportNode(n)
		}
		if path := n.path(); path != nil || n.marked {
			c.setColour(n.fn, &colour{Marked: n.marked, Path: path})
		}
	}
}

// add makes a node known. It is walked by the caller.
func (c *leakCheck) add(key any, n *caller) {
	c.nodes[key] = n
	c.order = append(c.order, n)
}

// reportNode reports the leaks of a marked function.
func (c *leakCheck) reportNode(n *caller) {
	pkg := c.u.pkg.Path()
	for i := range n.sites {
		s := &n.sites[i]
		if s.lifted || !s.blocks() {
			continue
		}
		path := s.path()
		c.report(s.pos, n.name+" blocks its loop: "+n.name+" "+pathText(path, pkg), wayOut(path, pkg))
	}
	if !c.silence.function(n.decl) {
		c.checkLocks(n)
	}
}
