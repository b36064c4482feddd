package future

import (
	"context"
	"testing"
	"time"
)

// queuedAtEnd wakes itself and ends, so that its header is in a queue when it is
// given up.
func queuedAtEnd() script {
	return script{f: func(cx *Context, _ int) Poll {
		cx.Wake(cx.Waker())
		return Ready
	}}
}

func TestChildThatEndsQueuedLeavesItsHeaderUsable(t *testing.T) {
	l := newTestLoop(t)
	polled := false
	set := Spawn(l, script{f: func(cx *Context, n int) Poll {
		return All(queuedAtEnd(), queuedAtEnd()).pollOnce(cx)
	}})
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		Go(l, script{f: func(*Context, int) Poll { polled = true; return Ready }})
		polled = false
		if err := l.RunUntilIdle(); err != nil {
			t.Fatal(err)
		}
		if !polled {
			t.Fatal("a task was not polled: its header was thought to be queued")
		}
	}
	set.Release()
}

// pollOnce polls a set that is Ready at its first poll, within somebody else's.
func (f AllFuture[F, P]) pollOnce(cx *Context) Poll {
	p := new(AllFuture[F, P])
	*p = f
	return p.Poll(cx)
}

func TestTaskThatEndsQueuedLeavesItsHeaderUsableForAChild(t *testing.T) {
	l := newTestLoop(t)
	for range 4 {
		Go(l, queuedAtEnd())
	}
	// In the same turn, a set takes up the headers that are still queued.
	polls := 0
	set := Spawn(l, All(
		script{f: func(cx *Context, n int) Poll { polls++; return Poll(n > 1) }},
		sleepScript(time.Millisecond),
	))
	if err := l.RunUntilIdle(); err != nil {
		t.Fatal(err)
	}
	set.Cancel()
	if _, err := set.Wait(); err != nil {
		t.Fatal(err)
	}
	set.Release()
	if polls < 2 {
		t.Errorf("polled %d times", polls)
	}
}

// sleepScript is a sleep as a script, so that it can be a sibling of scripts.
func sleepScript(d time.Duration) script {
	s := SleepAsync(d)
	p := &s
	return script{f: func(cx *Context, _ int) Poll { return p.Poll(cx) }}
}

func TestNextLoopDoesNotTakeUpTheQueueOfTheLast(t *testing.T) {
	// The owner of a loop that ends is taken up by the next one.
	for range 20 {
		l, err := NewLoop(Config{})
		if err != nil {
			t.Fatal(err)
		}
		polled := 0
		for range pollsPerTurn {
			Go(l, script{f: func(cx *Context, _ int) Poll {
				polled++
				cx.Wake(cx.Waker())
				return Ready
			}})
		}
		// Shutdown stops as soon as all tasks are done, with entries in the queue.
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		if err := l.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		if polled != pollsPerTurn {
			t.Fatalf("%d of %d tasks were polled", polled, pollsPerTurn)
		}
	}
}

func TestChildrenOfAPanickedParentAreNoneOfTheNextLoop(t *testing.T) {
	var wakers []Waker
	for range 10 {
		l, err := NewLoop(Config{OnPanic: func(*PanicError) {}})
		if err != nil {
			t.Fatal(err)
		}
		task := Spawn(l, orphaner{})
		if err := l.RunUntilIdle(); err != nil {
			t.Fatal(err)
		}
		f := l.futureOf(l.own.header(task.w.slot)).(*orphaner)
		wakers = append(wakers, f.kid)
		for _, w := range wakers {
			w.Wake()
		}
		if err := l.RunUntilIdle(); err != nil {
			t.Fatal(err)
		}
		task.Release()
		if err := l.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, w := range wakers {
			w.Wake()
			if w.alive() {
				t.Fatalf("child %v has outlived its loop", w)
			}
		}
	}
}

// orphaner begins a child of a set and panics without ending it.
type orphaner struct {
	set AllFuture[script, *script]
	kid Waker
}

func (o *orphaner) Poll(cx *Context) Poll {
	o.set = All(script{f: func(cx *Context, _ int) Poll {
		o.kid = cx.Waker()
		return Pending
	}})
	o.set.Poll(cx)
	panic("orphans its child")
}

func TestChooseFavoursNobodyWhoAsksInTurn(t *testing.T) {
	l := newTestLoop(t)
	const askers, rounds = 2, 1000
	for n := 2; n <= 5; n++ {
		var counts [askers][5]int
		for range rounds {
			for a := range counts {
				c := l.cx.Choose(ChooseBranch, n)
				counts[a][c]++
			}
		}
		for a, c := range counts {
			for i := range n {
				if c[i] < rounds/n/2 {
					t.Errorf("asker %d of %d branches got %d only %d times of %d", a, n, i, c[i], rounds)
				}
			}
		}
	}
}

func TestShieldDoesNotHideAnAbort(t *testing.T) {
	l := newTestLoop(t)
	cx := &l.cx
	cx.canceled, cx.aborting = true, true
	seen := false
	cx.PollShielded(&script{f: func(cx *Context, _ int) Poll { seen = cx.Canceled(); return Ready }})
	cx.canceled, cx.aborting = false, false
	if !seen {
		t.Error("an abort was hidden: operations would not withdraw")
	}
}

// TestASetIsPolledHoweverDeepItLies regresses sets of which each used up some of the budget: those
// within more of them than there is budget were never polled, and the loop did not come to rest.
func TestASetIsPolledHoweverDeepItLies(t *testing.T) {
	l := newTestLoop(t)
	polls := 0
	f := anyFuture{&script{f: func(cx *Context, n int) Poll {
		polls = n
		if n == 1 {
			cx.Wake(cx.Waker())
		}
		return Poll(n == 2 && cx.Spend())
	}}}
	for range 2*budgetPerPoll + 10 {
		all := All(f)
		f = anyFuture{&all}
	}
	task := Spawn(l, f)
	for range 10 {
		if _, err := l.Step(); err != nil {
			t.Error(err)
		}
	}
	if !isDone(l, task) || polls != 2 {
		t.Errorf("after ten turns it was polled %d times, want twice", polls)
		return // the loop would never rest
	}
	task.Release()
}

// anyFuture is a future of any type.
type anyFuture struct{ Future }
