package rt

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pinion-go/pinion/future"
)

// Program is a program as it was generated, and compiled to a future.
type Program struct {
	Name     string
	Blocking func()
	Compiled func() future.Future // nil: there is only the blocking form
}

// Outcome is what [Main] writes for a program, one line of JSON each. The first
// line, before the program runs, has only its name: so that it is known which
// program a crash of the process is due to.
type Outcome struct {
	Program  string
	Schedule string   `json:",omitempty"` // the first that made a difference
	Line     int      `json:",omitempty"` // of the trace, that is different
	Want     []string `json:",omitempty"` // the trace of the blocking form
	Got      []string `json:",omitempty"` // that of the compiled one
	Pended   int      `json:",omitempty"` // how often a suspension point was pending
	Done     bool     `json:",omitempty"`
}

// Differs reports whether the forms of the program are not the same.
func (o *Outcome) Differs() bool { return o.Schedule != "" }

// Main runs each program in all its forms and compares the traces. With -trace
// the traces of programs that do not differ are written too, with -only one
// program is run. It never ends a program that hangs, but the process after
// [Patience].
func Main(programs []Program) {
	only := flag.String("only", "", "the programs to run, with commas")
	trace := flag.Bool("trace", false, "write all traces")
	seed := flag.Uint64("dice", 1, "for the random schedule")
	flag.Parse()
	out := json.NewEncoder(os.Stdout)
	for _, p := range programs {
		if *only != "" && !strings.Contains(","+*only+",", ","+p.Name+",") {
			continue
		}
		out.Encode(Outcome{Program: p.Name})
		stuck := time.AfterFunc(Patience, func() {
			fmt.Fprintf(os.Stderr, "%s has not ended after %v\n", p.Name, Patience)
			os.Exit(3)
		})
		pended = 0
		o := compare(p, *seed)
		o.Pended = pended
		stuck.Stop()
		if !o.Differs() && !*trace {
			o.Want = nil
		}
		out.Encode(o)
	}
}

// Patience is how long a program may run; the work that it does is bounded.
const Patience = 2 * time.Minute

// compare returns the first difference, and otherwise the trace as Want.
func compare(p Program, seed uint64) Outcome {
	o := Outcome{Program: p.Name, Done: true, Want: run(p.Blocking)}
	if p.Compiled == nil {
		return o.and("again", run(p.Blocking))
	}
	for _, s := range Schedules {
		schedule, dice = s, seed
		got := run(func() {
			if err := future.Block(p.Compiled()); err != nil {
				panic(err)
			}
		})
		if o = o.and(s.String(), got); o.Differs() {
			break
		}
	}
	return o
}

// and notes the first line in which got is not as wanted.
func (o Outcome) and(schedule string, got []string) Outcome {
	i := 0
	for i < len(got) && i < len(o.Want) && got[i] == o.Want[i] {
		i++
	}
	if i < len(got) || i < len(o.Want) {
		o.Schedule, o.Line, o.Got = schedule, i+1, got
	}
	return o
}

// run returns the trace of f, on a goroutine that it may panic or end.
func run(f func()) []string {
	reset()
	end := make(chan struct{})
	go func() {
		defer close(end)
		ended := false
		defer func() {
			if !ended {
				Caught(-1, fmt.Sprint("the end: ", Show(recover())))
			}
		}()
		f()
		ended = true
	}()
	<-end
	return taken()
}

// Compare returns where another trace differs from the wanted one, or "".
func (o *Outcome) Compare(got []string) string {
	d := o.and("other", got)
	if !d.Differs() {
		return ""
	}
	return d.Diff()
}

// Diff shows the lines around the first difference.
func (o *Outcome) Diff() string {
	var b strings.Builder
	if o.Line == 0 { // it crashed, and Got is what the process said
		fmt.Fprintf(&b, "%s, %s\n", o.Program, o.Schedule)
		for _, line := range o.Got[:min(len(o.Got), 20)] {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		return b.String()
	}
	from := max(0, o.Line-6)
	fmt.Fprintf(&b, "%s, %s: line %d of the trace\n", o.Program, o.Schedule, o.Line)
	for i := from; i < o.Line-1; i++ {
		fmt.Fprintf(&b, "  %s\n", o.Want[i])
	}
	for i := o.Line - 1; i < min(len(o.Want), o.Line+2); i++ {
		fmt.Fprintf(&b, "- %s\n", o.Want[i])
	}
	for i := o.Line - 1; i < min(len(o.Got), o.Line+2); i++ {
		fmt.Fprintf(&b, "+ %s\n", o.Got[i])
	}
	return b.String()
}
