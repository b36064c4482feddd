package future

import (
	"context"
	"slices"
	"testing"
)

func TestRaceWaitsForItsLosersAndHandsThemBack(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(5)
	fs[1].stubborn = true
	task := Spawn(l, Race(fs...))
	idle(t, l)
	fs[3].finish()
	idle(t, l)
	if isDone(l, task) {
		t.Fatal("the race did not wait for a loser")
	}
	fs[1].finish()
	f := mustWait(t, task)
	if f.Result() != 3 {
		t.Errorf("winner %d, want 3", f.Result())
	}
	var losers []int
	for i, p := range f.Losers() {
		losers = append(losers, i)
		if want := error(ErrCanceled); i != 1 && p.Result() != want || i == 1 && p.Result() != nil {
			t.Errorf("loser %d: %v", i, p.Result())
		}
	}
	if !slices.Equal(losers, []int{0, 1, 2, 4}) {
		t.Errorf("losers %v", losers)
	}
	checkProbes(t, fs...)
	task.Release()
}

// A race whose losers receive from a channel: every value is in a child or still in
// the channel.
func TestRaceLoserThatObtainedAValueKeepsIt(t *testing.T) {
	for range 50 {
		l := newTestLoop(t)
		chs := []chan int{make(chan int, 1), make(chan int, 1), make(chan int, 1)}
		var fs []FromChanFuture[int]
		for _, ch := range chs {
			fs = append(fs, FromChan(ch))
		}
		task := Spawn(l, Race(fs...))
		idle(t, l) // goroutines receive now
		for i, ch := range chs {
			ch <- i
		}
		f := mustWait(t, task)
		got := 0
		for i, kid := range f.Each() {
			v, err := kid.Result()
			switch {
			case err == nil && v == i:
				got++
			case err == ErrCanceled && len(chs[i]) == 1:
			default:
				t.Fatalf("child %d: %d, %v, and %d left in the channel", i, v, err, len(chs[i]))
			}
		}
		if _, err := f.At(f.Result()).Result(); err != nil || got == 0 {
			t.Errorf("the winner's result is %v", err)
		}
		task.Release()
	}
}

func TestRaceOfManyStopsTheOthersAtOnce(t *testing.T) {
	l := newTestLoop(t)
	const n = 100_000
	states := make([]probeState, n)
	fs := make([]probe, n)
	for i := range fs {
		fs[i].probeState = &states[i]
	}
	task := Spawn(l, Race(fs...))
	idle(t, l)
	states[n/2].finish()
	if f := mustWait(t, task); f.Result() != n/2 {
		t.Errorf("winner %d", f.Result())
	}
	for i := range states {
		if s := &states[i]; s.polls != 2 || s.canceled == (i == n/2) {
			t.Fatalf("child %d: %d polls, canceled = %v", i, s.polls, s.canceled)
		}
	}
	task.Release()
}

func TestRaceFirstBranchVaries(t *testing.T) {
	l := newTestLoop(t)
	var wins [3]int
	for range 600 {
		fs := probes(3)
		for _, p := range fs {
			p.ready = true
		}
		task := Spawn(l, Race(fs...))
		wins[mustWait(t, task).Result()]++
		checkProbes(t, fs...)
		task.Release()
	}
	for i, n := range wins {
		if n < 100 {
			t.Errorf("branch %d of three that were ready won %d times of 600", i, n)
		}
	}
}

func TestRaceExplorerChoosesTheFirstBranch(t *testing.T) {
	for want := range 3 {
		l, err := NewLoop(Config{Choose: func(p ChoicePoint, n int) int {
			if p == ChooseBranch {
				return want
			}
			return 0
		}})
		if err != nil {
			t.Fatal(err)
		}
		fs := probes(3)
		for _, p := range fs {
			p.ready = true
		}
		task := Spawn(l, Race(fs...))
		if got := mustWait(t, task).Result(); got != want {
			t.Errorf("winner %d, want %d", got, want)
		}
		task.Release()
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestRacePanicCancelsAndDrains(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(4)
	fs[2].panics = "boom"
	task := Spawn(l, Race(fs...))
	checkPanic(t, task, "boom")
	checkProbes(t, fs...)
	task.Release()
}

func TestRaceOfNoneIsReady(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, Race[probe]())
	if f := mustWait(t, task); f.Result() != -1 {
		t.Errorf("winner %d", f.Result())
	}
	task.Release()
}
