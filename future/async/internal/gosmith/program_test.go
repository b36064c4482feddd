package gosmith

import (
	"bytes"
	"slices"
	"testing"
)

func TestProgramIsThatOfItsSeed(t *testing.T) {
	if a, b := Generate(5), Generate(5); !bytes.Equal(a.Source, b.Source) {
		t.Error("two programs of one seed differ")
	}
	if a, b := Generate(5), Generate(6); bytes.Equal(a.Source[100:], b.Source[100:]) {
		t.Error("programs of two seeds are the same")
	}
}

// TestEveryConstructIsCovered shows how many of the programs have each construct.
func TestEveryConstructIsCovered(t *testing.T) {
	const programs = 1000
	count := make(map[string]int)
	lines := 0
	for seed := range uint64(programs) {
		p := Generate(seed)
		lines += bytes.Count(p.Source, []byte("\n"))
		for c := range p.Covers {
			count[c]++
		}
	}
	t.Logf("%d programs of %d lines", programs, lines/programs)
	constructs := Constructs()
	for _, c := range constructs {
		t.Logf("%5d  %s", count[c], c)
		if count[c] == 0 {
			t.Errorf("no program has %q", c)
		}
	}
	for c := range count {
		if !slices.Contains(constructs, c) {
			t.Errorf("%q is not in the list of constructs", c)
		}
	}
}
