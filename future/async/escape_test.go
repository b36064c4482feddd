package async

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// conn is a package with leaf operations, by any other package's standards.
const conn = `
-- conn/conn.go --
package conn

import "github.com/pinion-go/pinion/future"

// Conn counts what it is given, a while later. It keeps nothing.
type Conn struct{ N, Left int }

func (c *Conn) Read(p []byte) (int, error) { c.N += len(p); return len(p), nil }

//pinion:noescape
func (c *Conn) ReadAsync(p []byte) IOFuture { return IOFuture{c: c, p: p} }

func (c *Conn) Write(p []byte) (int, error) { return c.Read(p) }

// WriteAsync is Write.
//
//pinion:noescape
func (c *Conn) WriteAsync(p []byte) IOFuture { return IOFuture{c: c, p: p} }

// Keep is as harmless as Read. Its twin is not.
func (c *Conn) Keep(p []byte) (int, error) { return len(p), nil }

func (c *Conn) KeepAsync(p []byte) IOFuture { Kept = p; return IOFuture{c: c, p: p} }

var Kept []byte

func (c *Conn) Put(p []byte, more ...any) {}

//pinion:noescape
func (c *Conn) PutAsync(p []byte, more ...any) PutFuture { return PutFuture{} }

func Count(n uint64, p *int, f func()) {}

//pinion:noescape
func CountAsync(n uint64, p *int, f func()) PutFuture { return PutFuture{} }

// Poke wakes, and keeps nothing; in a poll it keeps.
func (c *Conn) Poke(p *int) {}

func (c *Conn) PokeCx(cx *future.Context, p *int) { Poked = p }

func (c *Conn) Prod(p *int) {}

func (c *Conn) ProdCx(cx *future.Context, p *int) {}

var Poked *int

type Reader interface {
	Read(p []byte) (int, error)
	//pinion:noescape
	ReadAsync(p []byte) Reading
	Keep(p []byte) (int, error)
	KeepAsync(p []byte) Reading
}

type Reading interface {
	future.Future
	Result() (int, error)
}

type IOFuture struct {
	c       *Conn
	p       []byte
	yielded bool
}

func (f *IOFuture) Poll(cx *future.Context) future.Poll {
	if !f.yielded {
		f.yielded = true
		cx.Wake(cx.Waker())
		return future.Pending
	}
	f.c.Left--
	return future.Ready
}

func (f *IOFuture) Result() (int, error) { return f.c.Read(f.p) }

type PutFuture struct{ future.YieldFuture }
`

// verdicts compiles a file and returns, for each function in it, the variables
// that might have had to be boxed, those that stay with a + and the others with
// a -.
func verdicts(t *testing.T, archive string, patterns ...string) (map[string]string, []string) {
	t.Helper()
	return verdictsIn(t, Config{Dir: module(t, archive), Env: offline()}, patterns...)
}

func verdictsIn(t *testing.T, cfg Config, patterns ...string) (map[string]string, []string) {
	t.Helper()
	found := make(map[string]string)
	r, err := compile(cfg, func(u *unit, file *ast.File) ([]byte, []*Error) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !u.marked[f] {
				continue
			}
			fn := &function{u: u, decl: f, recv: f.Recv, typ: f.Type, body: f.Body}
			fn.collectFacts()
			var vars []types.Object
			for obj, x := range fn.facts {
				if x.refers() {
					vars = append(vars, obj)
				}
			}
			slices.SortFunc(vars, func(a, b types.Object) int { return int(a.Pos() - b.Pos()) })
			var list []string
			for _, obj := range vars {
				sign := "-"
				if u.stays[obj] {
					sign = "+"
				}
				list = append(list, sign+obj.Name())
			}
			found[title(f)] = strings.Join(list, " ")
		}
		return nil, nil
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		t.Error(e)
	}
	return found, r.Notes
}

// wantVerdicts checks them against the comments behind the functions' first
// lines: "func F() { // +x -y".
func wantVerdicts(t *testing.T, source string, got map[string]string) {
	t.Helper()
	seen := 0
	for line := range strings.Lines(source) {
		decl, want, ok := strings.Cut(strings.TrimSpace(line), " // want")
		if !ok || !strings.HasPrefix(decl, "func ") {
			continue
		}
		seen++
		name := strings.TrimPrefix(decl, "func ")
		if recv, rest, ok := strings.Cut(name, ") "); ok && name[0] == '(' {
			recv = recv[strings.LastIndexAny(recv, " *")+1:]
			name = recv + "." + rest
		}
		name, _, _ = strings.Cut(name, "(")
		name, _, _ = strings.Cut(name, "[")
		if got, want := got[name], strings.TrimSpace(want); got != want {
			t.Errorf("%s: the verdict is %q, want %q", name, got, want)
		}
	}
	if seen != len(got) {
		t.Errorf("%d functions were judged, and %d are expected: %v", len(got), seen, fmt.Sprint(got))
	}
}
