package fuzz

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func anyBudget() *budget { return &budget{runs: 100_000, end: time.Now().Add(time.Hour)} }

// has returns whether the ops occur in steps in that order.
func has(steps []step, ops ...int) bool {
	for _, s := range steps {
		if len(ops) > 0 && s.op == ops[0] {
			ops = ops[1:]
		}
	}
	return len(ops) == 0
}

func TestShrinkFindsTheOpsThatMatter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		steps := append(randomSteps(rnd, rnd.IntN(100)), step{op: 3}, step{op: 1}, step{op: 3})
		rnd.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		steps = append(steps, step{op: 3}, step{op: 1}, step{op: 3})
		got := shrink(steps, anyBudget(), func(s []step) bool { return has(s, 3, 1, 3) })
		if want := []step{{op: 3}, {op: 1}, {op: 3}}; !slices.Equal(got, want) {
			t.Fatalf("%v", formatAll(got, testTable))
		}
	}
}

func TestShrinkMakesArgumentsAsSmallAsMatters(t *testing.T) {
	steps := []step{{op: 1, args: Args{9}}, {op: 3, args: Args{100, 77, 3, 9}}, {op: 0}}
	got := shrink(steps, anyBudget(), func(s []step) bool {
		return slices.ContainsFunc(s, func(s step) bool { return s.args[0] >= 42 && s.args[2] > 0 })
	})
	if want := []step{{op: 3, args: Args{42, 0, 1, 0}}}; !slices.Equal(got, want) {
		t.Errorf("%v", formatAll(got, testTable))
	}
}

func TestShrinkKeepsToItsBudget(t *testing.T) {
	steps := randomSteps(rand.New(rand.NewPCG(2, 2)), 200)
	runs := 0
	fails := func(s []step) bool { runs++; return has(s, 3) }
	shrink(steps, &budget{runs: 10, end: time.Now().Add(time.Hour)}, fails)
	if runs > 10 {
		t.Errorf("%d runs", runs)
	}
	runs = 0
	shrink(steps, &budget{runs: 10, end: time.Now()}, fails)
	if runs > 0 {
		t.Errorf("%d runs after the time was up", runs)
	}
}

func TestShrinkReturnsOnlyWhatFails(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		steps := randomSteps(rnd, 1+rnd.IntN(40))
		// A predicate without any sense: whatever hashes to an even number.
		fails := func(s []step) bool {
			sum := 0
			for _, x := range s {
				sum = sum*31 + x.op + int(x.args[0])
			}
			return sum%3 == 0
		}
		if !fails(steps) {
			continue
		}
		if got := shrink(steps, &budget{runs: 300, end: time.Now().Add(time.Hour)}, fails); !fails(got) || len(got) > len(steps) {
			t.Fatalf("%v shrank to %v", steps, got)
		}
	}
}
