package streams

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// StandardLibrary returns the directory of the Go standard library's source, as
// the toolchain in the PATH has it.
func StandardLibrary(ctx context.Context) (dir string, ok bool) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", false
	}
	root := strings.TrimSpace(string(out))
	dir = filepath.Join(root, "src")
	if info, err := os.Stat(dir); root == "" || err != nil || !info.IsDir() {
		return "", false
	}
	return dir, true
}

//go:embed testdata/sample
var sample embed.FS

// sampleCopies is how often each file of the sample is read, so that there are
// many streams at once.
const sampleCopies = 256

// Sample returns the sources of the embedded sample, for machines without the
// standard library's source.
func Sample() []Source {
	const dir = "testdata/sample"
	entries, err := sample.ReadDir(dir)
	if err != nil {
		panic(err) // it is part of the program
	}
	var list []Source
	for _, e := range entries {
		b, err := sample.ReadFile(dir + "/" + e.Name())
		if err != nil {
			panic(err)
		}
		for i := range sampleCopies {
			list = append(list, BytesSource(fmt.Sprintf("sample/%s#%d", e.Name(), i+1), b))
		}
	}
	return list
}
