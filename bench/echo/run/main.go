//go:build linux

// Command run measures echo servers, taking turns.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pinion-go/pinion/bench/echo"
)

func main() {
	echo.Child()
	servers := flag.String("servers", "bare,aio,net", "a `LIST` of servers")
	conns := flag.Int("conns", 64, "connections")
	size := flag.Int("size", 64, "bytes of a message")
	runs := flag.Int("runs", 3, "turns")
	d := flag.Duration("for", 2*time.Second, "the time of one measurement")
	flag.Parse()
	for range *runs {
		for _, s := range strings.Split(*servers, ",") {
			r, err := echo.Measure(echo.Case{Server: s, Conns: *conns, Size: *size, For: *d})
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			fmt.Printf("%-6s %8.0f/s %8v CPU  p50 %v p99 %v\n", s, r.Trips, r.CPU, r.P50, r.P99)
		}
	}
}
