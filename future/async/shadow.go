package async

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
)

// A shadow is a file for gc's escape analysis and nobody else: copies of the
// marked functions of one source, in which each call is to what the compiled
// function will call, as far as pointers are concerned. The source itself is
// compiled too, unchanged: who calls the blocking form calls that. From
//
//	func Serve(c *Conn) error {
//		defer mu.Unlock()
//		var buf [512]byte
//		n, err := c.Read(buf[:])
//		if err == nil { err = handle(c, buf[:n]) }
//		each(func() { total += n })
//
// with ReadAsync documented to keep nothing, a marked handle and an UnlockCx comes
//
//	func ServeShadow(c *Conn) error { select {}; { { var heard any; sink = &heard };
//		defer mu.UnlockCx(nil)
//		var buf [512]byte
//		n, err := leaf(c.Read, buf[:])
//		if err == nil { err = handleShadow(c, buf[:n]) }
//		each(func() { _ = &total; total += n })
//		…
//	}}
//
// It waits for ever, and so gc makes no code of what follows, which takes it most of
// the time. The analysis is of what is written, whether it is reached or not: were
// that to change, the variable heard would go with the rest.
//
// The rules, in terms of what is kept:
//
//   - A suspension point whose callee has a shadow calls the shadow.
//   - One whose twin has the directive //pinion:noescape calls a leaf, which does
//     nothing with its arguments.
//   - All others keep all that they are given: what a twin does between its first
//     poll and its last is not what its blocking form does.
//   - A call for which the output uses the sibling FCx is one of that.
//   - A literal that is a value takes its variables by reference, since the output
//     has them refer to the frame. gc would copy those that do not change later.
//   - Constant conditions are opaque: what this GOOS does not do another may.
//   - All else stands as it is, and is gc's to judge: calls of ordinary functions,
//     whose bodies it knows, dynamic calls, which keep all, sends on channels, go
//     statements, deferred calls in loops, variables of an iteration.
type shadow struct {
	*oracle
	job     *job
	source  *source
	n       int
	edits   *textEdits
	helpers strings.Builder
	made    map[string]bool // helpers, by name
	text    []byte
	copies  []*copied
	where   map[place]types.Object // the variables declared in the copies
	loose   map[string]bool        // names of variables that share places
	strange string                 // a report that belongs to nothing here
	fn      *function              // answers what suspends
	current *copied
}

// copied is one function of a shadow.
type copied struct {
	decl       *ast.FuncDecl
	witness    string // a variable that gc must speak of
	heard      bool   // it has
	candidates map[types.Object]bool
	escapes    map[types.Object]bool
}

// place is a position in a shadow.
type place struct{ line, col int }

const (
	shadowPrefix = "pinionShadow"
	shadowFile   = "pinion_shadow_"
	// gc has no columns above 255, and no lines above 1<<20.
	maxColumn = 250
	maxLine   = 1 << 19
)

func newShadow(o *oracle, j *job, s *source, n int) *shadow {
	return &shadow{
		oracle: o, job: j, source: s, n: n,
		made:  make(map[string]bool),
		where: make(map[place]types.Object),
		loose: make(map[string]bool),
		fn:    &function{u: j.unit},
	}
}

// path is where the shadow is laid over the disk.
func (sh *shadow) path() string {
	test := ""
	if sh.source.test() {
		test = "_test"
	}
	return filepath.Join(filepath.Dir(sh.source.path), fmt.Sprintf("%s%d%s.go", shadowFile, sh.n, test))
}

