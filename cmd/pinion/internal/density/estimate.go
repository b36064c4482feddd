package density

import (
	"fmt"
	"math/bits"

	"github.com/pinion-go/pinion/cmd/pinion/internal/measure"
)

// What a parked task and a parked goroutine take at most, in bytes, on a 64-bit
// machine, and what is left for everything else. The estimate is on the safe
// side of what [Tasks] and [Goroutines] measure.
const (
	taskBytes      = 112
	goroutineBytes = 3072
	spareBytes     = 64 << 20
)

// FitError says that N tasks or goroutines do not fit into memory.
type FitError struct {
	N          int
	Goroutines bool   // it is they that do not fit
	Need, Room uint64 // in bytes
	Limit      string // what limits the room
}

func (e *FitError) Error() string {
	what, way := "tasks", "use a smaller -tasks"
	if e.Goroutines {
		what, way = "goroutines", "use a smaller -tasks, or -no-goroutines"
	}
	return fmt.Sprintf("%d parked %s need about %d MiB, and there are %d MiB, by %s; %s", e.N, what, e.Need>>20, e.Room>>20, e.Limit, way)
}

// Fits returns nil, or a [*FitError] if there is not enough memory for n tasks, or
// for as many goroutines after them.
func Fits(n int, goroutines bool) error {
	room, limit := measure.Room()
	if e := fits(n, false, taskBytes, room, limit); e != nil {
		return e
	}
	if goroutines {
		if e := fits(n, true, goroutineBytes, room, limit); e != nil {
			return e
		}
	}
	return nil
}

func fits(n int, goroutines bool, each, room uint64, limit string) error {
	hi, need := bits.Mul64(uint64(n), each)
	if hi > 0 || need > 1<<62 {
		need = 1 << 62
	}
	if need += spareBytes; need <= room || n == 0 {
		return nil
	}
	return &FitError{N: n, Goroutines: goroutines, Need: need, Room: room, Limit: limit}
}
