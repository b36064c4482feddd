// Package bench measures pinion beside what a Go program would use instead, in
// the same run: each workload is a pair of benchmarks, and its result a ratio.
//
// The pairs run as ordinary benchmarks (go test -bench .) and as a table
// (go run ./table).
package bench

import "testing"

// Pair is one workload done in two ways.
type Pair struct {
	Name   string
	What   string  // for the table
	Ours   Side    // with pinion
	Theirs Side    // with what one would use instead
	Mark   float64 // the most that ours may be of theirs, 0 for none
	Limit  float64 // the most that ours may be in its unit, 0 for none
	More   float64 // the most that ours may be above theirs, 0 for none
	Unit   string  // the metric that is compared: "ns/op", "B/task", ...
	Allocs bool    // ours must not allocate
}

// Side is one way of doing a workload.
type Side struct {
	Name string
	Run  func(b *testing.B)
}

// Pairs returns all workloads in the order of the table.
func Pairs() []Pair {
	var all []Pair
	all = append(all, pinPairs()...)
	all = append(all, wakePairs()...)
	all = append(all, spawnPairs()...)
	all = append(all, timerPairs()...)
	all = append(all, memoryPairs()...)
	all = append(all, compiledPairs()...)
	all = append(all, handlerPairs()...)
	all = append(all, compilerPairs()...)
	return all
}

// Slow reports whether the workload takes seconds, as those do that are no loops
// of operations.
func (p Pair) Slow() bool { return p.Unit != "ns/op" }
