// Package echo measures echo servers beside each other: each in a process and on a core of
// its own, with the client on another.
package echo

import (
	"errors"
	"fmt"
	"time"
)

//go:generate go run -C ../.. ./future/async/internal/regen -C bench ./echo

// Case is what is measured.
type Case struct {
	Server string
	Conns  int
	Size   int           // bytes of a message
	Cores  int           // of the server: 1, and the client has the other, or 2, and they share
	For    time.Duration // after a fifth of that to warm up
}

// Result is one measurement.
type Result struct {
	Case
	Trips    float64       // round trips a second
	CPU      time.Duration // of the server, for each round trip
	P50, P99 time.Duration // from the write of a message to the read of the last byte of its echo
	Allocs   float64       // of the server, for each round trip
	Calls    float64       // of the server into the kernel for each round trip; 0 if it does not count them
}

// Measure starts the server and puts the load on it.
func Measure(c Case) (r Result, err error) {
	s, err := start(c.Server, c.Cores)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if c.Cores == 1 {
		pin(1)
	} else {
		pin(0, 1)
	}
	f, err := dial(s.port, c.Conns, c.Size)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.Server, err)
	}
	defer f.close()
	if _, err := f.run(c.For / 5); err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.Server, err)
	}
	before, err := s.stats()
	if err != nil {
		return Result{}, err
	}
	l, err := f.run(c.For)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.Server, err)
	}
	after, err := s.stats()
	if err != nil {
		return Result{}, err
	}
	n := len(l.latencies)
	return Result{
		Case:   c,
		Trips:  float64(l.trips) / l.took.Seconds(),
		CPU:    (after.CPU - before.CPU) / time.Duration(l.trips),
		P50:    l.latencies[n/2],
		P99:    l.latencies[n*99/100],
		Allocs: float64(after.Allocs-before.Allocs) / float64(l.trips),
		Calls:  float64(after.Calls-before.Calls) / float64(l.trips),
	}, nil
}

// Idle returns the memory by RSS that a connection of the server costs after one echo of 64
// bytes, one connection after the other: the slope between few connections and many.
func Idle(server string, few, many int) (bytes float64, err error) {
	s, err := start(server, 1)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	pin(1)
	var rss [2]int64
	for i, n := range []int{few, many - few} {
		f, err := dial(s.port, n, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", server, err)
		}
		defer f.close()
		if err := f.once(); err != nil {
			return 0, fmt.Errorf("%s: %w", server, err)
		}
		st, err := s.stats()
		if err != nil {
			return 0, err
		}
		rss[i] = st.RSS
	}
	return float64(rss[1]-rss[0]) / float64(many-few), nil
}
