package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runCommand(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// runCommand is the command. It returns the exit status: 0 if all is as the lists
// say, 1 if not, 2 if that could not be found out.
func runCommand(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		var r *report
		if r, err = o.run(ctx, stderr); err == nil {
			if o.json {
				err = r.json(stdout)
			} else {
				r.text(stdout)
			}
			if err == nil && r.Wrong > 0 {
				return 1
			}
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "corpus:", err)
		return 2
	}
	return 0
}

type options struct {
	corpus corpus
	match  *regexp.Regexp
	size   int
	json   bool
	resume string        // file with the results so far, or ""
	within time.Duration // begin no batch later than this; 0 is without end
	own    bool          // the test folder is not that of the Go installation
}

func parseFlags(args []string, stderr io.Writer) (*options, error) {
	fs := flag.NewFlagSet("corpus", flag.ContinueOnError)
	fs.SetOutput(stderr)
	tests := fs.String("tests", "", "the Go project's test `folder` (default that of the Go installation)")
	match := fs.String("run", "", "only programs whose names match this `regexp`")
	form := fs.String("form", "compiled", "`compiled`, or blocking: the transformed programs as ordinary Go")
	schedule := fs.String("schedule", "ready,pending,random", "a comma-separated `list` of what the points before each statement are")
	seed := fs.Uint64("seed", 1, "of the schedule random")
	size := fs.Int("batch", 50, "how many programs to build with one command")
	limit := fs.Duration("limit", time.Minute, "how long a program may run")
	cache := fs.String("cache", "", "`folder` for what the programs do as they are (default in the user's cache)")
	resume := fs.String("resume", "", "`file` of results: leave out the programs that are in it, and add the others")
	within := fs.Duration("within", 0, "begin no batch after this time (default no limit)")
	keep := fs.Bool("keep", false, "leave the modules of the transformed programs, and say where")
	asJSON := fs.Bool("json", false, "report as JSON")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	o := &options{size: *size, json: *asJSON, own: *tests != "", resume: *resume, within: *within}
	c := &o.corpus
	c.limit, c.keep, c.tests = *limit, *keep, *tests
	var err error
	if o.match, err = regexp.Compile(*match); err != nil {
		return nil, err
	}
	if o.size < 1 {
		return nil, fmt.Errorf("-batch %d: want at least 1", o.size)
	}
	if err := c.setForm(*form); err != nil {
		return nil, err
	}
	if err := c.setSchedule(*schedule, *seed); err != nil {
		return nil, err
	}
	if c.tests == "" {
		goroot, err := goEnv("GOROOT")
		if err != nil {
			return nil, err
		}
		c.tests = filepath.Join(goroot, "test")
	}
	mod, err := goEnv("GOMOD")
	if err != nil {
		return nil, err
	}
	c.repo = filepath.Dir(mod)
	if c.store.dir = *cache; c.store.dir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		c.store.dir = filepath.Join(dir, "pinion-corpus")
	}
	c.store.tests = c.tests
	return o, os.MkdirAll(c.store.dir, 0o777)
}

func (c *corpus) setForm(name string) error {
	switch name {
	case "blocking":
		c.form = blocking
	case "compiled":
		c.form, c.compile = compiled, compileAsync
	default:
		return fmt.Errorf("-form %s: want compiled or blocking", name)
	}
	return nil
}

func (c *corpus) setSchedule(names string, seed uint64) error {
	for name := range strings.SplitSeq(names, ",") {
		switch name {
		case "ready", "pending":
		case "random":
			name = fmt.Sprintf("random:%d", seed)
		default:
			return fmt.Errorf("-schedule %s: want a list of ready, pending and random", names)
		}
		c.schedules = append(c.schedules, name)
	}
	return nil
}

func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// run judges all programs that match. Progress goes to w, with what is wrong as it
// is found.
func (o *options) run(ctx context.Context, w io.Writer) (*report, error) {
	start := time.Now()
	programs, err := findPrograms(o.corpus.tests)
	if err != nil {
		return nil, err
	}
	if o.corpus.excluded, err = parseList("excluded.txt", excludedText); err != nil {
		return nil, err
	}
	if o.corpus.rejected, err = parseList("rejected.txt", rejectedText); err != nil {
		return nil, err
	}
	for _, l := range []list{o.corpus.excluded, o.corpus.rejected} {
		if names := l.unknown(programs); len(names) > 0 && !o.own {
			slices.Sort(names)
			return nil, fmt.Errorf("in a list, but not among the programs: %s", strings.Join(names, " "))
		}
	}
	programs = slices.DeleteFunc(programs, func(p program) bool { return !o.match.MatchString(p.Name) })
	if o.corpus.tmp, err = os.MkdirTemp("", "pinion-corpus-"); err != nil {
		return nil, err
	}
	if o.corpus.keep {
		fmt.Fprintln(w, "modules are in", o.corpus.tmp)
	} else {
		defer os.RemoveAll(o.corpus.tmp)
	}
	if o.corpus.importcfg, err = writeImportcfg(ctx, o.corpus.tmp); err != nil {
		return nil, err
	}
	r := &report{}
	var j *journal
	if o.resume != "" {
		var results []result
		if j, results, err = openJournal(o.resume); err != nil {
			return nil, err
		}
		defer j.close()
		r.add(results)
		programs = slices.DeleteFunc(programs, func(p program) bool { return j.done[p.Name] })
	}
	all := r.Total + len(programs)
	for _, batch := range batches(programs, o.size) {
		if o.within > 0 && time.Since(start) > o.within {
			break
		}
		results, err := o.corpus.batch(ctx, batch)
		if err == nil {
			err = j.add(results)
		}
		if err != nil {
			return nil, err
		}
		r.add(results)
		wrong(w, results)
		fmt.Fprintf(w, "%d/%d: %s\n", r.Total, all, r.line())
	}
	if err := j.close(); err != nil {
		return nil, err
	}
	r.Left = all - r.Total
	r.Seconds = time.Since(start).Seconds()
	r.sort()
	return r, nil
}
