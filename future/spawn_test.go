package future

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// spawners is a loop nobody runs and a Runtime's loop.
func spawners(t *testing.T, f func(t *testing.T, s Spawner)) {
	t.Run("local", func(t *testing.T) { checkLeaks(t); f(t, newTestLoop(t)) })
	t.Run("remote", func(t *testing.T) { checkLeaks(t); f(t, newQuietRuntime(t, 1)) })
	t.Run("claimed", func(t *testing.T) { // a loop that somebody runs now and leaves soon
		checkLeaks(t)
		l := newTestLoop(t)
		for range 50 {
			entered := make(chan struct{})
			Go(l, script{f: func(*Context, int) Poll { close(entered); runtime.Gosched(); return Ready }})
			done := make(chan struct{})
			go func() {
				defer close(done)
				l.RunUntilIdle()
			}()
			<-entered
			f(t, l)
			<-done
		}
	})
}

func TestInitialiserThatFailsLeavesTheFrameReusable(t *testing.T) {
	spawners(t, func(t *testing.T, s Spawner) {
		var where []*script
		boom := errors.New("boom")
		_, err := SpawnInit(s, func(f *script) error { where = append(where, f); f.polls = 7; return boom })
		if err != boom {
			t.Errorf("SpawnInit = %v", err)
		}
		_, err = SpawnInit(s, func(f *script) error { where = append(where, f); f.polls = 7; panic(boom) })
		if pe, ok := errors.AsType[*PanicError](err); !ok || !errors.Is(err, boom) || pe.During != "an initialiser" || pe.Task != "future.script" || len(pe.Stack) == 0 {
			t.Errorf("SpawnInit = %v", err)
		}
		if onGoroutine(func() {
			SpawnInit(s, func(f *script) error { where = append(where, f); f.polls = 7; runtime.Goexit(); return nil })
		}) {
			t.Error("Goexit did not end the goroutine that built")
		}
		task, err := SpawnInit(s, func(f *script) error {
			where = append(where, f)
			if f.polls != 0 || f.f != nil {
				t.Error("the frame is not like new")
			}
			f.f = func(*Context, int) Poll { return Ready }
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if f := mustWait(t, task); f != where[len(where)-1] {
			t.Error("the future is not where it was built")
		}
		task.Release()
	})
}

func TestNilInitialiserLeavesAZeroFuture(t *testing.T) {
	spawners(t, func(t *testing.T, s Spawner) {
		task, err := SpawnInit[SleepFuture](s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if mustWait(t, task).Result() != nil {
			t.Error("the zero SleepFuture is not over")
		}
		task.Release()
	})
}

// TestSignalsThatOvertakeASpawn asks things of a task whose spawn is still in the
// mailbox of its loop.
func TestSignalsThatOvertakeASpawn(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 1)
	for range 200 {
		entered, leave := make(chan struct{}), make(chan struct{})
		Go(rt, script{f: func(*Context, int) Poll { close(entered); <-leave; return Ready }})
		<-entered // from here on spawns stay in the mailbox
		dropped := make(chan bool, 1)
		var canceled bool
		released := Spawn(rt, script{
			f:    func(cx *Context, _ int) Poll { canceled = cx.Canceled(); return Poll(canceled) },
			drop: func() { dropped <- canceled },
		})
		waited := Spawn(rt, pending())
		released.Cancel()
		released.Release()
		waited.Waker().Wake()
		waited.Cancel()
		got := make(chan error)
		go func() {
			_, err := waited.Wait()
			got <- err
		}()
		close(leave)
		if !<-dropped {
			t.Fatal("the task did not see that it was cancelled")
		}
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		waited.Release()
	}
	if l := rt.Loop(0); l.own.header(0) != nil {
		t.Error("slot 0 is a task")
	}
}

func TestSpawnFromEveryCallback(t *testing.T) {
	checkLeaks(t)
	ran := make(chan string, 10)
	child := func(name string) script {
		return script{f: func(*Context, int) Poll { ran <- name; return Ready }}
	}
	expect := func(l *Loop, names ...string) {
		t.Helper()
		run(t, l)
		for _, name := range names {
			select {
			case got := <-ran:
				if got != name {
					t.Errorf("%q ran, want %q", got, name)
				}
			default:
				t.Errorf("%q did not run", name)
			}
		}
	}
	var l *Loop
	l = newLoopWith(t, Config{OnPanic: func(*PanicError) { Go(l, child("OnPanic")) }})
	l.OnWake(func() {})
	Go(l, script{f: func(*Context, int) Poll { return Ready }, drop: func() { Go(l, child("Drop")) }})
	expect(l, "Drop")
	task, err := SpawnInit(l, func(f *script) error {
		Go(l, child("init"))
		f.f = func(cx *Context, _ int) Poll { Go(l, child("poll")); return Ready }
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(l, "init", "poll")
	task.Release()
	c := Spawn(l, cancelSpawns{func() { Go(l, child("Cancel")) }})
	c.Cancel()
	expect(l, "Cancel")
	c.Release()
	Go(l, script{f: func(*Context, int) Poll { panic("x") }})
	expect(l, "OnPanic")
}

type cancelSpawns struct{ spawn func() }

func (f *cancelSpawns) Poll(cx *Context) Poll { return Poll(cx.canceled) }
func (f *cancelSpawns) Cancel()               { f.spawn() }

func TestValuesAreInherited(t *testing.T) {
	type key struct{ n int }
	l := newTestLoop(t)
	check := func(cx *Context, want ...any) {
		t.Helper()
		for i, v := range want {
			if got := cx.Value(key{i}); got != v {
				t.Errorf("value %d = %v, want %v", i, got, v)
			}
		}
	}
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		check(cx, "a", "b", nil)
		if cx.Value("other") != nil || cx.Value(0) != nil {
			t.Error("a value nobody gave")
		}
		Go(cx, script{f: func(cx *Context, _ int) Poll {
			check(cx, "a", "B", "c")
			Go(cx, script{f: func(cx *Context, _ int) Poll { check(cx, "a", "B", "c"); return Ready }})
			return Ready
		}}, WithValue(key{1}, "B"), WithValue(key{2}, "c"))
		Go(cx, script{f: func(cx *Context, _ int) Poll { check(cx, "a", "b", nil); return Ready }}, Named("x"))
		return Ready
	}}, WithValue(key{0}, "a"), WithValue(key{1}, "b"), Named("first"))
	plain := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		check(cx, nil)
		Go(cx, script{f: func(cx *Context, _ int) Poll { check(cx, nil); return Ready }})
		return Ready
	}}, Named("no values"))
	run(t, l)
	task.Release()
	plain.Release()
	for _, bad := range []any{nil, []int{1}, func() {}} {
		func() {
			defer func() {
				if v := recover(); v == nil {
					t.Errorf("WithValue took a key of type %T", bad)
				}
			}()
			WithValue(bad, 1)
		}()
	}
}

