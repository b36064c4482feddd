//go:build !unix

package main

import (
	"context"
	"os/exec"
)

// command runs p's binary. It ends with ctx; what it has started may go on.
func command(ctx context.Context, binary string, p program) *exec.Cmd {
	return exec.CommandContext(ctx, binary, p.Args...)
}
