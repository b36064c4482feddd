package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"time"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// table prints the report for people: a heading, and one table with pinion's
// figures beside those of goroutines and their ratio.
func (r *report) table(w io.Writer) error {
	s, t := &r.streams, &r.times
	var b bytes.Buffer
	fmt.Fprintf(&b, "pinion run: %s\n", r.input)
	fmt.Fprintf(&b, "%s %s/%s, %d loops, seed %d\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, s.Loops, r.seed)

	section := func(name string) { fmt.Fprintf(&b, "%s\n", name) }
	fact := func(name, unit string, n int64) { row(&b, name, unit, count(n), "", "") }

	r.readings(&b)
	b.WriteByte('\n')

	row(&b, "", "", "pinion", "goroutines", "ratio")
	b.WriteByte('\n')

	section("found wrong")
	fact("results that differ", "", int64(r.faults.Count(fault.Mismatch)))
	fact("futures that moved", "", int64(r.faults.Count(fault.Moved)))
	fact("pointers gone stale", "", int64(r.faults.Count(fault.Stale)))
	fact("wakes lost", "", int64(r.faults.Count(fault.LostWake)))
	fact("leaks", "", int64(r.faults.Count(fault.Leaked)))
	fact("panics", "", int64(r.faults.Count(fault.Panicked)))
	b.WriteByte('\n')

	if r.tasks.N > 0 {
		section(count(int64(r.tasks.N)) + " parked, each with 32 bytes of state and a pointer to itself")
		pair(&b, "memory for each, by "+r.tasks.How, "B", r.tasks.BytesEach, r.goroutines.BytesEach)
		pair(&b, "full collection", "ms", r.tasks.GC, r.goroutines.GC)
		pair(&b, "start all", "ms", ms(r.tasks.Start), ms(r.goroutines.Start))
		pair(&b, "wake and finish all", "ms", ms(r.tasks.Finish), ms(r.goroutines.Finish))
		b.WriteByte('\n')
	}

	section("one at a time")
	row(&b, "wake and poll", "ns", figure(t.WakePoll), "", "")
	pair(&b, "ping-pong, there and back", "ns", t.PingPong, t.GoroutinePingPong)
	pair(&b, "spawn, wait, release", "ns", t.SpawnJoin, t.GoroutineSpawnJoin)
	pair(&b, "pin 64 B; runtime.Pinner", "ns", t.Pin, t.Pinner)

	switch {
	case r.faults.Total() > 0:
		n, what := r.faults.Total(), "faults"
		if n == 1 {
			what = "fault"
		}
		fmt.Fprintf(&b, "\nFAILED: %s %s, named on standard error.\n", count(int64(n)), what)
	case r.interrupted:
		b.WriteString("\nInterrupted. What was checked until then is right.\n")
	default:
		b.WriteString("\nEvery stream agrees with a plain reading; nothing moved, went stale, was lost or leaked.\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// readings prints what the two forms of the streams' future did, side by side.
func (r *report) readings(b *bytes.Buffer) {
	s, a := &r.streams.Reading, &r.streams.Async
	row(b, "", "", "by hand", "async func", "ratio")
	b.WriteString("\nstreams, each read by a self-referential future\n")
	both := func(name string, hand, async int64) {
		written := "-"
		if a.Streams > 0 {
			written = count(async)
		}
		row(b, name, "", count(hand), written, "")
	}
	both("files", int64(s.Streams), int64(a.Streams))
	both("compared", int64(s.Compared), int64(a.Compared))
	both("at once", int64(r.streams.AtOnce), int64(r.streams.AtOnce))
	both("lines", s.Tally.Lines, a.Tally.Lines)
	both("words", s.Tally.Words, a.Tally.Words)
	both("bytes", s.Tally.Bytes, a.Tally.Bytes)
	both("chunks they came in", s.Chunks, a.Chunks)
	both("collections meanwhile", int64(s.Collections), int64(a.Collections))
	both("stacks moved meanwhile", s.StackMoves, a.StackMoves)
	if a.Streams == 0 {
		row(b, "time", "s", decimal(s.Elapsed.Seconds(), 2), "-", "-")
		row(b, "read", "MB/s", figure(s.Rate()), "-", "-")
		return
	}
	row(b, "time", "s", decimal(s.Elapsed.Seconds(), 2), decimal(a.Elapsed.Seconds(), 2), "")
	ratio := "-"
	if s.Rate() > 0 {
		ratio = decimal(a.Rate()/s.Rate(), 2) + " x"
	}
	row(b, "read", "MB/s", figure(s.Rate()), figure(a.Rate()), ratio)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// row prints one line of the table.
func row(b *bytes.Buffer, name, unit, pinion, goroutines, ratio string) {
	line := fmt.Sprintf("  %-28s %-4s %13s %14s %10s", name, unit, pinion, goroutines, ratio)
	b.WriteString(string(bytes.TrimRight([]byte(line), " ")))
	b.WriteByte('\n')
}

// pair prints a figure of pinion beside that of goroutines, and how many times as
// much the latter is. What was not measured is a dash.
func pair(b *bytes.Buffer, name, unit string, pinion, goroutines float64) {
	ratio := "-"
	if pinion > 0 && goroutines > 0 {
		ratio = decimal(goroutines/pinion, 1) + " x"
	}
	row(b, name, unit, figure(pinion), figure(goroutines), ratio)
}

// figure writes what was measured, or a dash.
func figure(v float64) string {
	if v == 0 {
		return "-"
	}
	return decimal(v, 1)
}

// count writes n with commas.
func count(n int64) string { return commas(strconv.FormatInt(n, 10)) }

// decimal writes v with the given number of digits behind the point, and commas.
func decimal(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	i := len(s)
	if digits > 0 {
		i -= digits + 1
	}
	return commas(s[:i]) + s[i:]
}

func commas(s string) string {
	first := 0
	if s[0] == '-' {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
