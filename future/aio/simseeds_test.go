package aio_test

import (
	"iter"
	"os"
	"strconv"
)

// simSeeds yields the seeds of simulations: as many as PINION_SIM_SEEDS says, or n, or the one
// that PINION_SIM_SEED is.
func simSeeds(n int) iter.Seq[uint64] {
	first := uint64(0)
	if many, err := strconv.Atoi(os.Getenv("PINION_SIM_SEEDS")); err == nil {
		n = many
	}
	if one, err := strconv.ParseUint(os.Getenv("PINION_SIM_SEED"), 10, 64); err == nil {
		first, n = one, 1
	}
	return func(yield func(uint64) bool) {
		for i := range uint64(n) {
			if !yield(first + i) {
				return
			}
		}
	}
}
