// Package run runs the cases and reports their traces.
package run

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/pinion-go/pinion/future"

	"example.com/m/leaf"
)

// A Case is a function to run in both forms.
type Case struct {
	Name     string
	Blocking func()
	Compiled func() future.Future // fresh
}

// A Report is the traces of a case. Canceled is that of the compiled form when the
// case cancels itself.
type Report struct {
	Name, Blocking, Compiled, Canceled string
}

// Main runs all cases under the schedule that is the command's argument, ready,
// pending or random:SEED, and prints the reports as JSON.
func Main(cases []Case) {
	var reports []Report
	for _, c := range cases {
		r := Report{Name: c.Name}
		r.Blocking = trace(schedule(), nil, c.Blocking)
		f := c.Compiled()
		r.Compiled = trace(schedule(), nil, func() { block(f) })
		g := c.Compiled()
		r.Canceled = trace(schedule(), g.(future.Canceler).Cancel, func() { block(g) })
		reports = append(reports, r)
	}
	if err := json.NewEncoder(os.Stdout).Encode(reports); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func block(f future.Future) {
	if err := future.Block(f); err != nil {
		leaf.Print("Block:", err)
	}
}

// trace runs f on a goroutine of its own, which it may panic or end.
func trace(s leaf.Schedule, cancel, f func()) string {
	leaf.Begin(s, cancel)
	ended := make(chan bool)
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			if v := recover(); v != nil {
				leaf.Print("panic:", v)
			} else if !returned {
				leaf.Print("Goexit")
			}
		}()
		f()
		returned = true
	}()
	<-ended
	return leaf.End()
}

func schedule() leaf.Schedule {
	kind, seed, _ := strings.Cut(os.Args[1], ":")
	switch kind {
	case "ready":
		return func() bool { return false }
	case "pending":
		return func() bool { return true }
	}
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		panic(err)
	}
	r := rand.New(rand.NewPCG(n, n))
	return func() bool { return r.IntN(2) == 0 }
}
