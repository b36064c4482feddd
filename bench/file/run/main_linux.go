// Command run measures reads of a file, taking turns.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pinion-go/pinion/bench/file"
)

func main() {
	runs := flag.Int("runs", 3, "turns")
	d := flag.Duration("for", time.Second, "the time of one measurement")
	cores := flag.Int("cores", 1, "of the goroutines; the futures have one loop")
	flag.Parse()
	if err := run(*runs, *d, *cores); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
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
	for range runs {
		f, err := file.Futures(name, d)
		if err != nil {
			return err
		}
		g, err := file.Goroutines(name, d, cores)
		if err != nil {
			return err
		}
		b, err := file.Bare(name, d)
		if err != nil {
			return err
		}
		fmt.Printf("futures %8.0f/s %6v CPU   goroutines %8.0f/s %6v CPU   bare ring %8.0f/s %6v CPU   futures are %.2f times goroutines, %.2f times bare\n",
			f.Reads, f.CPU, g.Reads, g.CPU, b.Reads, b.CPU, f.Reads/g.Reads, f.Reads/b.Reads)
	}
	return nil
}
