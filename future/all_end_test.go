package future

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
)

func TestAllPanicOfAChildCancelsAndDrainsTheOthers(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(5)
	fs[1].stubborn = true
	task := Spawn(l, All(fs...))
	idle(t, l)
	fs[3].panics = "boom"
	fs[3].waker.Wake()
	idle(t, l)
	if isDone(l, task) {
		t.Fatal("the set ended before a child that takes its time")
	}
	for _, i := range []int{0, 2, 4} {
		if !fs[i].canceled {
			t.Errorf("child %d was not cancelled", i)
		}
	}
	fs[1].finish()
	checkPanic(t, task, "boom")
	checkProbes(t, fs...)
	task.Release()
	for i, p := range fs {
		if p.drops != 1 {
			t.Errorf("child %d was dropped %d times", i, p.drops)
		}
	}
}

func TestAllPanicsOfManyChildrenReportTheFirst(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(200)
	for i := range fs {
		fs[i].panics = "boom"
	}
	task := Spawn(l, All(fs...))
	checkPanic(t, task, "boom")
	checkProbes(t, fs...)
	task.Release()
}

func TestAllCancelReachesAllWaitingChildren(t *testing.T) {
	for _, how := range []string{"task", "future"} {
		t.Run(how, func(t *testing.T) {
			l := newTestLoop(t)
			fs := probes(300)
			task := Spawn(l, All(fs...))
			idle(t, l)
			if how == "task" {
				task.Cancel()
			} else {
				l.futureOf(l.header(task.w.slot)).(Canceler).Cancel()
				task.w.Wake()
			}
			mustWait(t, task)
			for i, p := range fs {
				if !p.canceled || p.polls != 2 {
					t.Errorf("child %d: canceled = %v after %d polls", i, p.canceled, p.polls)
				}
			}
			task.Release()
		})
	}
}

func TestAllCanceledBeforeItsFirstPollRunsItsChildren(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(3)
	fs[1].ready = true
	task := Spawn(l, All(fs...))
	task.Cancel()
	mustWait(t, task)
	if !fs[0].canceled || fs[1].canceled || !fs[2].canceled {
		t.Error("a child's result is not what its poll made of it")
	}
	checkProbes(t, fs...)
	task.Release()
}

func TestAllDropsChildrenInReverse(t *testing.T) {
	l := newTestLoop(t)
	var dropped []string
	fs := probes(3)
	for _, p := range fs {
		p.ready, p.dropped = true, &dropped
	}
	task := Spawn(l, All(fs...))
	mustWait(t, task)
	checkDrops(t, dropped)
	task.Release()
	checkDrops(t, dropped, "c", "b", "a")
}

// futures-rs 2886: use after free when a future panicked while it was dropped.
func TestAllChildThatPanicsInDropFuturesRs2886(t *testing.T) {
	var reported []any
	l, err := NewLoop(Config{OnPanic: func(e *PanicError) { reported = append(reported, e.Value) }})
	if err != nil {
		t.Fatal(err)
	}
	var dropped []string
	fs := probes(4)
	for _, p := range fs {
		p.ready, p.dropped = true, &dropped
	}
	fs[1].dropBoom, fs[2].dropBoom = true, true
	task := Spawn(l, All(fs...))
	mustWait(t, task)
	task.Release()
	checkDrops(t, dropped, "d", "c", "b", "a")
	if len(reported) != 1 {
		t.Errorf("reported %v, want the one panic of the one task", reported)
	}
	// The frame and the children's memory are whole: the next task may have them.
	next := probes(4)
	for _, p := range next {
		p.ready = true
	}
	again := Spawn(l, All(next...))
	runtime.GC()
	mustWait(t, again)
	again.Release()
	for i, p := range next {
		if p.drops != 1 {
			t.Errorf("child %d of the next task was dropped %d times", i, p.drops)
		}
	}
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestDropEachGoesOnAfterAPanicAndAGoexit(t *testing.T) {
	var order []int
	ended := make(chan bool)
	go func() {
		defer close(ended)
		defer func() { recover() }()
		dropEach(6, func(i int) {
			order = append(order, i)
			switch i {
			case 4, 3:
				panic(i)
			case 2:
				runtime.Goexit()
			}
		})
	}()
	<-ended
	if !slices.Equal(order, []int{5, 4, 3, 2, 1, 0}) {
		t.Errorf("dropped %v", order)
	}
}

func TestAllGoexitOfAChildAbortsTheOthers(t *testing.T) {
	rt := newTestRuntime(t)
	fs := probes(4)
	fs[2].goexit = true
	task := Spawn(rt, All(fs...))
	_, err := task.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !pe.Goexit {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
	// The children before it were under way, wherever the set began.
	began := 0
	for i, p := range fs {
		if i != 2 && p.polls > 0 {
			began++
			if !p.aborted {
				t.Errorf("child %d was left behind", i)
			}
		}
	}
	if began != 2 {
		t.Errorf("%d children had begun, want 2: the test has lost its point", began)
	}
}

func TestAllAbortRunsEachChild(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	fs := probes(4)
	for _, p := range fs {
		p.stubborn = true
	}
	nested := Spawn(l, All(All(fs[0], fs[1]), All(fs[2], fs[3])))
	idle(t, l)
	fs[1].finish()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	se, ok := errors.AsType[*ShutdownError](err)
	if !ok || len(se.Aborted) != 1 || len(se.Leaked) != 0 {
		t.Errorf("Shutdown = %v", err)
	}
	checkProbes(t, fs...)
	for i, p := range fs {
		if p.aborted == p.ready {
			t.Errorf("child %d: aborted = %v, had what it waited for: %v", i, p.aborted, p.ready)
		}
	}
	nested.Release()
	if len(l.sets) > 1 && len(l.freeSets) != len(l.sets)-1 {
		t.Errorf("%d of %d sets are still open", len(l.sets)-1-len(l.freeSets), len(l.sets)-1)
	}
}

func TestAllWithAChildThatSurvivesAnAbortIsLeaked(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	Spawn(l, All(script{f: func(*Context, int) Poll { return Pending }}))
	idle(t, l)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Leaked) != 1 {
		t.Errorf("Shutdown = %v: memory that a child is still using may be reused", err)
	}
}
