package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// split feeds text in chunks of at most size bytes and returns the lines, and whether the
// last one was too long.
func split(text string, size func() int) (got []string, long bool) {
	var l lines
	for p := []byte(text); len(p) > 0; {
		n := min(size(), len(p))
		chunk := slices.Clone(p[:n]) // is overwritten below, as a buffer of the pool may be
		for rest := chunk; ; {
			line, r, ok, tooLong := l.next(rest)
			if tooLong {
				return got, true
			}
			if !ok {
				break
			}
			got = append(got, string(line))
			rest = r
		}
		clear(chunk)
		p = p[n:]
	}
	return got, false
}

func TestLinesAreTheSameHoweverTheyArrive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var text strings.Builder
		var want []string
		wantLong := false
		for range r.IntN(8) {
			n := []int{0, 1, 2, r.IntN(100), maxLine - 1, maxLine, maxLine + 1}[r.IntN(7)]
			line := strings.Repeat(string(rune('a'+r.IntN(26))), n)
			if n > 0 && r.IntN(2) == 0 {
				line = line[:n-1] + "\r"
			}
			text.WriteString(line + "\n")
			if n > maxLine {
				wantLong = true
				break
			}
			want = append(want, strings.TrimSuffix(line, "\r"))
		}
		tail := r.IntN(maxLine)
		text.WriteString(strings.Repeat("t", tail))
		for _, most := range []int{1, 7, 8192, 1 << 20} {
			got, long := split(text.String(), func() int { return 1 + r.IntN(most) })
			if !slices.Equal(got, want) || long != wantLong {
				t.Fatalf("chunks of %d: %d lines, long %v; want %d, %v", most, len(got), long, len(want), wantLong)
			}
		}
	}
}

func TestLineWithoutEndIsTooLongAsSoonAsItIs(t *testing.T) {
	var l lines
	if _, _, _, long := l.next(bytes.Repeat([]byte("x"), maxLine)); long {
		t.Error("a line of the full length is too long")
	}
	if _, _, _, long := l.next([]byte("x")); !long {
		t.Error("one byte more is not")
	}
}
