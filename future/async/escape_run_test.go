package async

import (
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runCompiled compiles the module in dir, with what adjust makes of each unit's
// verdicts, and runs its program.
func runCompiled(t *testing.T, dir, pkg string, adjust func(u *unit, file *ast.File), env ...string) string {
	t.Helper()
	r, err := compile(Config{Dir: dir, Env: offline()}, func(u *unit, file *ast.File) ([]byte, []*Error) {
		if adjust != nil {
			adjust(u, file)
		}
		return u.translate(file)
	}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range r.Notes {
		t.Error(n)
	}
	if err := r.Write(); err != nil {
		t.Fatal(err, r.Errors)
	}
	program := filepath.Join(dir, "main.exe")
	cmd := exec.Command("go", "build", "-o", program, pkg)
	cmd.Dir, cmd.Env = dir, offline()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	// Settings of the collector are for the program, not for the compiler.
	cmd = exec.Command(program)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

const echo = `
-- echo/echo.go --
package main

import (
	"fmt"
	"testing"

	"example.com/m/conn"
	"github.com/pinion-go/pinion/future"
)

//pinion:async
func Serve(c *conn.Conn) (err error) {
	defer c.Put(nil)
	var buf [512]byte
	for c.Left > 0 {
		n, err := c.Read(buf[:])
		if err != nil {
			return err
		}
		if _, err = c.Write(buf[:n]); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	allocs := func(messages int) float64 {
		c := new(conn.Conn)
		f := new(ServeFuture)
		return testing.AllocsPerRun(10, func() {
			c.Left = 2 * messages
			f.Init(c)
			if future.Block(f) != nil || f.Result() != nil {
				panic("it failed")
			}
		})
	}
	fmt.Println(allocs(1000) - allocs(10))
}
` + conn

func TestEchoHasItsBufferInTheFrameAndAllocatesNothingPerMessage(t *testing.T) {
	t.Parallel()
	dir := module(t, echo)
	if got := runCompiled(t, dir, "./echo", nil); got != "0\n" {
		t.Errorf("990 more messages cost %s allocations", got)
	}
	generated := string(readFile(t, dir, "echo", "echo_async.go"))
	if !regexp.MustCompile(`buf\s+\[512\]byte\n`).MatchString(generated) {
		t.Errorf("buf is not in the frame:\n%s", generated)
	}
}

// dangling is functions that leave a pointer to a local behind, each in a way of
// its own. Twice calls them twice, so that the second call has the first one's
// frame; then all memory that is free is used.
const dangling = `
-- dangling/dangling.go --
package main

import (
	"fmt"
	"runtime"

	"example.com/m/conn"
	"github.com/pinion-go/pinion/future"
)

var (
	ints []*int
	fns  []func() int
	ch   = make(chan *int, 10)
)

type node struct{ p *int }

type setter interface{ set(p *int) }

func (n *node) set(p *int) { n.p = p; ints = append(ints, p) }

func two(p *int) { one(p) }
func one(p *int) { ints = append(ints, p) }

//pinion:async
func Global(n int) {
	x := n
	ints = append(ints, &x)
	future.Yield()
	x++
}

//pinion:async
func Parameter(n int) {
	future.Yield()
	ints = append(ints, &n)
}

//pinion:async
func Closure(n int) {
	x := n
	fns = append(fns, func() int { x++; return x })
	future.Yield()
}

//pinion:async
func Result(n int) (r int) {
	fns = append(fns, func() int { return r })
	future.Yield()
	return n
}

//pinion:async
func Sends(n int) {
	x := n
	ch <- &x
	future.Yield()
}

//pinion:async
func Below(n int) {
	x := n
	two(&x)
	future.Yield()
}

//pinion:async
func Kept(p *int) *int {
	future.Yield()
	return p
}

//pinion:async
func Marked(n int) (p *int) {
	x := n
	return Kept(&x)
}

//pinion:async
func ByInterface(s setter, n int) {
	x := n
	s.set(&x)
	future.Yield()
}

//pinion:async
func Loop(n int) {
	for i := range 2 {
		x := n + i
		ints = append(ints, &x)
		future.Yield()
	}
	for i := n; i < n+2; i++ {
		fns = append(fns, func() int { i += 100; return i })
		future.Yield()
	}
}

//pinion:async
func Leaf(c *conn.Conn, n int) {
	var b [8]byte
	b[0] = byte(n)
	c.Keep(b[:])
	kept = append(kept, b[:])
}

var kept [][]byte

//pinion:async
func Twice() {
	var s node
	var c conn.Conn
	for n := 1; n <= 20; n += 10 {
		Global(n)
		Parameter(n + 1)
		Closure(n + 2)
		Result(n + 3)
		Sends(n + 4)
		Below(n + 5)
		ints = append(ints, Marked(n+6))
		ByInterface(&s, n+7)
		Loop(n + 8)
		Leaf(&c, n+9)
	}
}

func report() {
	for range 3 {
		runtime.GC()
		for range 1000 {
			garbage = append(garbage[:0:0], make([]int, 32)...)
		}
	}
	for _, p := range ints {
		fmt.Print(*p, " ")
	}
	for _, f := range fns {
		fmt.Print(f(), " ")
	}
	for len(ch) > 0 {
		fmt.Print(*<-ch, " ")
	}
	fmt.Println(kept)
	ints, fns, kept = nil, nil, nil
}

var garbage []int

func main() {
	Twice()
	report()
	f := TwiceAsync()
	future.Block(&f)
	f = TwiceFuture{}
	report()
}
` + conn

func TestPointersLeftBehindSeeTheirOwnVariables(t *testing.T) {
	t.Parallel()
	dir := module(t, dangling)
	env := []string{"GODEBUG=clobberfree=1", "GOGC=1"}
	out := runCompiled(t, dir, "./dangling", nil, env...)
	if lines := strings.Split(out, "\n"); lines[0] != lines[1] {
		t.Errorf("the blocking form and the compiled one print\n%s", out)
	}
	// Each of the variables would be missed, were it judged wrongly.
	wrong := []string{"Global x", "Parameter n", "Closure x", "Result r", "Sends x", "Below x", "Marked x", "ByInterface x", "Loop x", "Loop i", "Leaf b"}
	for _, w := range wrong {
		where, name, _ := strings.Cut(w, " ")
		out := runCompiled(t, dir, "./dangling", func(u *unit, file *ast.File) {
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || !u.marked[f] || f.Name.Name != where {
					continue
				}
				for obj := range u.candidates(f) {
					if obj.Name() == name {
						u.stays[obj] = true
					}
				}
				u.twins = nil
			}
		}, env...)
		if lines := strings.Split(out, "\n"); lines[0] == lines[1] {
			t.Errorf("nothing shows that %s of %s does not stay:\n%s", name, where, out)
		}
	}
}
