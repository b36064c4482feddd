package main

import (
	"context"
	"flag"
	"io"
	"strings"
	"testing"
)

func TestHelpIsPrintedWhenItIsAskedFor(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}, {"-help"}, {"help", "help"}} {
		status, out, err := pinion(t, "", args...)
		if status != exitOK || err != "" || !strings.Contains(out, "\trun     ") || !strings.Contains(out, "\thelp    ") {
			t.Errorf("%q: status %d, standard error %q, standard output:\n%s", args, status, err, out)
		}
	}
	for _, args := range [][]string{{"run", "-h"}, {"run", "--help"}, {"help", "run"}} {
		status, out, err := pinion(t, "", args...)
		if status != exitOK || err != "" || !strings.HasPrefix(out, "usage: pinion run [flags] [FILE|DIR ...]\n") {
			t.Errorf("%q: status %d, standard error %q, standard output:\n%s", args, status, err, out)
		}
		for _, f := range []string{"-streams", "-chunk", "-seed", "-tasks", "-no-goroutines", "-json", "-dump", "-plant"} {
			if !strings.Contains(out, "  "+f) {
				t.Errorf("%q does not explain %s", args, f)
			}
		}
	}
}

func TestNoCommandIsAnErrorWithHelp(t *testing.T) {
	status, out, err := pinion(t, "")
	if status != exitUsage || out != "" || !strings.Contains(err, "usage: pinion <command>") {
		t.Errorf("status %d, standard output %q, standard error:\n%s", status, out, err)
	}
}

func TestUnknownCommandsAndFlagsAreRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		why  string
	}{
		{[]string{"rum"}, `unknown command "rum"`},
		{[]string{"help", "rum"}, `unknown command "rum"`},
		{[]string{"-json"}, `unknown command "-json"`},
		{[]string{""}, `unknown command ""`},
		{[]string{"run", "-speed", "9"}, "-speed"},
		{[]string{"run", "-tasks"}, "-tasks"},
		{[]string{"run", "-tasks", "many"}, `"many"`},
		{[]string{"run", "-tasks", "-1"}, "-tasks -1"},
		{[]string{"run", "-tasks", "99999999999999999999"}, "-tasks"},
		{[]string{"run", "-streams", "0"}, "-streams 0"},
		{[]string{"run", "-streams", "65537"}, "-streams 65537"},
		{[]string{"run", "-chunk", "0"}, "-chunk 0"},
		{[]string{"run", "-seed", "-1"}, "-seed"},
		{[]string{"run", "-plant", "weeds"}, "-plant weeds: the faults are mismatch,"},
		{[]string{"run", "-plant", "none"}, "-plant none"},
		{[]string{"run", "main.go", "-json"}, "-json comes after main.go: flags come first"},
	} {
		status, out, err := pinion(t, "", c.args...)
		t.Run(strings.Join(c.args, " "), func(t *testing.T) { refused(t, status, out, err, c.why) })
	}
}

// TestCommandsGetTheirFlagsAndArguments shows how further commands come in.
func TestCommandsGetTheirFlagsAndArguments(t *testing.T) {
	var got []string
	c := command{name: "echo", bind: func(fs *flag.FlagSet) func(context.Context, []string, stdio) int {
		loud := fs.Bool("loud", false, "")
		return func(_ context.Context, args []string, std stdio) int {
			in, _ := io.ReadAll(std.in)
			got = append(args, string(in))
			if *loud {
				got = append(got, "!")
			}
			return 7
		}
	}}
	status := c.run(t.Context(), []string{"-loud", "a", "b"}, stdio{strings.NewReader("in"), io.Discard, io.Discard})
	if want := "a b in !"; status != 7 || strings.Join(got, " ") != want {
		t.Errorf("status %d, got %q, want %q", status, got, want)
	}
}
