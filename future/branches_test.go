package future

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pinion-go/pinion/pin"
)

func TestJoinPollsAChildOnlyUntilItIsReady(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(3)
	task := Spawn(l, Join3(fs[0], fs[1], fs[2]))
	idle(t, l)
	for _, i := range []int{1, 0, 2} {
		fs[i].finish()
		idle(t, l)
		task.w.Wake()
		idle(t, l)
	}
	f := mustWait(t, task)
	checkProbes(t, fs...)
	if f.A().probeState != fs[0].probeState || f.B().probeState != fs[1].probeState || f.C().probeState != fs[2].probeState {
		t.Error("children are mixed up")
	}
	task.Release()
}

// futures-rs 2047 for a fixed number of children: the one that is polled first uses
// up the budget each time.
func TestJoinGreedyChildStarvesNobodyFuturesRs2047(t *testing.T) {
	l := newTestLoop(t)
	greedy := probe{&probeState{spends: true}}
	served := 0
	modest := script{f: func(cx *Context, _ int) Poll {
		if cx.Spend() {
			served++
		}
		return Poll(served >= 100)
	}}
	pair := Spawn(l, Join(greedy, modest))
	other := Spawn(l, YieldAsync())
	for range 2000 {
		if _, err := l.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if served < 100 {
		t.Errorf("the sibling was served %d times in 2000 turns", served)
	}
	mustWait(t, other)
	greedy.finish()
	mustWait(t, pair)
	pair.Release()
	other.Release()
}

func TestJoinPanicCancelsAndDrainsTheOther(t *testing.T) {
	for bad := range 3 {
		for _, first := range []int{0, 1, 2} {
			t.Run(fmt.Sprintf("child%d/first%d", bad, first), func(t *testing.T) {
				l, err := NewLoop(Config{Choose: func(ChoicePoint, int) int { return first }})
				if err != nil {
					t.Fatal(err)
				}
				fs := probes(3)
				fs[bad].panics = "boom"
				fs[(bad+1)%3].stubborn = true
				task := Spawn(l, Join3(fs[0], fs[1], fs[2]))
				if err := l.RunUntilIdle(); err != nil {
					t.Fatal(err)
				}
				if isDone(l, task) || !fs[(bad+2)%3].canceled {
					t.Error("the panic did not wait for the others, or did not cancel them")
				}
				fs[(bad+1)%3].finish()
				checkPanic(t, task, "boom")
				checkProbes(t, fs...)
				task.Release()
				for i, p := range fs {
					if p.drops != 1 || p.polls > 3 {
						t.Errorf("child %d: %d drops, %d polls", i, p.drops, p.polls)
					}
				}
				if err := l.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestJoinGoexitOfAChildAbortsTheOther(t *testing.T) {
	rt := newTestRuntime(t)
	fs := probes(2)
	fs[0].stubborn = true
	task := Spawn(rt, Join(fs[0], fs[1]))
	for range 20 { // whichever is polled first, the other is under way in the end
		task.w.Wake()
		time.Sleep(time.Millisecond)
	}
	end := Spawn(rt, script{f: func(cx *Context, _ int) Poll {
		fs[1].goexit = true
		cx.Wake(task.w)
		return Ready
	}})
	_, err := task.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !pe.Goexit {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
	mustWait(t, end)
	end.Release()
	if !fs[0].aborted {
		t.Error("the sibling of a child that called Goexit was left behind")
	}
}

func TestJoinAbortRunsEachChild(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	fs := probes(5)
	for _, p := range fs {
		p.stubborn = true
	}
	Go(l, Join3(fs[0], Join(fs[1], fs[2]), Timeout(time.Hour, Shield(Select2(fs[3], fs[4])))))
	idle(t, l)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 1 || len(se.Leaked) != 0 {
		t.Errorf("Shutdown = %v", err)
	}
	for i, p := range fs {
		if !p.aborted || p.late != 0 {
			t.Errorf("leaf %d: aborted = %v, %d polls after its end", i, p.aborted, p.late)
		}
	}
	if l.leaked != 0 {
		t.Error("the timer was left in the wheel")
	}
}

func TestJoinDropsChildrenInReverseAlsoWhenOnePanics(t *testing.T) {
	l, err := NewLoop(Config{OnPanic: func(*PanicError) {}})
	if err != nil {
		t.Fatal(err)
	}
	for boom := range 4 {
		var dropped []string
		fs := probes(3)
		for i, p := range fs {
			p.ready, p.dropped, p.dropBoom = true, &dropped, i == boom
		}
		task := Spawn(l, Join3(fs[0], fs[1], fs[2]))
		mustWait(t, task)
		task.Release()
		checkDrops(t, dropped, "c", "b", "a")
	}
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestSelectWaitsForItsLosersAndKeepsWhatTheyObtained(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(3)
	fs[0].stubborn = true // as if its result were on the way when it is cancelled
	task := Spawn(l, Select3(fs[0], fs[1], fs[2]))
	idle(t, l)
	fs[2].finish()
	idle(t, l)
	if isDone(l, task) {
		t.Fatal("the select did not wait for a loser")
	}
	if !fs[1].canceled {
		t.Error("a loser was not cancelled")
	}
	fs[0].finish()
	f := mustWait(t, task)
	if f.Winner() != 2 || f.A().Result() != nil || f.B().Result() != ErrCanceled || f.C().Result() != nil {
		t.Errorf("winner %d, results %v, %v, %v", f.Winner(), f.A().Result(), f.B().Result(), f.C().Result())
	}
	checkProbes(t, fs...)
	task.Release()
}

// tokio 7979: a completion was stored, and dropped with its future before the next
// poll. Here the loser completes in the very poll in which it loses.
func TestSelectLoserThatCompletedBeforeTheNextPollTokio7979(t *testing.T) {
	for first := range 2 {
		l, err := NewLoop(Config{Choose: func(p ChoicePoint, n int) int { return first }})
		if err != nil {
			t.Fatal(err)
		}
		fs := probes(2)
		task := Spawn(l, Select2(fs[0], fs[1]))
		if err := l.RunUntilIdle(); err != nil {
			t.Fatal(err)
		}
		fs[0].finish()
		fs[1].finish()
		f := mustWait(t, task)
		if f.Winner() != first || f.A().Result() != nil || f.B().Result() != nil {
			t.Errorf("first %d: winner %d, results %v, %v", first, f.Winner(), f.A().Result(), f.B().Result())
		}
		checkProbes(t, fs...)
		task.Release()
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestSelectFirstBranchVaries(t *testing.T) {
	l := newTestLoop(t)
	var wins [3]int
	for range 600 {
		fs := probes(3)
		for _, p := range fs {
			p.ready = true
		}
		task := Spawn(l, Select3(fs[0], fs[1], fs[2]))
		wins[mustWait(t, task).Winner()]++
		task.Release()
	}
	for i, n := range wins {
		if n < 100 {
			t.Errorf("branch %d of three that were ready won %d times of 600", i, n)
		}
	}
}

func TestSelectOfACanceledTaskEndsAllBranches(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(2)
	task := Spawn(l, Select2(fs[0], fs[1]))
	idle(t, l)
	task.Cancel()
	f := mustWait(t, task)
	if f.Winner() < 0 || !fs[0].canceled || !fs[1].canceled {
		t.Errorf("winner %d, canceled %v and %v", f.Winner(), fs[0].canceled, fs[1].canceled)
	}
	if fs[0].polls != 2 || fs[1].polls != 2 {
		t.Errorf("polled %d and %d times, want 2: nothing is polled twice to hear the same", fs[0].polls, fs[1].polls)
	}
	checkProbes(t, fs...)
	task.Release()
}

func TestCancelMethodReachesTheChildrenAtTheNextPoll(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(2)
	task := Spawn(l, Join(fs[0], fs[1]))
	idle(t, l)
	f := l.futureOf(l.header(task.w.slot)).(*JoinFuture[probe, probe, *probe, *probe])
	f.Cancel()
	f.Cancel()
	if fs[0].canceled || fs[1].canceled {
		t.Error("Cancel polls")
	}
	task.w.Wake()
	mustWait(t, task)
	if !fs[0].canceled || !fs[1].canceled {
		t.Error("Cancel did not reach a child")
	}
	task.Release()
}

func TestBranchesThatAreCopiedAfterTheFirstPollAreCaught(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(2)
	task := Spawn(l, Join(fs[0], fs[1]))
	idle(t, l)
	stolen := *l.futureOf(l.header(task.w.slot)).(*JoinFuture[probe, probe, *probe, *probe])
	thief := Spawn(l, stolen)
	_, err := thief.Wait()
	pe, ok := errors.AsType[*PanicError](err)
	if !ok {
		t.Fatalf("Wait = %v", err)
	}
	if _, ok := pe.Value.(*pin.MovedError); !ok {
		t.Errorf("panic with %v, want a *pin.MovedError", pe.Value)
	}
	thief.Release()
	fs[0].finish()
	fs[1].finish()
	mustWait(t, task)
	task.Release()
}

func TestBranchesDoNotAllocate(t *testing.T) {
	l := newTestLoop(t)
	once := func() {
		task := Spawn(l, Join(Select2(YieldAsync(), SleepAsync(time.Hour)), Timeout(time.Hour, YieldAsync())))
		if _, err := task.Wait(); err != nil {
			t.Fatal(err)
		}
		task.Release()
	}
	once()
	if n := testing.AllocsPerRun(100, once); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkJoin(b *testing.B) {
	b.Run("tasks", func(b *testing.B) {
		l := newTestLoop(b)
		b.ReportAllocs()
		for b.Loop() {
			task := Spawn(l, Join(YieldAsync(), YieldAsync()))
			if _, err := task.Wait(); err != nil {
				b.Fatal(err)
			}
			task.Release()
		}
	})
	b.Run("goroutines", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			done := make(chan struct{}, 2)
			for range 2 {
				go func() { Yield(); done <- struct{}{} }()
			}
			<-done
			<-done
		}
	})
}
