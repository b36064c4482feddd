package gosmith

import (
	"bytes"
	"os"
	"testing"
)

// TestPlantedFaultsAreNoticed runs programs in which a compiler's mistake is
// written out, beside the same programs without it. Each mistake must change the
// trace of one of them. Since it builds some hundred programs it is run by
//
//	PINION_PLANTED=1 go test ./future/async/internal/gosmith -run TestPlanted -v
func TestPlantedFaultsAreNoticed(t *testing.T) {
	if os.Getenv("PINION_PLANTED") == "" {
		return
	}
	const seeds, each = 80, 12
	var all []*Program
	sound := make(map[uint64]*Program)
	faulty := make(map[*fault][]*Program)
	for seed := range uint64(seeds) {
		p := Generate(seed)
		_, body, _ := bytes.Cut(p.Source, []byte("\nimport"))
		for _, f := range faults {
			q := generate(seed, f)
			if _, b, _ := bytes.Cut(q.Source, []byte("\nimport")); len(faulty[f]) == each || bytes.Equal(body, b) {
				continue
			}
			if sound[seed] == nil {
				sound[seed] = p
				all = append(all, p)
			}
			faulty[f] = append(faulty[f], q)
			all = append(all, q)
		}
	}
	found := traces(t, all)
	for _, f := range faults {
		noticed := 0
		for _, q := range faulty[f] {
			if want := found[sound[q.Seed].Package]; want.Compare(found[q.Package].Want) != "" {
				noticed++
			}
		}
		t.Logf("%d of %d programs notice that %s", noticed, len(faulty[f]), f.name)
		if noticed == 0 {
			t.Errorf("no program notices that %s", f.name)
		}
	}
}
