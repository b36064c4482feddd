package async

import (
	"go/ast"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// outputName returns the base name of the file with the twins of the marked
// functions in the file with the given base name. The go command takes meaning
// from the end of a file's name (_test, _GOOS, _GOARCH, _GOOS_GOARCH), so that
// is kept at the end.
func outputName(base string) string {
	name := strings.TrimSuffix(base, ".go")
	name, test := cutEnd(name, "test")
	// Of a name with dots, the go command looks for GOOS and GOARCH before the
	// first one.
	head, tail := name, ""
	if i := strings.IndexByte(name, '.'); i >= 0 {
		head, tail = name[:i], name[i:]
	}
	head, end := cutConstraint(head)
	return head + "_async" + end + tail + test + ".go"
}

// cutConstraint splits what the go command takes for a constraint off the end of
// a file's name without its extension.
func cutConstraint(name string) (stem, end string) {
	stem, test := cutEnd(name, "test")
	s, last := cutLast(stem)
	switch {
	case knownArch[last]:
		if t, os := cutLast(s); knownOS[os] {
			return t, "_" + os + "_" + last + test
		}
		return s, "_" + last + test
	case knownOS[last]:
		return s, "_" + last + test
	}
	return name, ""
}

// cutEnd splits "_"+word off the end of name.
func cutEnd(name, word string) (stem, end string) {
	if s, ok := strings.CutSuffix(name, "_"+word); ok {
		return s, "_" + word
	}
	return name, ""
}

// cutLast splits the last word off name. There is none before the first
// underscore: linux.go is for every system.
func cutLast(name string) (stem, word string) {
	i := strings.LastIndexByte(name, '_')
	if i < 0 {
		return name, ""
	}
	return name[:i], name[i+1:]
}

// The names that the go command knows, in internal/syslist. A test compares them.
var (
	knownOS   = words("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos")
	knownArch = words("386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm")
)

func words(s string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// asyncName returns the name of the constructor beside a function or method.
func asyncName(name string) string { return name + "Async" }

// futureName returns the name of the future of a function, or of the method of
// the receiver type recv. It is exported if and only if name is, as far as the
// first letter of recv has two cases; if it has not, name keeps its own, so that
// _List.Remove and _List.remove have futures of two names.
func futureName(recv, name string) string {
	if recv == "" {
		return name + "Future"
	}
	r, size := utf8.DecodeRuneInString(recv)
	if unicode.ToUpper(r) == unicode.ToLower(r) {
		return recv + name + "Future"
	}
	if token.IsExported(name) {
		r = unicode.ToUpper(r)
	} else {
		r = unicode.ToLower(r)
	}
	m, msize := utf8.DecodeRuneInString(name)
	return string(r) + recv[size:] + string(unicode.ToUpper(m)) + name[msize:] + "Future"
}

// receiver returns the name of the receiver's type of a method, whether the
// receiver is a pointer, and the receiver's type parameters; "" for a function.
func receiver(decl *ast.FuncDecl) (name string, pointer bool, params []*ast.Ident) {
	if decl.Recv == nil || len(decl.Recv.List) != 1 {
		return "", false, nil
	}
	t := ast.Unparen(decl.Recv.List[0].Type)
	if star, ok := t.(*ast.StarExpr); ok {
		t, pointer = ast.Unparen(star.X), true
	}
	var args []ast.Expr
	switch x := t.(type) {
	case *ast.IndexExpr:
		t, args = x.X, []ast.Expr{x.Index}
	case *ast.IndexListExpr:
		t, args = x.X, x.Indices
	}
	for _, a := range args {
		if id, ok := a.(*ast.Ident); ok {
			params = append(params, id)
		}
	}
	if id, ok := ast.Unparen(t).(*ast.Ident); ok {
		return id.Name, pointer, params
	}
	return "", pointer, params
}

// title returns a function's name as it is written in messages: F or Recv.Method.
func title(decl *ast.FuncDecl) string {
	if recv, _, _ := receiver(decl); recv != "" {
		return recv + "." + decl.Name.Name
	}
	return decl.Name.Name
}
