package future

import (
	"context"
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
