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
	net512         = "net-512" // goroutines with a buffer of 512 B
	cases          = []benchCase{
		{"64 connections, 64 B", 64, 64, []server{aio, bare, net, epoll, netpoll}},
		{"1,000 connections, 64 B", 1000, 64, []server{aio, bare, net, epoll, netpoll}},
		{"64 connections, 16 KiB", 64, 16 << 10, []server{aio, net, epoll, netpoll}},
		{"1 connection, 64 B", 1, 64, []server{aio, bare, net, epoll, netpoll}},
		{"two loops", 64, 64, []server{aio, aio2, net, net2}},
	}
)

// results has what was measured, in the order of the turns.
type results struct {
	echoes map[string][]echo.Result // by case and server
	idle   map[string][]float64     // by server: the bytes of a connection
}

func key(c benchCase, s server) string { return c.name + "/" + s.String() }

func (r results) add(c benchCase, s server, m echo.Result) {
	r.echoes[key(c, s)] = append(r.echoes[key(c, s)], m)
}

const head = "| case | server | round trips | CPU each | calls each | allocs each | p50 | p99 |\n|---|---|--:|--:|--:|--:|--:|--:|"

func (r results) row(c benchCase, s server) string {
	of := func(f figure) float64 { return median(column(r.echoes[key(c, s)], f)) }
	each := ""
	if v := of(calls); v > 0 {
		each = fmt.Sprintf("%.3f", v)
	}
	latency := func(f figure) time.Duration { return time.Duration(of(f)).Round(100 * time.Nanosecond) }
	return fmt.Sprintf("| %s | %s | %.1f k/s | %.2f µs | %s | %.3f | %v | %v |",
		c.name, s, of(trips)/1000, of(cpu)/1000, each, of(allocs), latency(p50), latency(p99))
}

// figure is one of a measurement's.
type figure func(echo.Result) float64

func trips(m echo.Result) float64  { return m.Trips }
func cpu(m echo.Result) float64    { return float64(m.CPU) }
func calls(m echo.Result) float64  { return m.Calls }
func allocs(m echo.Result) float64 { return m.Allocs }
func p50(m echo.Result) float64    { return float64(m.P50) }
func p99(m echo.Result) float64    { return float64(m.P99) }

func column(all []echo.Result, f figure) (v []float64) {
	for _, m := range all {
		v = append(v, f(m))
	}
	return v
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// marks is the table of what must be reached.
func (r results) marks() string {
	var b strings.Builder
	b.WriteString("| what | measured | mark | |\n|---|--:|--:|---|\n")
	row := func(what string, v float64, unit, sign string, mark float64) {
		verdict := "missed"
		if sign == "≥" && v >= mark || sign == "≤" && v <= mark {
			verdict = "reached"
		}
		fmt.Fprintf(&b, "| %s | %.3g%s | %s %g%s | %s |\n", what, v, unit, sign, mark, unit, verdict)
	}
	// ratio is that of figures of two servers in the same turn.
	ratio := func(c benchCase, what string, s, against server, f figure, sign string, mark float64) {
		ours, theirs := column(r.echoes[key(c, s)], f), column(r.echoes[key(c, against)], f)
		if len(ours) == 0 {
			return
		}
		for i := range ours {
			ours[i] /= theirs[i]
		}
		row(fmt.Sprintf("%s: %s of %s against %s", c.name, what, s, against), median(ours), "", sign, mark)
	}
	for _, c := range cases[:2] {
		ratio(c, "round trips", aio, bare, trips, "≥", 0.95)
		ratio(c, "CPU for each", aio, bare, cpu, "≤", 1.05)
		ratio(c, "round trips", aio, net, trips, "≥", 0.95)
		ratio(c, "round trips", epoll, net, trips, "≥", 1)
		ratio(c, "round trips", aio, netpoll, trips, "≥", 1)
		if all := r.echoes[key(c, aio)]; len(all) > 0 {
			row(c.name+": calls of aio into the kernel for each", median(column(all, calls)), "", "≤", 0.1)
			row(c.name+": allocations of aio for each", median(column(all, allocs)), "", "≤", 0.01)
		}
	}
	ratio(cases[2], "round trips", aio, net, trips, "≥", 1.1)
	ratio(cases[3], "p50", aio, net, p50, "≤", 1)
	ratio(cases[3], "p99", aio, net, p99, "≤", 1)
	if all := r.idle[aio.name]; len(all) > 0 {
		ours, theirs := median(all), median(r.idle[net512])
		row("idle connection, by RSS", ours, " B", "≤", 300)
		row(fmt.Sprintf("the same against net with a buffer of 512 B (%.0f B)", theirs), ours/theirs, "", "≤", 0.1)
	}
	return b.String()
}
