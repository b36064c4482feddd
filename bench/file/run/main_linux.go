//go:build linux

// Command run measures reads of a file in several ways, taking turns, and prints medians as a
// Markdown table.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/pinion-go/pinion/bench/file"
)

func main() {
	runs := flag.Int("runs", 15, "measure each way this `many` times, taking turns")
	d := flag.Duration("for", 600*time.Millisecond, "the `time` of one measurement")
	cores := flag.Int("cores", 1, "`cores` of the goroutines; the futures have one loop")
	flag.Parse()
	if *runs < 1 || *cores < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "run: -runs and -cores want a number from 1; no arguments")
		os.Exit(2)
	}
	if err := run(*runs, *d, *cores); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// way is one way of reading, and what was measured of it, turn by turn.
type way struct {
	name    string
	measure func(name string, d time.Duration) (file.Result, error)
	results []file.Result
}

func run(runs int, d time.Duration, cores int) error {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "file")
	if err := file.Prepare(name); err != nil {
		return err
	}
	ways := []*way{
		{name: "goroutines, ReadAt", measure: func(name string, d time.Duration) (file.Result, error) { return file.Goroutines(name, d, cores) }},
		{name: "futures", measure: file.Futures},
		{name: "futures, aio.Buffers", measure: file.Pooled},
		{name: "bare ring", measure: file.Bare},
	}
	fmt.Printf("%s, %s/%s, %d cores, %s; %d turns of %v\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly), runs, d)
	for range runs {
		for _, w := range ways {
			r, err := w.measure(name, d)
			if err != nil {
				return err
			}
			w.results = append(w.results, r)
		}
	}
	fmt.Printf("| 4 KiB at random, cached, %d at once | reads/s | CPU each | times goroutines, of each turn |\n|---|---|---|---|\n", file.Depth)
	for _, w := range ways {
		fmt.Printf("| %s | %.0f | %v | %.2f (%.2f to %.2f) |\n", w.name,
			w.median(func(i int) float64 { return w.results[i].Reads }),
			time.Duration(w.median(func(i int) float64 { return float64(w.results[i].CPU) })).Round(time.Nanosecond),
			w.median(w.ratio(ways[0])), slices.Min(w.all(w.ratio(ways[0]))), slices.Max(w.all(w.ratio(ways[0]))))
	}
	return nil
}

// ratio returns the reads of a turn in those of another way in the same turn.
func (w *way) ratio(to *way) func(turn int) float64 {
	return func(i int) float64 { return w.results[i].Reads / to.results[i].Reads }
}

func (w *way) all(f func(turn int) float64) (v []float64) {
	for i := range w.results {
		v = append(v, f(i))
	}
	return v
}

func (w *way) median(f func(turn int) float64) float64 {
	v := w.all(f)
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
