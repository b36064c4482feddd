package future

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// staged is a Suspender.
type staged struct{ where string }

func (f *staged) Poll(cx *Context) Poll { return Poll(cx.canceled) }
func (f *staged) Suspended() string     { return f.where }

func TestDumpShowsEveryStateAndGroupsLikeTasks(t *testing.T) {
	l, v := newVirtualLoop(t)
	l.cfg.OnPanic = func(*PanicError) {}
	done := Spawn(l, SleepAsync(0), Named("over"))
	bad := Spawn(l, script{f: func(*Context, int) Poll { panic("x") }})
	var waiting []Task[staged]
	for range 3 {
		waiting = append(waiting, Spawn(l, staged{"accept"}, Named("server")))
	}
	run(t, l)
	waiting[0].Cancel() // queued now, and cancelled
	v.now += time.Second - v.now
	fresh := Spawn(l, SleepAsync(time.Hour), Named("young"))
	tasks, err := l.Tasks(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WriteTasks(&b, tasks); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"6 tasks\n",
		"  2 x server (future.staged), waiting at accept, ages 1s to 1s\n",
		"  server (future.staged), queued at accept, canceled, age 1s\n",
		"  over (future.SleepFuture), done, age 1s\n",
		"  future.script, panicked, age 1s\n",
		"  young (future.SleepFuture), fresh, age ",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the dump does not show %q:\n%s", want, b.String())
		}
	}
	if !strings.Contains(strings.SplitAfter(b.String(), "\n")[1], "2 x server") {
		t.Errorf("the largest group is not the first:\n%s", b.String())
	}
	for _, task := range waiting {
		task.Cancel()
		task.Release()
	}
	fresh.Cancel()
	mustWait(t, fresh)
	fresh.Release()
	done.Release()
	bad.Release()
	if WriteTasks(brokenWriter{}, tasks) != errBroken {
		t.Error("WriteTasks hides the writer's error")
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestDumpOfALoopInALongPollGivesUp(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 2)
	entered, leave := make(chan struct{}), make(chan struct{})
	Go(rt.Loop(0), script{f: func(*Context, int) Poll { close(entered); <-leave; return Ready }})
	other := Spawn(rt.Loop(1), pending(), Named("other"))
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	eventually(t, "the other loop has its task", func() bool { return rt.Loop(1).load.Load() > 0 })
	_, err := rt.Tasks(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "loop 0 does not answer, a poll on it takes long") {
		t.Errorf("Tasks = %v", err)
	}
	close(leave)
	tasks, err := rt.Tasks(context.Background())
	if err != nil || len(tasks) == 0 || tasks[len(tasks)-1].Name != "other" || tasks[len(tasks)-1].Loop != 1 {
		t.Errorf("Tasks = %v, %v", tasks, err)
	}
	other.Cancel()
	mustWait(t, other)
	other.Release()
}

func TestDumpInsideAPollIsRefused(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 1)
	task := Spawn(rt, script{f: func(cx *Context, _ int) Poll {
		if _, err := rt.Tasks(context.Background()); err != ErrBlockedPoll {
			t.Errorf("Tasks = %v", err)
		}
		if _, err := cx.Loop().Stats(context.Background()); err != ErrBlockedPoll {
			t.Errorf("Stats = %v", err)
		}
		return Ready
	}})
	mustWait(t, task)
	task.Release()
}

func TestPanicInSuspendedHarmsNobody(t *testing.T) {
	var got []*PanicError
	l := newLoopWith(t, Config{OnPanic: func(e *PanicError) { got = append(got, e) }})
	task := Spawn(l, suspendedPanics{})
	run(t, l)
	tasks, err := l.Tasks(context.Background())
	if err != nil || len(tasks) != 1 || len(got) != 1 || got[0].During != "Suspended" {
		t.Errorf("Tasks = %v, %v; panics %v", tasks, err, got)
	}
	task.Cancel()
	mustWait(t, task)
	task.Release()
}

