package main

import (
	"errors"
	"sync"
	"testing"
)

func TestInParallelCallsOnceForEachAndReturnsAnError(t *testing.T) {
	var programs []program
	for i := range 100 {
		programs = append(programs, program{Name: string(rune('a' + i))})
	}
	var mu sync.Mutex
	seen := map[string]int{}
	visit := func(p program) error {
		mu.Lock()
		defer mu.Unlock()
		seen[p.Name]++
		return nil
	}
	if err := inParallel(programs, visit); err != nil || len(seen) != len(programs) {
		t.Errorf("%d calls, %v", len(seen), err)
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%q: %d calls", name, n)
		}
	}
	boom := errors.New("boom")
	if err := inParallel(programs, func(p program) error {
		if p.Name == "a" {
			return boom
		}
		return nil
	}); err != boom {
		t.Errorf("got %v", err)
	}
	if err := inParallel(nil, visit); err != nil {
		t.Error(err)
	}
}
