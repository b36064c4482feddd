package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/pinion-go/pinion/cmd/pinion/internal/density"
	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
	"github.com/pinion-go/pinion/cmd/pinion/internal/streams"
	"github.com/pinion-go/pinion/future"
)

var runCommand = command{
	name:  "run",
	args:  "[FILE|DIR ...]",
	short: "read files as self-referential streams, park a million tasks, check and measure",
	long: `Run reads each file as a stream, with a self-referential future in pinned memory:
the files named, all regular files in and below the directories named, standard
input for "-", and by default the Go standard library's source. It does so twice,
with a future that is written by hand and with one that is compiled of an ordinary
function, and compares what both have counted with a plain reading. Then it parks a million futures and
as many goroutines, and prints what both cost.
`,
	bind: bindRun,
}

// runFlags are the flags of run.
type runFlags struct {
	streams      int
	chunk        int
	seed         uint64
	tasks        int
	noGoroutines bool
	json         bool
	dump         bool
	plant        string
}

// maxStreams bounds the memory that streams take: 10 KiB each.
const maxStreams = 1 << 16

func bindRun(fs *flag.FlagSet) func(context.Context, []string, stdio) int {
	var f runFlags
	fs.IntVar(&f.streams, "streams", 4096, "read up to `N` streams at once, at most 65536")
	fs.IntVar(&f.chunk, "chunk", 1024, "deliver chunks of 1 to `N` bytes")
	fs.Uint64Var(&f.seed, "seed", 1, "derive the sizes and the order of chunks from `S`")
	fs.IntVar(&f.tasks, "tasks", 1_000_000, "park `N` tasks, and then as many goroutines; 0 parks none")
	fs.BoolVar(&f.noGoroutines, "no-goroutines", false, "park no goroutines")
	fs.BoolVar(&f.json, "json", false, "print one JSON object instead of a table")
	fs.BoolVar(&f.dump, "dump", false, "print the live tasks to standard error when there are most of them")
	fs.StringVar(&f.plant, "plant", "", "commit a `FAULT` in one stream of each form and one task, to see it found and named:\n"+strings.Join(fault.Names(), ", "))
	return f.run
}

// check returns what is wrong with the flags' values, and the fault to be planted.
func (f *runFlags) check() (plant fault.Kind, err error) {
	switch {
	case f.streams < 1 || f.streams > maxStreams:
		return 0, fmt.Errorf("-streams %d: there must be 1 to %d streams at once", f.streams, maxStreams)
	case f.chunk < 1:
		return 0, fmt.Errorf("-chunk %d: a chunk has at least 1 byte", f.chunk)
	case f.tasks < 0 || f.tasks > density.MaxN:
		return 0, fmt.Errorf("-tasks %d: there can be 0 to %d tasks", f.tasks, density.MaxN)
	}
	if f.plant == "" {
		return fault.None, nil
	}
	plant, ok := fault.Parse(f.plant)
	if !ok || plant == fault.None {
		return 0, fmt.Errorf("-plant %s: the faults are %s", f.plant, strings.Join(fault.Names(), ", "))
	}
	return plant, nil
}

func (f *runFlags) run(ctx context.Context, args []string, std stdio) int {
	fail := func(err error) int {
		complain(std.err, "run: %v", err)
		return exitUsage
	}
	plant, err := f.check()
	if err != nil {
		return fail(err)
	}
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") && arg != "-" {
			return fail(fmt.Errorf("%s comes after %s: flags come first; a file of that name is ./%s", arg, args[max(0, i-1)], arg))
		}
	}
	if err := density.Fits(f.tasks, !f.noGoroutines); err != nil {
		return fail(err)
	}
	input, sources, err := inputs(ctx, args, std)
	if err != nil && ctx.Err() == nil {
		return fail(err)
	}

	rep := &report{input: input, seed: f.seed, faults: &fault.Ledger{}}
	line := newProgress(std.err)
	defer line.clear()
	dumps := newDumper(std.err, line)
	defer dumps.stop()

	err = f.measure(ctx, rep, sources, plant, line, dumps)
	line.clear()
	if plant != fault.None && err == nil && ctx.Err() == nil && rep.faults.Count(plant) == 0 {
		rep.faults.Add(plant, input, "a planted fault was not found; it takes a stream with data in it, or a task")
	}
	for _, finding := range rep.faults.List() {
		complain(std.err, "%s", finding)
	}
	if more := rep.faults.Total() - len(rep.faults.List()); more > 0 {
		complain(std.err, "and %d more", more)
	}
	if err != nil {
		complain(std.err, "run: %v", err)
		if rep.faults.Total() > 0 {
			return exitFault
		}
		return exitUsage
	}
	rep.interrupted = ctx.Err() != nil
	write := rep.table
	if f.json {
		write = rep.json
	}
	if err := write(std.out); err != nil {
		return fail(err)
	}
	switch {
	case rep.faults.Total() > 0:
		return exitFault
	case rep.interrupted:
		return exitInterrupted
	}
	return exitOK
}

// inputs returns what is to be read, and how it is called.
func inputs(ctx context.Context, args []string, std stdio) (name string, list []streams.Source, err error) {
	if len(args) == 0 {
		dir, ok := streams.StandardLibrary(ctx)
		if !ok {
			return "the embedded sample", streams.Sample(), nil
		}
		args = []string{dir}
	}
	if i := slices.Index(args, "-"); i >= 0 && slices.Contains(args[i+1:], "-") {
		return "", nil, errors.New("- is given twice; standard input can be read once")
	}
	list, err = streams.List(ctx, args, std.in)
	if len(args) > maxShown {
		args = append(slices.Clip(args[:maxShown]), fmt.Sprintf("and %d more", len(args)-maxShown))
	}
	return strings.Join(args, " "), list, err
}

// maxShown is how many arguments are repeated in a report.
const maxShown = 4

// measure does the parts of the run one after the other.
func (f *runFlags) measure(ctx context.Context, rep *report, sources []streams.Source, plant fault.Kind, line *progress, dumps *dumper) (err error) {
	rep.streams, err = streams.Run(ctx, streams.Config{
		Sources: sources,
		AtOnce:  f.streams,
		Chunk:   f.chunk,
		Seed:    f.seed,
		Faults:  rep.faults,
		Plant:   plant,
		Suspended: func(rt *future.Runtime) {
			dumps.watch(rt.Tasks)
			if f.dump {
				dumps.print(ctx)
			}
		},
		Progress: line.streams,
	})
	dumps.watch(nil)
	if err != nil || ctx.Err() != nil {
		return err
	}
	line.say("timing wakes, spawns and pins")
	if rep.times, err = measure.Pairs(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	if f.tasks == 0 {
		return nil
	}
	park := density.Config{
		N: f.tasks, Faults: rep.faults, Plant: plant, Stage: line.say,
		Began: func(l *future.Loop) { dumps.watch(l.Tasks) },
		Parked: func() {
			if f.dump {
				dumps.print(ctx)
			}
		},
	}
	rep.tasks, err = density.Tasks(ctx, park)
	dumps.watch(nil)
	if err != nil || ctx.Err() != nil || f.noGoroutines {
		return err
	}
	rep.goroutines, err = density.Goroutines(ctx, park)
	return err
}
