package rt

import (
	"fmt"
	"strconv"
	"strings"
)

// maxLines bounds a trace. What a program does after that is still counted, and
// the last line tells how much it was.
const maxLines = 2000

var (
	lines []string
	extra int    // lines that were not kept
	mixed uint64 // changed by every operation, so that values show the order
	tank  int
)

// reset makes everything as it is when the process starts.
func reset() {
	lines, extra, mixed, tank = nil, 0, 1, 0
}

// taken returns the trace since the last reset.
func taken() []string {
	if extra > 0 {
		return append(lines, fmt.Sprintf("and %d more lines, %x", extra, mixed))
	}
	return lines
}

func note(kind string, id int, vals ...any) {
	mixed = mixed*6364136223846793005 + uint64(id)*2 + 1
	if len(lines) >= maxLines {
		extra++
		return
	}
	var b strings.Builder
	b.WriteString(kind)
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(id))
	for _, v := range vals {
		b.WriteByte(' ')
		b.WriteString(Show(v))
	}
	lines = append(lines, b.String())
}

// value returns a small number that depends on all that was noted so far.
func value() int { return int(mixed>>40%13) - 3 }

// Log writes a line with the values into the trace.
func Log(id int, vals ...any) { note("log", id, vals...) }

// Refuel fills the tank for n more steps.
func Refuel(n int) { tank = n }

// Fuel takes one unit and reports whether there was one. Loops and functions end
// when it is used up.
func Fuel() bool {
	tank--
	return tank >= 0
}
