package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pinion-go/pinion/future/async"
)

// compile loads and compiles packages, by default the one in the current folder,
// for the command with this name. If that fails, it has said so, and returns no
// result but the exit status. note is what else is to be said of an interruption.
func compile(ctx context.Context, name, note string, cfg async.Config, args []string, std stdio) (*async.Result, int) {
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			complain(std.err, "%s: %s comes after %s: flags come first", name, arg, args[0])
			return nil, exitUsage
		}
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	p := newProgress(std.err)
	p.say("loading")
	cfg.Context = ctx
	cfg.Progress = func(done, total int) { p.say(fmt.Sprintf("compiling: %d of %d files", done, total)) }
	res, err := async.Compile(cfg, args...)
	p.clear()
	var load *async.LoadError
	switch {
	case ctx.Err() != nil:
		complain(std.err, "%s: interrupted%s", name, note)
		return nil, exitInterrupted
	case errors.As(err, &load):
		complainOf(std.err, name, load.Problems)
		return nil, exitUsage
	case err != nil:
		complain(std.err, "%s: %v", name, err)
		return nil, exitUsage
	}
	return res, exitOK
}

// buildFlags are the flags of the go command for a list of build tags.
func buildFlags(tags string) []string {
	if tags == "" {
		return nil
	}
	return []string{"-tags=" + tags}
}
