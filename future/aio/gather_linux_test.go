package aio

import "testing"

// TestGatherGivesUpWhereThereIsNoMore has as many completions under way as there are in
// each turn: waits for more must become rare.
func TestGatherGivesUpWhereThereIsNoMore(t *testing.T) {
	for there := uint32(1); there < 12; there++ {
		var g gather
		short := 0
		for range 100_000 {
			want := 1 + g.extra
			if want > there {
				short++
			}
			g.waited(want, there)
		}
		if short > 200 {
			t.Errorf("with %d completions in each turn %d of 100,000 waits were for more", there, short)
		}
	}
}

// TestGatherWaitsForWhatComesAnyway has more come in each turn than the wait was for.
func TestGatherWaitsForWhatComesAnyway(t *testing.T) {
	var g gather
	for range 10 {
		g.waited(1+g.extra, 2+g.extra)
	}
	if g.extra != gatherMax {
		t.Errorf("waits are for %d more", g.extra)
	}
}
