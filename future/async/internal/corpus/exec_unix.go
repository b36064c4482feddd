//go:build unix

package main

import (
	"context"
	"os/exec"
	"slices"
	"syscall"
)

// command runs p's binary with bounded memory and in a process group of its own,
// all of which ends with ctx. The race detector has no room in those bounds.
func command(ctx context.Context, binary string, p program) *exec.Cmd {
	limit := maxMemory
	if slices.Contains(p.Flags, "-race") {
		limit = "unlimited"
	}
	args := append([]string{"-c", `ulimit -c 0; ulimit -d ` + limit + `; exec "$0" "$@"`, binary}, p.Args...)
	cmd := exec.CommandContext(ctx, "sh", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
