package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pinion-go/pinion/cmd/pinion/internal/fault"
)

// field is the JSON field that counts a kind of fault.
var field = map[fault.Kind]string{
	fault.Mismatch: "mismatches",
	fault.Moved:    "moved",
	fault.Stale:    "stale",
	fault.LostWake: "lost_wakes",
	fault.Leaked:   "leaked",
	fault.Panicked: "panicked",
}

func TestEveryPlantedFaultIsFoundNamedAndFatal(t *testing.T) {
	dir := tree(t, map[string]string{"small": "x", "large": strings.Repeat("some words\n", 500), "tiny": ""})
	victim := filepath.Join(dir, "large")
	for _, name := range fault.Names() {
		t.Run(name, func(t *testing.T) {
			kind, ok := fault.Parse(name)
			if !ok {
				t.Fatal("no such fault")
			}
			status, out, stderr := pinion(t, "", "run", "-json", "-tasks", "1001", "-no-goroutines", "-plant", name, dir)
			if status != exitFault {
				t.Errorf("status %d, want %d", status, exitFault)
			}
			for _, where := range []string{victim, victim + " (async)"} {
				if !strings.Contains(stderr, "pinion: "+name+": "+where+": ") {
					t.Errorf("%s is not named:\n%s", where, stderr)
				}
			}
			if !strings.Contains(stderr, "sleeper") {
				t.Errorf("no sleeper is named:\n%s", stderr)
			}
			o := parse(t, out)
			for k, f := range field {
				want := 0.0
				if k == kind {
					want = 3 // a stream of each form, and a task
				}
				if o[f] != want {
					t.Errorf("%s = %v, want %v", f, o[f], want)
				}
			}
			if n := len(o["findings"].([]any)); n != 3 {
				t.Errorf("%d findings, want 3", n)
			}
		})
	}
}

func TestTheTableSaysThatARunHasFailed(t *testing.T) {
	dir := tree(t, map[string]string{"file": "some words"})
	status, out, _ := pinion(t, "", "run", "-tasks", "0", "-plant", "moved", dir)
	if status != exitFault || !strings.Contains(out, "\nFAILED: 2 faults,") || strings.Contains(out, "Every stream agrees") {
		t.Errorf("status %d, table:\n%s", status, out)
	}
}

func TestAFaultThatCouldNotBePlantedIsNotPassedOver(t *testing.T) {
	dir := tree(t, map[string]string{"empty": ""})
	status, _, err := pinion(t, "", "run", "-tasks", "0", "-plant", "mismatch", dir)
	if status != exitFault || !strings.Contains(err, "a planted fault was not found") {
		t.Errorf("status %d, standard error:\n%s", status, err)
	}
}
