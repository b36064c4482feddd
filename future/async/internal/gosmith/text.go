package gosmith

import (
	"fmt"
	"strings"
)

// text is Go source in the making. A line may be filled in later.
type text struct{ lines []*string }

func (t *text) String() string {
	var b strings.Builder
	for _, l := range t.lines {
		if *l != "" {
			b.WriteString(*l)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// line adds a line and returns it, to be changed later.
func (g *gen) line(format string, args ...any) *string {
	l := fmt.Sprintf(format, args...)
	g.out.lines = append(g.out.lines, &l)
	return &l
}

// inner returns what f writes, for a function literal within an expression.
func (g *gen) inner(f func()) *text {
	was := g.out
	g.out = new(text)
	f()
	made := g.out
	g.out = was
	return made
}
