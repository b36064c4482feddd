//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pinion-go/pinion/bench/echo"
)

type server struct {
	name  string
	cores int
}

func (s server) String() string {
	if s.cores == 1 {
		return s.name
	}
	return fmt.Sprintf("%s, %d cores", s.name, s.cores)
}

type benchCase struct {
	name        string
	conns, size int
	servers     []server
}

var (
	aio, bare, net = server{"aio", 1}, server{"bare", 1}, server{"net", 1}
	epoll, netpoll = server{"epoll", 1}, server{"netpoll", 1}
	aio2, net2     = server{"aio", 2}, server{"net", 2}
	cases          = []benchCase{
		{"64 connections, 64 B", 64, 64, []server{aio, bare, net, epoll, netpoll}},
		{"1,000 connections, 64 B", 1000, 64, []server{aio, bare, net, epoll, netpoll}},
		{"64 connections, 16 KiB", 64, 16 << 10, []server{aio, net, epoll, netpoll}},
		{"1 connection, 64 B", 1, 64, []server{aio, bare, net, epoll, netpoll}},
		{"two loops", 64, 64, []server{aio, aio2, net, net2}},
	}
)

// results has the measurements in the order of the turns.
type results map[string][]echo.Result

func key(c benchCase, s server) string { return c.name + "/" + s.String() }

func (r results) add(c benchCase, s server, m echo.Result) {
	r[key(c, s)] = append(r[key(c, s)], m)
}

// idle notes the memory of a connection as if it were a measurement.
func (r results) idle(server string, bytes float64) {
	r["idle/"+server] = append(r["idle/"+server], echo.Result{Trips: bytes})
}

const head = "| case | server | round trips | CPU each | calls each | allocs each | p50 | p99 |\n|---|---|--:|--:|--:|--:|--:|--:|"

func (r results) row(c benchCase, s server) string {
	all := r[key(c, s)]
	of := func(f func(echo.Result) float64) float64 { return median(all, f) }
	calls := ""
	if v := of(calls64); v > 0 {
		calls = fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("| %s | %s | %.1f k/s | %.2f µs | %s | %.3f | %v | %v |", c.name, s, of(trips)/1000, of(cpu)/1000, calls,
		of(func(m echo.Result) float64 { return m.Allocs }),
		time.Duration(of(p50)).Round(100*time.Nanosecond), time.Duration(of(p99)).Round(100*time.Nanosecond))
}

func trips(m echo.Result) float64   { return m.Trips }
func cpu(m echo.Result) float64     { return float64(m.CPU) }
func calls64(m echo.Result) float64 { return m.Calls }
func p50(m echo.Result) float64     { return float64(m.P50) }
func p99(m echo.Result) float64     { return float64(m.P99) }

func median(all []echo.Result, f func(echo.Result) float64) float64 {
	var v []float64
	for _, m := range all {
		v = append(v, f(m))
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// marks is the table of what must be reached.
func (r results) marks() string {
	var b strings.Builder
	b.WriteString("| what | measured | mark | |\n|---|--:|--:|---|\n")
	row := func(what string, v float64, unit string, atLeast bool, mark float64) {
		verdict, sign := "missed", "≤"
		if atLeast {
			sign = "≥"
		}
		if atLeast && v >= mark || !atLeast && v <= mark {
			verdict = "reached"
		}
		fmt.Fprintf(&b, "| %s | %.3g%s | %s %g%s | %s |\n", what, v, unit, sign, mark, unit, verdict)
	}
	// ratio is that of figures of two servers in the same turn.
	ratio := func(c int, what string, s, against server, f func(echo.Result) float64, atLeast bool, mark float64) {
		ours, theirs := r[key(cases[c], s)], r[key(cases[c], against)]
		if len(ours) == 0 {
			return
		}
		var turns []echo.Result
		for i := range ours {
			turns = append(turns, echo.Result{Trips: f(ours[i]) / f(theirs[i])})
		}
		row(fmt.Sprintf("%s: %s of %s against %s", cases[c].name, what, s, against), median(turns, trips), "", atLeast, mark)
	}
	for c := range 2 {
		ratio(c, "round trips", aio, bare, trips, true, 0.95)
		ratio(c, "CPU for each", aio, bare, cpu, false, 1.05)
		ratio(c, "round trips", aio, net, trips, true, 0.95)
		ratio(c, "round trips", epoll, net, trips, true, 1)
		ratio(c, "round trips", aio, netpoll, trips, true, 1)
		if all := r[key(cases[c], aio)]; len(all) > 0 {
			row(cases[c].name+": calls of aio into the kernel for each", median(all, calls64), "", false, 0.1)
			row(cases[c].name+": allocations of aio for each", median(all, func(m echo.Result) float64 { return m.Allocs }), "", false, 0.01)
		}
	}
	ratio(2, "round trips", aio, net, trips, true, 1.1)
	ratio(3, "p50", aio, net, p50, false, 1)
	ratio(3, "p99", aio, net, p99, false, 1)
	if all := r["idle/aio"]; len(all) > 0 {
		ours, theirs := median(all, trips), median(r["idle/net-512"], trips)
		row("idle connection, by RSS", ours, " B", false, 300)
		row(fmt.Sprintf("the same against net with a buffer of 512 B (%.0f B)", theirs), ours/theirs, "", false, 0.1)
	}
	return b.String()
}
