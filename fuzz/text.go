package fuzz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An OpsError says that a text is not a sequence of ops.
type OpsError struct {
	Op  string // the part that was not understood
	Why string
}

func (e *OpsError) Error() string {
	return fmt.Sprintf("fuzz: %q is not an op: %s", e.Op, e.Why)
}

// format returns the op as text: its name and the arguments that it takes.
func (s step) format(table []opInfo) string {
	var b strings.Builder
	b.WriteString(table[s.op].name)
	for _, a := range s.args[:table[s.op].args] {
		fmt.Fprintf(&b, " %d", a)
	}
	return b.String()
}

func formatAll(steps []step, table []opInfo) []string {
	lines := make([]string, len(steps))
	for i, s := range steps {
		lines[i] = s.format(table)
	}
	return lines
}

// parse is the inverse of format for ops that are separated by semicolons or by
// the ends of lines. Arguments may be left out from the end.
func parse(text string, table []opInfo) ([]step, error) {
	var steps []step
	for op := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		words := strings.Fields(op)
		if len(words) == 0 {
			continue
		}
		s, err := parseOp(words, table)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func parseOp(words []string, table []opInfo) (step, error) {
	fail := func(format string, args ...any) (step, error) {
		return step{}, &OpsError{Op: strings.Join(words, " "), Why: fmt.Sprintf(format, args...)}
	}
	i := slices.IndexFunc(table, func(o opInfo) bool { return o.name == words[0] })
	if i < 0 {
		return fail("there is no op of that name")
	}
	s := step{op: i}
	if n := len(words) - 1; n > table[i].args {
		return fail("it has %d arguments, %s takes %d", n, words[0], table[i].args)
	}
	for k, w := range words[1:] {
		v, err := strconv.ParseUint(w, 10, 8)
		if err != nil || v >= opBit {
			return fail("argument %s is not a number from 0 to %d", w, opBit-1)
		}
		s.args[k] = byte(v)
	}
	return s, nil
}
