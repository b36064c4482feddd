package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/future/async"
)

// The package that is compiled: so many files of so many functions.
const (
	packageFiles = 20
	perFile      = 50
)

func compilerPairs() []Pair {
	return []Pair{{
		Name: "Compiler", What: fmt.Sprintf("the compiler on %d async functions, one file changed, build cache warm", packageFiles*perFile),
		Ours: Side{"pinion async", func(b *testing.B) { compile(b, pinionAsync) }}, Theirs: Side{"go vet of its output", func(b *testing.B) { compile(b, goVet) }},
		Limit: 5, Unit: "s",
	}}
}

// compile measures what do needs, after one of the package's files has changed.
func compile(b *testing.B, do func(dir string) error) {
	dir, err := asyncPackage(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for _, warm := range []func(dir string) error{pinionAsync, do} {
		if err := warm(dir); err != nil {
			b.Fatal(err)
		}
	}
	var spent time.Duration
	for range b.N {
		changed := asyncFile(0, time.Now().UnixNano())
		if err := os.WriteFile(filepath.Join(dir, "p", "f0.go"), []byte(changed), 0o666); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := do(dir); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(start)
	}
	b.ReportMetric(spent.Seconds()/float64(b.N), "s")
	b.ReportMetric(0, "ns/op") // the same with the changes
}

func pinionAsync(dir string) error {
	r, err := async.Compile(async.Config{Dir: dir}, "./p")
	if err != nil {
		return err
	}
	if len(r.Errors) > 0 {
		return r.Errors[0]
	}
	return r.Write()
}

func goVet(dir string) error {
	cmd := exec.Command("go", "vet", "./p")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("bench: go vet: %w\n%s", err, out)
	}
	return nil
}

// asyncPackage writes the package, in a module of its own that uses this
// repository's.
func asyncPackage(dir string) (string, error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pinion-go/pinion")
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("bench: where pinion is: %w; run this in the folder bench", err)
	}
	repo := strings.TrimSpace(string(out))
	mod, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	if err != nil {
		return "", err
	}
	sum, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		return "", err
	}
	files := map[string]string{
		"go.sum": string(sum),
		"go.mod": "module example.com/m\n\ngo 1.26.0\n\nrequire github.com/pinion-go/pinion v0.0.0\n\nrequire " +
			regexp.MustCompile(`golang.org/x/sys v\S+`).FindString(string(mod)) + " // indirect\n\nreplace github.com/pinion-go/pinion => " + repo + "\n",
	}
	for k := range packageFiles {
		files[fmt.Sprintf("p/f%d.go", k)] = asyncFile(k, 1)
	}
	files["p/leaf.go"] = leafFile
	if err := os.Mkdir(filepath.Join(dir, "p"), 0o777); err != nil {
		return "", err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// depth is how deep the functions' calls of each other go: a frame holds the frames
// of those that it awaits.
const depth = 5

// asyncFile is the source of one file: handlers that read, and await each other.
func asyncFile(k int, first int64) string {
	var src strings.Builder
	src.WriteString(`package p

import (
	"bufio"
	"context"
	"net/http"

	"github.com/pinion-go/pinion/future"
)
`)
	for i := range perFile {
		child := fmt.Sprintf("F%d", k*perFile+i+1)
		if (i+1)%depth == 0 {
			child = "leaf"
		}
		fmt.Fprintf(&src, `
//pinion:async
func F%d(ctx context.Context, r *bufio.Reader, w http.ResponseWriter, c *future.Chan[int], n int) (sum int, err error) {
	var buf [64]byte
	for i := range n {
		v, err := c.Recv()
		if err != nil {
			return sum, err
		}
		m, err := r.Read(buf[:v%%len(buf)])
		if err != nil {
			return sum, err
		}
		if sum += m; n%%3 == 0 {
			k, err := %s(ctx, r, w, c, n-%d)
			if err != nil {
				return k + sum, err
			}
		}
		switch {
		case m > 10:
			future.Yield()
		case m > 5:
			if err := c.Send(m); err != nil {
				return i, err
			}
		}
	}
	defer w.WriteHeader(200)
	return sum, ctx.Err()
}
`, k*perFile+i, child, first)
	}
	return src.String()
}

const leafFile = `package p

import (
	"bufio"
	"context"
	"net/http"

	"github.com/pinion-go/pinion/future"
)

//pinion:async
func leaf(ctx context.Context, r *bufio.Reader, w http.ResponseWriter, c *future.Chan[int], n int) (int, error) {
	future.Yield()
	return r.Buffered() + n, ctx.Err()
}
`
