package future

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/pinion-go/pinion/pin"
)

func TestAllPollsOnlyWokenChildren(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(50)
	task := Spawn(l, All(fs...))
	idle(t, l)
	for _, i := range []int{7, 3, 7, 49} {
		fs[i].waker.Wake()
	}
	idle(t, l)
	for i, p := range fs {
		want := 1
		if i == 7 || i == 3 || i == 49 {
			want = 2
		}
		if p.polls != want {
			t.Errorf("child %d was polled %d times, want %d", i, p.polls, want)
		}
	}
	for _, p := range fs {
		p.finish()
	}
	mustWait(t, task)
	checkProbes(t, fs...)
	task.Release()
}

// futures-rs 2526: the cost of a set grew with the square of its size.
func TestAllIsLinearFuturesRs2526(t *testing.T) {
	l := newTestLoop(t)
	const n = 100_000
	states := make([]probeState, n)
	fs := make([]probe, n)
	for i := range fs {
		fs[i].probeState = &states[i]
	}
	task := Spawn(l, All(fs...))
	idle(t, l)
	// Woken one at a time, each wake costs one poll of one child.
	for i := range states {
		if i%2 == 0 {
			states[i].finish()
			idle(t, l)
		}
	}
	for i := range states {
		if i%2 != 0 {
			states[i].finish()
		}
	}
	mustWait(t, task)
	for i := range states {
		if s := &states[i]; s.polls != 2 || !s.over {
			t.Fatalf("child %d: over = %v after %d polls, want 2", i, s.over, s.polls)
		}
	}
	task.Release()
}

// futures-rs 2047: a child that was always ready kept its siblings, other tasks and
// timers from ever being polled.
func TestAllAlwaysReadyChildStarvesNobodyFuturesRs2047(t *testing.T) {
	l := newTestLoop(t)
	const n = 300 // more than a budget's worth
	fs := probes(n)
	for i := range 3 {
		fs[i].spends = true
	}
	task := Spawn(l, All(fs...))
	sleep := Spawn(l, SleepAsync(time.Millisecond))
	for range 10 * n {
		if _, err := l.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range fs {
		if p.polls == 0 {
			t.Fatalf("child %d was never polled", i)
		}
	}
	mustWait(t, sleep)
	fs[n-1].finish()
	for range 10 {
		l.Step()
	}
	if !fs[n-1].over {
		t.Error("a woken child was not polled")
	}
	for _, p := range fs {
		p.finish()
	}
	mustWait(t, task)
	checkProbes(t, fs...)
	task.Release()
	sleep.Release()
}

func TestAllPollsABudgetsWorthAtATime(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(3000)
	task := Spawn(l, All(fs...))
	polls := func() (n int) {
		for _, p := range fs {
			n += p.polls
		}
		return n
	}
	most, last := 0, 0
	watch := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		n := polls()
		most, last = max(most, n-last), n
		cx.Wake(cx.Waker())
		return Poll(n == 2*len(fs))
	}})
	for polls() < len(fs) {
		l.Step()
	}
	for _, p := range fs {
		p.finish()
	}
	mustWait(t, task)
	mustWait(t, watch)
	if most > budgetPerPoll {
		t.Errorf("%d children were polled before another task was", most)
	}
	task.Release()
	watch.Release()
}

func TestAllChildThatYieldsLetsOtherTasksRun(t *testing.T) {
	l := newTestLoop(t)
	var order []string
	yielder := func(name string) script {
		return script{f: func(cx *Context, n int) Poll {
			order = append(order, fmt.Sprint(name, n))
			if n == 3 {
				return Ready
			}
			cx.Wake(cx.Waker())
			return Pending
		}}
	}
	set := Spawn(l, All(yielder("x"), yielder("x")))
	other := Spawn(l, yielder("other"))
	idle(t, l)
	want := []string{"x1", "x1", "other1", "x2", "x2", "other2", "x3", "x3", "other3"}
	if !slices.Equal(order, want) {
		t.Errorf("polled in the order %v, want %v", order, want)
	}
	set.Release()
	other.Release()
}

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

