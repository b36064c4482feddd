package async

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestOutputNamesKeepWhatTheGoCommandReadsInThem(t *testing.T) {
	for name, want := range map[string]string{
		"x.go":                    "x_async.go",
		"x_test.go":               "x_async_test.go",
		"x_linux.go":              "x_async_linux.go",
		"x_arm64.go":              "x_async_arm64.go",
		"x_linux_test.go":         "x_async_linux_test.go",
		"x_linux_amd64.go":        "x_async_linux_amd64.go",
		"x_linux_amd64_test.go":   "x_async_linux_amd64_test.go",
		"x_y_z.go":                "x_y_z_async.go",
		"linux.go":                "linux_async.go",
		"linux_amd64.go":          "linux_async_amd64.go",
		"amd64_linux.go":          "amd64_async_linux.go",
		"x_unix.go":               "x_unix_async.go", // not a constraint
		"x_async.go":              "x_async_async.go",
		"x.pb.go":                 "x_async.pb.go",
		"x_linux.pb.go":           "x_async_linux.pb.go",
		"x.pb_linux.go":           "x_async.pb_linux.go", // read before the first dot
		"x.pb_test.go":            "x_async.pb_test.go",
		"x_linux.pb_test.go":      "x_async_linux.pb_test.go",
		"x_test.pb.go":            "x_test_async.pb.go",
		"x_windows_test.pb.go":    "x_async_windows_test.pb.go",
		"test.go":                 "test_async.go",
		"x_linux_async.go":        "x_linux_async_async.go",
		"x_linux_windows.go":      "x_linux_async_windows.go",
		"été_linux.go":            "été_async_linux.go",
		"x_amd64_linux_test.go":   "x_amd64_async_linux_test.go",
		"x_wasip1_wasm.go":        "x_async_wasip1_wasm.go",
		"x__linux.go":             "x__async_linux.go",
		"http_server_darwin.go":   "http_server_async_darwin.go",
		"http_server_darwin_s.go": "http_server_darwin_s_async.go",
	} {
		if got := outputName(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

// For every system and shape of name, a file and its output are for the same
// systems, and both are tests or neither is.
func TestOutputsAreBuiltWhereTheirSourcesAre(t *testing.T) {
	match := func(goos, goarch, name string) bool {
		c := build.Default
		c.GOOS, c.GOARCH = goos, goarch
		c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil }
		ok, err := c.MatchFile(".", name)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for _, goos := range slices.Sorted(maps.Keys(knownOS)) {
		for _, goarch := range []string{"amd64", "wasm", "sparc64"} {
			for _, shape := range []string{"x", "x_OS", "x_ARCH", "x_OS_ARCH", "OS", "OS_ARCH", "ARCH_OS", "x_OS.pb", "x.OS", "x.y_OS", "x_test_OS", "x_OS_test.pb", "x_OS_y"} {
				for _, end := range []string{".go", "_test.go"} {
					name := strings.NewReplacer("OS", goos, "ARCH", goarch).Replace(shape) + end
					out := outputName(name)
					if strings.HasSuffix(name, "_test.go") != strings.HasSuffix(out, "_test.go") {
						t.Fatalf("%s becomes %s", name, out)
					}
					for _, sys := range [][2]string{{goos, goarch}, {"plan9", goarch}, {goos, "mips"}, {"plan9", "mips"}} {
						if match(sys[0], sys[1], name) != match(sys[0], sys[1], out) {
							t.Fatalf("%s becomes %s, and only one of them is built for %s", name, out, sys)
						}
					}
				}
			}
		}
	}
}

func TestSystemsAreThoseThatTheGoCommandKnows(t *testing.T) {
	file := filepath.Join(runtime.GOROOT(), "src/internal/syslist/syslist.go")
	if _, err := os.Stat(file); err != nil {
		t.Skip("the standard library's source is not here")
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		ours map[string]bool
	}{{"KnownOS", knownOS}, {"KnownArch", knownArch}} {
		theirs := make(map[string]bool)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == c.name {
				for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
					theirs[strings.Trim(e.(*ast.KeyValueExpr).Key.(*ast.BasicLit).Value, `"`)] = true
				}
			}
			return true
		})
		if !maps.Equal(c.ours, theirs) {
			t.Errorf("%s: %v, want %v", c.name, c.ours, theirs)
		}
	}
}

func TestFutureNamesAreExportedWithTheirFunctions(t *testing.T) {
	for _, c := range [][3]string{
		{"", "Serve", "ServeFuture"},
		{"", "serve", "serveFuture"},
		{"", "_x", "_xFuture"},
		{"", "世界", "世界Future"},
		{"Recv", "Method", "RecvMethodFuture"},
		{"recv", "method", "recvMethodFuture"},
		{"recv", "Method", "RecvMethodFuture"},
		{"Recv", "method", "recvMethodFuture"},
		{"HTTPConn", "read", "hTTPConnReadFuture"},
		{"élan", "Vital", "ÉlanVitalFuture"},
		{"世", "界", "世界Future"},
		{"_list", "remove", "_listremoveFuture"},
	} {
		got := futureName(c[0], c[1])
		if got != c[2] {
			t.Errorf("the future of %q.%q is %s, want %s", c[0], c[1], got, c[2])
		}
		if !token.IsIdentifier(got) || token.IsExported(got) != token.IsExported(c[1]) {
			t.Errorf("the future of %q.%q is %s", c[0], c[1], got)
		}
	}
}
