package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// writeImportcfg writes a file in dir that says where each compiled package of the
// standard library is. Programs that call the compiler and the linker themselves
// read its name from the environment.
func writeImportcfg(ctx context.Context, dir string) (path string, err error) {
	const format = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"
	cmd := exec.CommandContext(ctx, "go", "list", "-p=1", "-export", "-f", format, "std")
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list -export std: %w", err)
	}
	path = filepath.Join(dir, "importcfg")
	return path, os.WriteFile(path, text, 0o666)
}