type suspendedPanics struct{ _ int }

func (*suspendedPanics) Poll(cx *Context) Poll { return Poll(cx.canceled) }
func (*suspendedPanics) Suspended() string     { panic("in Suspended") }

func TestStatsCountTasks(t *testing.T) {
	l := newTestLoop(t)
	want := func(want Stats) {
		t.Helper()
		if got, err := l.Stats(context.Background()); err != nil || got != want {
			t.Errorf("Stats = %+v, %v, want %+v", got, err, want)
		}
	}
	want(Stats{})
	a := Spawn(l, pending())
	b := Spawn(l, SleepAsync(0))
	want(Stats{Tasks: 2, Live: 2})
	run(t, l)
	want(Stats{Tasks: 2, Live: 1})
	b.Release()
	want(Stats{Tasks: 1, Live: 1})
	a.Cancel()
	mustWait(t, a)
	a.Release()
	want(Stats{})
}

// TestAgesAreThoseOfTheMoment regresses ages that stood still while nobody stepped the loop, if
// the last turn had looked at the time.
func TestAgesAreThoseOfTheMoment(t *testing.T) {
	l, v := newVirtualLoop(t)
	ages := func() (list []time.Duration) {
		tasks, err := l.Tasks(context.Background())
		if err != nil {
			t.Error(err)
		}
		for _, i := range tasks {
			list = append(list, i.Age.Round(time.Second))
		}
		slices.Sort(list)
		return list
	}
	sleeper := Spawn(l, SleepAsync(1000*time.Hour))
	run(t, l)
	run(t, l)
	v.now += time.Hour
	if got := ages(); !slices.Equal(got, []time.Duration{time.Hour}) {
		t.Errorf("an hour after the spawn: %v", got)
	}
	run(t, l)
	v.now += time.Hour
	other := Spawn(l, SleepAsync(1000*time.Hour))
	if got := ages(); !slices.Equal(got, []time.Duration{0, 2 * time.Hour}) {
		t.Errorf("after two hours, and at once: %v", got)
	}
	run(t, l)
	v.now += time.Hour
	sleeper.Release()
	other.Release()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e, ok := errors.AsType[*ShutdownError](l.Shutdown(ctx))
	if !ok || len(e.Aborted) != 2 || max(e.Aborted[0].Age, e.Aborted[1].Age).Round(time.Second) != 3*time.Hour {
		t.Errorf("aborted after three hours: %v", e)
	}
}

// TestInquiriesKeepNobodyFromRunningTheLoop regresses a Step that failed while another goroutine
// looked at the tasks.
func TestInquiriesKeepNobodyFromRunningTheLoop(t *testing.T) {
	l := newTestLoop(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	task := Spawn(l, slowToTell{asked, answer})
	run(t, l)
	told := make(chan error)
	go func() {
		_, err := l.Tasks(t.Context())
		told <- err
	}()
	<-asked
	stepped := make(chan error)
	go func() {
		_, err := l.Step()
		stepped <- err
	}()
	select {
	case err := <-stepped:
		t.Errorf("Step = %v while another goroutine looks at the tasks", err)
		stepped = nil
	case <-time.After(5 * time.Millisecond):
	}
	answer <- struct{}{}
	if err := <-told; err != nil {
		t.Errorf("Tasks: %v", err)
	}
	if stepped != nil {
		if err := <-stepped; err != nil {
			t.Errorf("Step = %v", err)
		}
	}
	task.Cancel()
	mustWait(t, task)
	task.Release()
}

// slowToTell is a Suspender that takes its time.
type slowToTell struct{ asked, answer chan struct{} }

func (f *slowToTell) Poll(cx *Context) Poll { return Poll(cx.Canceled()) }

func (f *slowToTell) Suspended() string {
	f.asked <- struct{}{}
	<-f.answer
	return "its answer"
}
