package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// build builds all programs of the module into its folder bin, with the flags and
// variables of the first: programs that differ in those are not built together.
// It returns what the go command says of each that does not build, by its pkg.
func (m *module) build(ctx context.Context, programs []program) (failed map[string]string, err error) {
	failed = map[string]string{}
	for len(programs) > 0 {
		out, err := m.goBuild(ctx, programs)
		if err == nil || ctx.Err() != nil {
			return failed, ctx.Err()
		}
		said := splitBuildOutput(out)
		var missing []program
		known := len(failed)
		for _, p := range programs {
			if why := said[p.pkg()]; why != "" {
				failed[p.pkg()] = why
			} else if _, err := os.Stat(m.binary(p)); err != nil {
				missing = append(missing, p)
			}
		}
		if len(missing) > 0 && len(failed) == known {
			return nil, fmt.Errorf("go build in %s: %w\n%s", m.dir, err, out)
		}
		// A package that cannot even be loaded keeps all others from being built.
		programs = missing
	}
	return failed, nil
}

func (m *module) goBuild(ctx context.Context, programs []program) (out []byte, err error) {
	args := []string{"build", "-mod=mod", "-ldflags=-w", "-o", "bin" + string(filepath.Separator)}
	args = append(args, programs[0].Flags...)
	for _, p := range programs {
		args = append(args, "./p/"+p.pkg())
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(goEnviron(m.dir), programs[0].Env...)
	return cmd.CombinedOutput()
}

// goEnviron is the environment for the go command in a module in dir, which no
// workspace around it has a part in.
func goEnviron(dir string) []string {
	return append(os.Environ(), "PWD="+dir, "GOWORK=off", "GOFLAGS=-buildvcs=false")
}

// splitBuildOutput sorts the lines of the go command's output by package. It
// starts those of a package with "# " and its path.
func splitBuildOutput(out []byte) map[string]string {
	failed := map[string]string{}
	pkg := ""
	for line := range bytes.Lines(out) {
		if path, ok := strings.CutPrefix(string(line), "# "+modulePath+"/p/"); ok {
			pkg = strings.TrimSpace(path)
			continue
		}
		if rest, ok := strings.CutPrefix(string(line), "p/"); ok && pkg == "" {
			// An error of loading, which has the file's path alone.
			name, _, _ := strings.Cut(filepath.ToSlash(rest), "/")
			failed[name] += string(line)
			continue
		}
		failed[pkg] += string(line)
	}
	return failed
}

func (m *module) binary(p program) string {
	name := p.pkg()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(m.dir, "bin", name)
}