func TestAllThatIsCopiedAfterItsFirstPollIsCaught(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, script{f: func(cx *Context, _ int) (p Poll) {
		fs := probes(1)
		a := All(fs...)
		a.Poll(cx)
		b := new(AllFuture[probe, *probe])
		*b = a
		func() {
			defer func() {
				if _, ok := recover().(*pin.MovedError); !ok {
					t.Error("a copy was polled")
				}
			}()
			b.Poll(cx)
		}()
		fs[0].ready = true
		fs[0].waker.Wake()
		cx.Wake(fs[0].waker)
		if a.Poll(cx) != Ready {
			t.Error("the original does not go on")
		}
		return Ready
	}})
	mustWait(t, task)
	task.Release()
}

func TestAllOfNoneIsReady(t *testing.T) {
	l := newTestLoop(t)
	task := Spawn(l, All[probe]())
	if f := mustWait(t, task); f.Len() != 0 {
		t.Errorf("Len = %d", f.Len())
	}
	task.Release()
}

func TestAllNestedPollsOnlyTheWokenLeaf(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(9)
	task := Spawn(l, All(All(fs[:3]...), All(fs[3:6]...), All(fs[6:]...)))
	idle(t, l)
	fs[4].waker.Wake()
	idle(t, l)
	for i, p := range fs {
		want := 1
		if i == 4 {
			want = 2
		}
		if p.polls != want {
			t.Errorf("leaf %d was polled %d times, want %d", i, p.polls, want)
		}
	}
	for _, p := range fs {
		p.finish()
	}
	mustWait(t, task)
	checkProbes(t, fs...)
	task.Release()
}

// Each child waits for a task of its own, so that the joiner to be woken is a child
// and not the task.
func TestAllOfWaits(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(10)
	var tasks []Task[probe]
	var waits []TaskWaitFuture[probe]
	for _, p := range fs {
		tasks = append(tasks, Spawn(l, p))
		waits = append(waits, tasks[len(tasks)-1].WaitAsync())
	}
	all := Spawn(l, All(waits...))
	idle(t, l)
	for i := len(fs) - 1; i >= 0; i-- {
		fs[i].finish()
		idle(t, l)
	}
	for i, w := range mustWait(t, all).Each() {
		if p, err := w.Result(); err != nil || p.probeState != fs[i].probeState {
			t.Errorf("wait %d = %v, %v", i, p, err)
		}
		tasks[i].Release()
	}
	all.Release()
}

// samber/mo: of two continuations of one future, the second displaced the first.
func TestSecondContinuationDoesNotDropTheFirst(t *testing.T) {
	l := newTestLoop(t)
	ctx, cancel := context.WithCancel(context.Background())
	fs := probes(1)
	task := Spawn(l, fs[0])
	waits := Spawn(l, All(task.WaitAsync(), task.WaitAsync(), task.WaitAsync()))
	alone := Spawn(l, task.WaitAsync())
	ends := Spawn(l, All(FromContext(ctx), FromContext(ctx)))
	idle(t, l)
	fs[0].finish()
	cancel()
	for i, w := range mustWait(t, waits).Each() {
		if p, err := w.Result(); err != nil || p.probeState != fs[0].probeState {
			t.Errorf("wait %d = %v, %v", i, p, err)
		}
	}
	mustWait(t, alone)
	mustWait(t, ends)
	waits.Release()
	alone.Release()
	ends.Release()
	task.Release()
}

func BenchmarkAll(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("yields=%d", n), func(b *testing.B) {
			l := newTestLoop(b)
			b.ReportAllocs()
			fs := make([]YieldFuture, n)
			for b.Loop() {
				task := Spawn(l, All(fs...))
				if _, err := task.Wait(); err != nil {
					b.Fatal(err)
				}
				task.Release()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/child")
		})
		b.Run(fmt.Sprintf("goroutines=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				done := make(chan struct{})
				for range n {
					go func() { runtime.Gosched(); done <- struct{}{} }()
				}
				for range n {
					<-done
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/child")
		})
	}
}
