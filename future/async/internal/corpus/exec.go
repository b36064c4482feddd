package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"
)

// maxMemory bounds the memory that a program can write to, in KiB: one that recurses
// without end must not take the machine with it.
const maxMemory = "8000000"

// exec runs the program p, built in m, in the test folder, as the Go project's own
// tests do, with env added to its environment.
func (c *corpus) exec(ctx context.Context, m *module, p program, env ...string) (outcome, error) {
	within, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	cmd := command(within, m.binary(p), p)
	cmd.Dir = c.tests
	cmd.Env = append(os.Environ(), "PWD="+c.tests, "GOENV=off", "GOFLAGS=", "STDLIB_IMPORTCFG="+c.importcfg)
	cmd.Env = append(cmd.Env, p.Env...)
	cmd.Env = append(cmd.Env, env...)
	stdout, stderr := newKept(), newKept()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = 2 * time.Second // for what it started and left behind
	err := cmd.Run()
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && within.Err() == nil {
		return outcome{}, err
	}
	o := outcome{
		Late:   within.Err() != nil,
		Stdout: string(stdout.text),
		Stderr: ownErrors(string(stderr.text)),
		Sum:    stdout.hex(),
	}
	if !o.Late {
		o.Status = cmd.ProcessState.ExitCode()
	}
	return o, nil
}