// write makes the text.
func (sh *shadow) write() {
	file := sh.source.file
	tf := sh.fset.File(file.FileStart)
	var kept []*ast.FuncDecl
	for _, f := range sh.source.marked {
		if obj, ok := sh.job.info.Defs[f.Name].(*types.Func); ok && !isGeneric(obj) {
			kept = append(kept, f)
		}
	}
	src := sh.blanked(kept)
	sh.edits = &textEdits{src: src, file: tf}
	for i, f := range kept {
		c := &copied{decl: f, witness: fmt.Sprintf("%sWitness%d", shadowPrefix, i), candidates: sh.job.candidatesOf(f), escapes: make(map[types.Object]bool)}
		sh.copies = append(sh.copies, c)
		sh.current = c
		sh.edits.insert(f.Name.End(), shadowPrefix)
		sh.edits.insert(f.Body.Lbrace+1, fmt.Sprintf(" select {}; { { var %s interface{}; %s = &%s }; ", c.witness, sh.sink(), c.witness))
		sh.walk(f.Body, true)
		sh.edits.insert(f.Body.Rbrace, "}")
	}
	text := sh.edits.apply()
	sh.locate(kept, text)
	sh.text = append(append(text, '\n'), sh.helpers.String()...)
}

// blanked returns the source with spaces in the place of all but its package
// clause with what stands before it, the imports that the functions use, and the
// functions without their comments.
func (sh *shadow) blanked(kept []*ast.FuncDecl) []byte {
	file := sh.source.file
	tf := sh.fset.File(file.FileStart)
	src := bytes.Clone(sh.source.src)
	blank := func(from, to token.Pos) {
		for i := tf.Offset(from); i < tf.Offset(to); i++ {
			if src[i] != '\n' && src[i] != '\r' {
				src[i] = ' '
			}
		}
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() > file.Package || strings.Contains(c.Text, "line ") {
				blank(c.Pos(), c.End())
			}
		}
	}
	nodes := make([]ast.Node, len(kept))
	for i, f := range kept {
		nodes[i] = f
	}
	used := sh.job.usedImports(file, nodes)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			keep := false
			for _, f := range kept {
				keep = keep || f == d
			}
			if !keep {
				blank(d.Pos(), d.End())
			}
		case *ast.GenDecl:
			any := false
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.ImportSpec); ok && used[s] {
					any = true
				} else {
					blank(spec.Pos(), spec.End())
				}
			}
			if !any {
				blank(d.Pos(), d.End())
			}
		}
	}
	return src
}

// locate learns where the variables are in the text.
func (sh *shadow) locate(kept []*ast.FuncDecl, text []byte) {
	lines := []int{0}
	for i, b := range text {
		if b == '\n' {
			lines = append(lines, i+1)
		}
	}
	at := func(pos token.Pos) place {
		offset := sh.edits.moved(sh.edits.file.Offset(pos))
		// The last line that begins at offset or before it.
		lo, hi := 0, len(lines)
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; lines[mid] <= offset {
				lo = mid
			} else {
				hi = mid
			}
		}
		return place{lo + 1, offset - lines[lo] + 1}
	}
	info := sh.job.info
	for _, c := range sh.copies {
		ast.Inspect(c.decl, func(n ast.Node) bool {
			if obj := info.Implicits[n]; obj != nil {
				sh.loose[obj.Name()] = true
			}
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			v, ok := info.Defs[id].(*types.Var)
			if !ok {
				return true
			}
			p := at(id.Pos())
			if p.col > maxColumn || p.line > maxLine {
				delete(c.candidates, v)
				sh.loose[v.Name()] = true
				return true
			}
			sh.where[p] = v
			return true
		})
	}
}

// moved notes that gc moves a variable to the heap.
func (sh *shadow) moved(p place, name string) {
	for _, c := range sh.copies {
		if c.witness == name {
			c.heard = true
			return
		}
	}
	if v := sh.where[p]; v != nil && v.Name() == name {
		for _, c := range sh.copies {
			c.escapes[v] = true
		}
		return
	}
	if token.IsIdentifier(name) && !sh.loose[name] {
		sh.strange = fmt.Sprintf("%s at %d:%d of the shadow of %s", name, p.line, p.col, filepath.Base(sh.source.path))
	}
}
