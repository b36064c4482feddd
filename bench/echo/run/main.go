//go:build linux

// Command run measures echo servers beside each other, taking turns, and prints the result
// as Markdown tables: medians, and the medians of the ratios turn by turn beside the marks
// that they are held to.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"time"

	"github.com/pinion-go/pinion/bench/echo"
)

func main() {
	echo.Child()
	runs := flag.Int("runs", 15, "measure each server this `many` times, taking turns")
	d := flag.Duration("for", 600*time.Millisecond, "the `time` of one measurement")
	only := flag.String("run", "", "measure only the cases whose names match this `regexp`")
	asJSON := flag.Bool("json", false, "print one JSON object for each measurement instead of tables")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	if err != nil || *runs < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "run: -run wants a regular expression, -runs a number from 1; no arguments:", err)
		os.Exit(2)
	}
	if err := run(pattern, *runs, *d, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(pattern *regexp.Regexp, runs int, d time.Duration, asJSON bool) error {
	if !asJSON {
		fmt.Printf("%s, %s/%s, %d cores, %s; %d turns of %v\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly), runs, d)
	}
	show := func(v any) {
		if asJSON {
			json.NewEncoder(os.Stdout).Encode(v)
		}
	}
	found := results{echoes: make(map[string][]echo.Result), idle: make(map[string][]float64)}
	for _, c := range cases {
		if !pattern.MatchString(c.name) {
			continue
		}
		first := len(found.echoes) == 0
		for range runs {
			for _, s := range c.servers {
				r, err := echo.Measure(echo.Case{Server: s.name, Conns: c.conns, Size: c.size, Cores: s.cores, For: d})
				if err != nil {
					return err
				}
				found.add(c, s, r)
				show(r)
			}
		}
		if asJSON {
			continue
		}
		if first {
			fmt.Println(head)
		}
		for _, s := range c.servers {
			fmt.Println(found.row(c, s))
		}
	}
	if pattern.MatchString("idle") {
		for range runs {
			for _, s := range []string{aio.name, net512} {
				b, err := echo.Idle(s, 1000, 10_000)
				if err != nil {
					return err
				}
				found.idle[s] = append(found.idle[s], b)
				show(map[string]any{"Server": s, "IdleBytes": b})
			}
		}
	}
	if !asJSON {
		fmt.Println()
		fmt.Print(found.marks())
	}
	return nil
}
