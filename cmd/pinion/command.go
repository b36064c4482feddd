package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
)

// Exit statuses; see the package comment.
const (
	exitOK          = 0
	exitFault       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// command is a subcommand.
type command struct {
	name  string
	args  string // behind the flags, in its usage line
	short string // one line for the list of commands
	long  string // the text above its flags
	// bind declares the command's flags and returns the function that does the
	// work and returns the exit status.
	bind func(fs *flag.FlagSet) func(ctx context.Context, args []string, std stdio) int
}

// commands are all there are but help, in the order of the help text.
var commands = []command{runCommand, asyncCommand, sizesCommand, echoCommand}

// run carries out a command line, without the program's name, and returns the
// exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	std := stdio{stdin, stdout, stderr}
	if len(args) == 0 {
		help(stderr)
		return exitUsage
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(args) == 0 {
			help(stdout)
			return exitOK
		}
		name, args = args[0], []string{"-h"}
		if name == "help" {
			help(stdout)
			return exitOK
		}
	}
	for i := range commands {
		if commands[i].name == name {
			return commands[i].run(ctx, args, std)
		}
	}
	complain(stderr, "unknown command %q; pinion help lists the commands", name)
	return exitUsage
}

// run parses the flags and carries out the command.
func (c *command) run(ctx context.Context, args []string, std stdio) int {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	do := c.bind(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		c.help(std.out, fs)
		return exitOK
	case err != nil:
		complain(std.err, "%s: %v; pinion %s -h lists the flags", c.name, err, c.name)
		return exitUsage
	}
	return do(ctx, fs.Args(), std)
}

// help prints the command's help.
func (c *command) help(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "usage: pinion %s [flags] %s\n\n%s\nFlags:\n", c.name, c.args, c.long)
	fs.SetOutput(w)
	fs.PrintDefaults()
}

// help prints the list of commands.
func help(w io.Writer) {
	fmt.Fprint(w, "Pinion shows what futures that never move can do, on real input, and checks it.\n\n"+
		"usage: pinion <command> [flags] [arguments]\n\nThe commands are:\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "\t%-8s%s\n", c.name, c.short)
	}
	fmt.Fprintf(w, "\t%-8s%s\n\n", "help", "print this text, or that of a command")
	fmt.Fprint(w, "To see it all: pinion run\n")
}

// complain prints an error.
func complain(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, "pinion: "+format+"\n", args...)
}
