package main

import (
	_ "embed"
	"fmt"
	"strings"
)

// The programs that are not held to run the same, with the reasons.
//
//go:embed excluded.txt
var excludedText string

// The programs that the compiler says it cannot compile, with the reasons.
//
//go:embed rejected.txt
var rejectedText string

// A reason says why a program stands in a list.
type reason struct {
	class string // what comes before the first colon
	text  string
}

func (r reason) String() string { return r.class + ": " + r.text }

// byChance reports whether a program of this class may run the same now and then,
// or only with more time than it is given. Of all others in the list of those
// excluded it is an error that they do: they should come off it.
func (r reason) byChance() bool { return r.class == "unsteady" || r.class == "slow" }

// A list has a line for each program: its name, the class of the reason, a colon,
// and the reason. Lines that begin with # are comments.
type list map[string]reason

func parseList(file, text string) (list, error) {
	l := list{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		class, why, ok := strings.Cut(strings.TrimSpace(rest), ": ")
		if !ok || class == "" || why == "" {
			return nil, fmt.Errorf("%s:%d: %q has no reason; want NAME CLASS: REASON", file, n, line)
		}
		if _, twice := l[name]; twice {
			return nil, fmt.Errorf("%s:%d: %s is already in the list", file, n, name)
		}
		l[name] = reason{class, why}
	}
	return l, nil
}

// unknown returns the names in l that are none of the programs'.
func (l list) unknown(programs []program) []string {
	have := map[string]bool{}
	for _, p := range programs {
		have[p.Name] = true
	}
	var names []string
	for name := range l {
		if !have[name] {
			names = append(names, name)
		}
	}
	return names
}
