package fuzz_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pinion-go/pinion/internal/planted"
)

// TestPlantedBugsAreFound builds the code once with each planted bug and runs the
// fuzz target that is to find it on its seeds and on random ops. It is run by
//
//	PINION_PLANTED=1 go test ./fuzz -run TestPlantedBugsAreFound -v
//
// and takes some seconds for each bug. PINION_PLANTED may also be a part of a bug's name.
func TestPlantedBugsAreFound(t *testing.T) {
	planted.Find(t, bugs(), 3*time.Minute, func(t *testing.T, out string) {
		if !strings.Contains(out, "--- FAIL") {
			t.Errorf("the tests did not fail but break:\n%s", out)
		}
	})
}

func TestPlantedBugsAreOfTheseDays(t *testing.T) { planted.Check(t, bugs()) }

// runs names the tests that run each target's seeds and random ops.
var runs = map[string]string{
	"FuzzArena":      "TestArenaAgrees",
	"FuzzUnsafeptr":  "TestRelTaggedAndLayoutAgree",
	"FuzzMoveSafety": "TestMovedFutures",
	"FuzzFuture":     "TestLoopAgrees",
}

// bugs returns the table as it is planted from this folder.
func bugs() (all []planted.Bug) {
	for _, m := range plantedBugs {
		b := planted.Bug(m)
		b.File = "../" + b.File
		b.Run = fmt.Sprintf("^%s$|^%s", m.Run, runs[m.Run])
		all = append(all, b)
	}
	return all
}
