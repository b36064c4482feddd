package main

import (
	"fmt"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	modulePath = "pinioncorpus"
	pinionPath = "github.com/pinion-go/pinion"
	leafPath   = modulePath + "/leaf"
)

// A module is a temporary Go module that holds programs, each in a folder of its
// own, to be built with one command.
type module struct {
	dir string
}

// newModule makes a module below tmp. With a repo it can import pinion from there,
// and has the package of the leaf.
func newModule(tmp, repo string) (m *module, err error) {
	dir, err := os.MkdirTemp(tmp, "pinion-corpus-")
	if err != nil {
		return nil, err
	}
	m = &module{dir}
	defer func() {
		if err != nil {
			m.remove()
		}
	}()
	if repo == "" {
		return m, m.write("go.mod", "module "+modulePath+"\n\ngo 1.26.0\n")
	}
	sum, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		return nil, err
	}
	mod, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	if err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"go.mod":       requiring(string(mod), repo),
		"go.sum":       string(sum),
		"leaf/leaf.go": leafSource,
	} {
		if err := m.write(name, text); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// toolLine is a directive for the developers of the module that has it.
var toolLine = regexp.MustCompile(`(?m)^tool \((?s:.*?)\n\)\n|^tool .*\n`)

// requiring returns a go.mod with the versions of pinion's own, mod, that takes
// pinion from the folder repo.
func requiring(mod, repo string) string {
	mod = strings.Replace(mod, "module "+pinionPath+"\n", "module "+modulePath+"\n", 1)
	mod = toolLine.ReplaceAllString(mod, "")
	return mod + fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %[1]s => %q\n", pinionPath, repo)
}

func (m *module) write(name, text string) error {
	path := filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o666)
}

// add writes the sources of p, each changed by edit.
func (m *module) add(tests string, p program, edit func(name string, src []byte) ([]byte, error)) error {
	for _, name := range p.Sources {
		src, err := os.ReadFile(filepath.Join(tests, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if src, err = edit(name, src); err != nil {
			return err
		}
		if err := m.write("p/"+p.pkg()+"/"+fileName(name), string(src)); err != nil {
			return err
		}
	}
	return nil
}

// fileName returns a name for a source file that go build reads neither a platform
// nor a test into. A program's header alone says where it runs.
func fileName(name string) string {
	base := name[strings.LastIndex(name, "/")+1:]
	everywhere := build.Context{
		GOOS: build.Default.GOOS, GOARCH: build.Default.GOARCH,
		OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package main")), nil },
	}
	if ok, err := everywhere.MatchFile("", base); !ok || err != nil || strings.HasSuffix(base, "_test.go") {
		return "x" + strings.ReplaceAll(base, "_", "")
	}
	return base
}

// drop takes p out of the module.
func (m *module) drop(p program) error {
	return os.RemoveAll(filepath.Join(m.dir, "p", p.pkg()))
}

func (m *module) remove() error { return os.RemoveAll(m.dir) }
