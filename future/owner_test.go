package future

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestHeaderIsRetiredBeforeItsGenerationWraps(t *testing.T) {
	l := newTestLoop(t)
	spin := func() Waker {
		task := Spawn(l, script{f: func(*Context, int) Poll { return Ready }})
		mustWait(t, task)
		task.Release()
		return task.w
	}
	w := spin()
	h := l.own.header(w.slot)
	h.word.Store(uint64(lastGen-2) << 32)
	for gen := uint32(lastGen - 2); gen <= lastGen; gen++ {
		if w := spin(); w.gen != gen {
			t.Fatalf("got %v, want generation %d", w, gen)
		}
	}
	if h.gen() != lastGen+1 || h.gen() == 0 {
		t.Errorf("the retired header has generation %d", h.gen())
	}
	for range 3 * chunkLen {
		if again := spin(); again.slot == w.slot {
			t.Fatal("a retired header was used again")
		}
	}
	if (Waker{w.slot, lastGen, l.id}).signal(sigWake) || (Waker{w.slot, 0, l.id}).alive() {
		t.Error("an old waker of a retired header is not stale")
	}
}

func TestRemoteHeaderIsRetiredBeforeItsGenerationWraps(t *testing.T) {
	rt := newQuietRuntime(t, 1)
	l := rt.Loop(0)
	spin := func() Waker {
		task := Spawn(rt, script{f: func(*Context, int) Poll { return Ready }})
		mustWait(t, task)
		task.Release()
		eventually(t, "the header is free", func() bool { return !task.w.alive() })
		return task.w
	}
	w := spin()
	l.own.header(w.slot).word.Store(uint64(lastGen) << 32)
	if last := spin(); last.slot != w.slot || last.gen != lastGen {
		t.Fatalf("got %v after %v", last, w)
	}
	for range 20 {
		if again := spin(); again.slot == w.slot {
			t.Fatal("a retired header was used again")
		}
	}
}

// ended returns a loop that was shut down and one that has its owner now.
func ended(t *testing.T) (old, next *Loop) {
	t.Helper()
	old, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if next = newTestLoop(t); next.own != old.own {
		t.Fatal("the owner was not taken up by the next loop")
	}
	return old, next
}

func TestLoopThatWasShutDownLeavesTheNextOneAlone(t *testing.T) {
	checkLeaks(t)
	old, next := ended(t)
	polled := false
	task := Spawn(next, script{f: func(*Context, int) Poll { polled = true; return Ready }})
	if _, err := old.Step(); err != ErrClosed {
		t.Errorf("Step = %v", err)
	}
	if err := old.RunUntilIdle(); err != ErrClosed {
		t.Errorf("RunUntilIdle = %v", err)
	}
	if err := old.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	if tasks, err := old.Tasks(context.Background()); len(tasks) != 0 || err != nil {
		t.Errorf("Tasks = %v, %v", tasks, err)
	}
	if _, err := old.Stats(context.Background()); err != ErrClosed {
		t.Errorf("Stats = %v", err)
	}
	lost := Spawn(old, script{f: func(*Context, int) Poll { t.Error("polled on a stranger's loop"); return Ready }})
	if _, err := lost.Wait(); err != ErrClosed {
		t.Errorf("Wait = %v", err)
	}
	Go(old, script{f: func(*Context, int) Poll { t.Error("polled on a stranger's loop"); return Ready }})
	if _, err := SpawnInit(old, func(*script) error { t.Error("built on a stranger's loop"); return nil }); err != ErrClosed {
		t.Errorf("SpawnInit = %v", err)
	}
	lost.Cancel()
	lost.Release()
	if polled {
		t.Error("the next loop's task was polled by the old one")
	}
	run(t, next)
	if !polled || next.own.idle.Load() != resting {
		t.Error("the next loop was disturbed")
	}
	task.Release()
}

func TestStaleWakersAndHandlesOfLoopsThatEnded(t *testing.T) {
	checkLeaks(t)
	var stale []Task[script]
	for round := range 20 {
		l, err := NewLoop(Config{})
		if err != nil {
			t.Fatal(err)
		}
		var live []Task[script]
		for range 30 {
			task := Spawn(l, pending())
			live = append(live, task)
		}
		run(t, l)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for _, s := range stale {
					s.Waker().Wake()
					s.Cancel()
					s.Release()
				}
			})
		}
		wg.Wait()
		run(t, l)
		for i, task := range live {
			f := at(l, task)
			if f.polls != 1 {
				t.Fatalf("round %d: task %d was polled %d times by stale wakers", round, i, f.polls)
			}
			task.Cancel()
			mustWait(t, task)
			task.Release()
		}
		stale = append(stale, live...)
		if err := l.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range stale {
		if _, err := s.Wait(); err == nil {
			t.Fatal("Wait on a stale handle returned no error")
		}
	}
}

func TestSpawnsFromElsewhereRaceWithDumps(t *testing.T) {
	// The headers of remote spawns are made by the goroutines that spawn, while
	// the loop looks at all headers.
	checkLeaks(t)
	rt := newQuietRuntime(t, 1)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range chunkLen {
				Go(rt, script{f: func(*Context, int) Poll { return Ready }})
			}
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for range 50 {
		if _, err := rt.Tasks(ctx); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}