func TestRuntimePlacesTasksByLoad(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 4)
	var tasks []Task[script]
	for range 400 {
		tasks = append(tasks, Spawn(rt, pending()))
	}
	for i := range rt.Loops() {
		s, err := rt.Loop(i).Stats(t.Context())
		if err != nil || s.Tasks < 90 || s.Tasks > 110 {
			t.Errorf("loop %d has %d of 400 tasks, %v", i, s.Tasks, err)
		}
	}
	for _, task := range tasks {
		task.Cancel()
		mustWait(t, task)
		task.Release()
	}
}

func TestManyTasksOfManyKindsComeAndGo(t *testing.T) {
	checkLeaks(t)
	rt := newQuietRuntime(t, 2)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 300 {
				switch (i + g) % 5 {
				case 0:
					Go(rt, SleepAsync(time.Microsecond))
				case 1:
					task := Spawn(rt, All(SleepAsync(time.Microsecond), SleepAsync(0)))
					mustWait(t, task)
					task.Release()
				case 2:
					task := Spawn(rt, SleepAsync(time.Hour), Named(fmt.Sprint(i)))
					task.Cancel()
					if mustWait(t, task).Result() != ErrCanceled {
						t.Error("not cancelled")
					}
					task.Release()
				case 3:
					task := Spawn(rt, script{f: func(*Context, int) Poll { panic(i) }})
					if _, err := task.Wait(); err == nil {
						t.Error("no panic")
					}
					task.Release()
				case 4:
					task := Spawn(rt, script{f: func(cx *Context, n int) Poll {
						Go(cx, YieldAsync())
						Go(rt, YieldAsync())
						return Ready
					}})
					task.Release()
				}
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	eventually(t, "all are reclaimed", func() bool {
		tasks, err := rt.Tasks(ctx)
		return err != nil || len(tasks) == 0
	})
}
