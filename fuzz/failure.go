package fuzz

import (
	"fmt"
	"regexp"
	"strings"
)

// A Failure is a run that went wrong.
type Failure struct {
	Err   error    // what was wrong
	At    int      // index of the op at which it was, len(Ops) for End, -1 for New
	Ops   []string // the ops of the run
	Input []byte   // the input that has these ops
	From  int      // before shrinking it had so many ops; 0 if it was not shrunk
	hung  bool
}

// Error prints the ops one a line, the one that failed marked, and the file to save
// as a seed.
func (e *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fuzz: %s", strings.TrimRight(e.Err.Error(), "\n"))
	fmt.Fprintf(&b, "\n\n%d ops", len(e.Ops))
	if e.From > len(e.Ops) {
		fmt.Fprintf(&b, ", shrunk from %d", e.From)
	}
	b.WriteString(":\n")
	for i, op := range e.Ops {
		mark := ' '
		if i == e.At {
			mark = '>'
		}
		fmt.Fprintf(&b, "%c %3d  %s\n", mark, i, op)
	}
	switch e.At {
	case -1:
		b.WriteString("> before the first op\n")
	case len(e.Ops):
		b.WriteString("> at the end\n")
	}
	fmt.Fprintf(&b, "\nto keep it, save this in testdata/fuzz/<target>/<name>:\ngo test fuzz v1\n[]byte(%+q)\n", e.Input)
	return b.String()
}

// kind returns what failures of the same cause mostly have in common.
func (e *Failure) kind() string {
	first, _, _ := strings.Cut(e.Err.Error(), "\n")
	return numbers.ReplaceAllString(first, "#")
}

// numbers are numbers and lists of them.
var numbers = regexp.MustCompile(`(0x[0-9a-f]+|[0-9]+)([ ,]+(0x[0-9a-f]+|[0-9]+))*`)

// Unwrap returns Err.
func (e *Failure) Unwrap() error { return e.Err }
