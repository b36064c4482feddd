package main

// pointVariable is the environment variable that package leaf reads: ready,
// pending, or random:SEED.
const pointVariable = "PINION_POINT"

// leafSource is package leaf of the temporary module, whose Point stands before
// each statement. It is future.Yield, or nothing. A program that runs long would
// never end if each of its statements went through the loop, nor would one that
// recurses deeply, as each suspension leaves and enters all calls: after so many
// suspensions, or so long, Point is always ready.
const leafSource = `// Package leaf is a suspension point that is ready, pending or either at random,
// and runs the future of a program.
package leaf

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pinion-go/pinion/future"
)

var (
	pending bool
	random  bool
	state   atomic.Uint64
	left    atomic.Int64
	end     = time.Now().Add(10 * time.Second)
)

func init() {
	schedule, seed, _ := strings.Cut(os.Getenv("PINION_POINT"), ":")
	pending = schedule == "pending"
	random = schedule == "random"
	n, _ := strconv.ParseUint(seed, 10, 64)
	state.Store(n)
	left.Store(3_000_000)
}

// Run runs f. A panic comes out of it, and ends the program as it would have.
func Run(f future.Future) {
	if err := future.Block(f); err != nil {
		panic(err)
	}
}

func Point() {
	if suspend() {
		future.Yield()
	}
}

func PointAsync() PointFuture { return PointFuture{} }

type PointFuture struct {
	suspended bool
	yield     future.YieldFuture
}

func (f *PointFuture) Poll(cx *future.Context) future.Poll {
	if !f.suspended && !suspend() {
		return future.Ready
	}
	f.suspended = true
	return f.yield.Poll(cx)
}

func (f *PointFuture) Result() {}

func suspend() bool {
	if left.Load() <= 0 || !pending && !(random && coin()) {
		return false
	}
	if time.Now().After(end) {
		left.Store(0)
	}
	return left.Add(-1) >= 0
}

// coin is a step of splitmix64.
func coin() bool {
	x := state.Add(0x9e3779b97f4a7c15)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x^x>>31)&1 == 1
}
`
