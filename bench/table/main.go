// Command table measures pinion beside what a Go program would use instead and
// prints the result as a Markdown table: medians of several interleaved runs,
// the median of their ratios turn by turn, and the mark that the ratio or the figure is
// held to.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/bench"
)

func main() {
	bench.Child()
	testing.Init()
	runs := flag.Int("runs", 7, "measure each side this `many` times, taking turns")
	each := flag.Duration("each", 100*time.Millisecond, "the least `time` that one measurement takes")
	only := flag.String("run", "", "measure only the pairs whose names match this `regexp`")
	asJSON := flag.Bool("json", false, "print one JSON object a line instead of a table")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	if err != nil || *runs < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "table: -run wants a regular expression, -runs a number from 1; no arguments:", cmp.Or(err, fmt.Errorf("runs=%d args=%q", *runs, flag.Args())))
		os.Exit(2)
	}
	flag.Set("test.benchtime", each.String())

	if !*asJSON {
		fmt.Printf("%s, %s/%s, %d cores, %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly))
		fmt.Println("| what | pinion | allocs | instead | | ratio | mark | |\n|---|--:|--:|--:|---|--:|--:|---|")
	}
	for _, p := range bench.Pairs() {
		if !pattern.MatchString(p.Name) {
			continue
		}
		n := *runs
		if p.Slow() {
			n = min(n, 3) // each measures a million of something, or ten
		}
		r := measure(p, n)
		if *asJSON {
			json.NewEncoder(os.Stdout).Encode(r)
			continue
		}
		fmt.Println(r.row(p))
	}
}

type result struct {
	Name               string
	Unit               string
	Ours, Theirs       float64
	Ratio              float64
	Mark, Limit, More  float64 `json:",omitzero"`
	Allocs             int64
	Reached            bool
	TheirName          string
	OurRuns, TheirRuns []float64
}

// measure takes turns, so that what else the machine does falls on both sides.
func measure(p bench.Pair, runs int) result {
	r := result{Name: p.Name, Unit: p.Unit, Mark: p.Mark, Limit: p.Limit, More: p.More, TheirName: p.Theirs.Name}
	var ratios []float64 // of one turn each: the machine's pace drifts from turn to turn
	for range runs {
		ours, theirs := testing.Benchmark(p.Ours.Run), testing.Benchmark(p.Theirs.Run)
		r.OurRuns = append(r.OurRuns, metric(ours, p.Unit))
		r.TheirRuns = append(r.TheirRuns, metric(theirs, p.Unit))
		r.Allocs = max(r.Allocs, ours.AllocsPerOp())
		ratios = append(ratios, metric(ours, p.Unit)/metric(theirs, p.Unit))
	}
	r.Ours, r.Theirs = median(r.OurRuns), median(r.TheirRuns)
	r.Ratio = median(ratios)
	r.Reached = (p.Mark == 0 || r.Ratio <= p.Mark) && (p.Limit == 0 || r.Ours <= p.Limit) && (p.More == 0 || r.Ours-r.Theirs <= p.More) && (!p.Allocs || r.Allocs == 0)
	return r
}

func metric(r testing.BenchmarkResult, unit string) float64 {
	if v, ok := r.Extra[unit]; ok {
		return v
	}
	return float64(r.T.Nanoseconds()) / float64(max(r.N, 1))
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func (r result) row(p bench.Pair) string {
	var marks []string
	if r.Mark != 0 {
		marks = append(marks, "≤ "+ratio(r.Mark))
	}
	if r.Limit != 0 {
		marks = append(marks, fmt.Sprintf("≤ %g %s", r.Limit, r.Unit))
	}
	if r.More != 0 {
		marks = append(marks, fmt.Sprintf("≤ %g %s more", r.More, r.Unit))
	}
	verdict := ""
	if len(marks) > 0 {
		verdict = "missed"
		if r.Reached {
			verdict = "reached"
		}
	}
	allocs := ""
	if p.Allocs {
		allocs = fmt.Sprint(r.Allocs)
	}
	return fmt.Sprintf("| %s | %s %s | %s | %s %s | %s | %s | %s | %s |", p.What, figure(r.Ours), r.Unit, allocs, figure(r.Theirs), r.Unit, r.TheirName, ratio(r.Ratio), strings.Join(marks, ", "), verdict)
}

func figure(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// ratio prints small ratios as fractions.
func ratio(v float64) string {
	if v < 0.8 {
		return fmt.Sprintf("1/%.3g", 1/v)
	}
	return fmt.Sprintf("%.2f", v)
}
