package async

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkThousandFunctions compiles a package of 1,000 functions that await
// each other, build cache warm. To compare: go vet of the package that comes out.
func BenchmarkThousandFunctions(b *testing.B) {
	const files, each = 20, 50
	dir := module(b, "")
	for k := range files {
		var src strings.Builder
		src.WriteString("package p\n\nimport (\n\t\"bufio\"\n\t\"context\"\n\t\"net/http\"\n)\n")
		for i := range each {
			fmt.Fprintf(&src, `
//pinion:async
func F%d(ctx context.Context, r *bufio.Reader, w http.ResponseWriter, n int) (sum int, err error) {
	var buf [64]byte
	for i := range n {
		m, err := r.Read(buf[:])
		if err != nil {
			return sum, err
		}
		if sum += m; n%%3 == 0 {
			k, err := F%d(ctx, r, w, n-1)
			if err != nil {
				return k + sum, err
			}
		}
		defer w.WriteHeader(200 + i)
	}
	return sum, ctx.Err()
}
`, k*each+i, (k*each+i+1)%(files*each))
		}
		write(b, filepath.Join(dir, fmt.Sprintf("p/f%d.go", k)), src.String())
	}
	b.Run("compile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := Compile(Config{Dir: dir, Env: offline()}, "./p")
			if err != nil || len(r.Errors) > 0 || len(r.Outputs) != files {
				b.Fatalf("%v, %v", err, r)
			}
			if err := r.Write(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("vet", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command("go", "vet", "./p")
			cmd.Dir, cmd.Env = dir, offline()
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
		}
	})
}
