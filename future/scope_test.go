package future

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestScopeEndsAfterItsTasks(t *testing.T) {
	l := newTestLoop(t)
	var scope Scope
	ended := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			for i := range 10 {
				Spawn(scope.In(cx), script{f: func(cx *Context, n int) Poll {
					if n > i {
						ended++
						return Ready
					}
					cx.Wake(cx.Waker())
					return Pending
				}})
			}
		}
		return scope.Poll(cx)
	}})
	if _, err := task.Wait(); err != nil {
		t.Fatal(err)
	}
	if ended != 10 {
		t.Errorf("%d tasks had ended", ended)
	}
	task.Release()
}

// borrower is a future with a scope whose tasks write into its frame.
type borrower struct {
	scope  Scope
	local  [4]int
	then   func(cx *Context, f *borrower, n int) Poll
	polls  int
	endAt  *int // what local[0] was when it was dropped
	sleeps [3]SleepFuture
}

func (f *borrower) Poll(cx *Context) Poll {
	f.polls++
	return f.then(cx, f, f.polls)
}

func (f *borrower) Drop() { *f.endAt = f.local[0] }

// lend spawns tasks that count in the borrower's local when they are cancelled,
// one turn after that.
func (f *borrower) lend(cx *Context) {
	for i := range f.sleeps {
		Spawn(f.scope.In(cx), script{f: func(cx *Context, n int) Poll {
			if n == 1 {
				f.sleeps[i] = SleepAsync(time.Hour)
			}
			if f.sleeps[i].Poll(cx) == Pending {
				return Pending
			}
			if f.local[i+1]++; f.local[i+1] < 3 {
				cx.Wake(cx.Waker())
				return Pending
			}
			f.local[0]++
			return Ready
		}})
	}
}

// TestScopeOutlivesAParentThatPanics is the memory error that a scope must rule
// out: its tasks write into the frame of a parent that is gone.
func TestScopeOutlivesAParentThatPanics(t *testing.T) {
	for name, end := range map[string]func(cx *Context) Poll{
		"panic":  func(*Context) Poll { panic("boom") },
		"goexit": func(*Context) Poll { runtime.Goexit(); return Ready },
		"ready":  func(*Context) Poll { return Ready },
	} {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			l := newLoopWith(t, Config{OnPanic: func(*PanicError) {}})
			at := -1
			task := Spawn(l, borrower{endAt: &at, then: func(cx *Context, f *borrower, n int) Poll {
				if n == 1 {
					f.lend(cx)
					cx.Wake(cx.Waker())
					return Pending
				}
				return end(cx)
			}})
			onGoroutine(func() { l.RunUntilIdle() })
			run(t, l)
			_, err := task.Wait()
			pe, ok := errors.AsType[*PanicError](err)
			if !ok || name == "ready" && !errors.Is(pe, errScopeOpen) {
				t.Errorf("Wait = %v", err)
			}
			if l.live != 0 {
				t.Errorf("%d tasks live after their parent was done", l.live)
			}
			if at != -1 {
				t.Error("dropped before its release")
			}
			task.Release()
			if at != 3 {
				t.Errorf("%d of 3 tasks had ended when the frame was reclaimed", at)
			}
			if s, err := l.Stats(t.Context()); err != nil || s != (Stats{}) {
				t.Errorf("Stats = %+v, %v", s, err)
			}
		})
	}
}

func TestDetachedParentThatPanicsIsReclaimedAfterItsScope(t *testing.T) {
	checkLeaks(t)
	var panics []*PanicError
	l := newLoopWith(t, Config{OnPanic: func(e *PanicError) { panics = append(panics, e) }})
	at := -1
	Go(l, borrower{endAt: &at, then: func(cx *Context, f *borrower, n int) Poll {
		f.lend(cx)
		panic("boom")
	}})
	run(t, l)
	if at != 3 || len(panics) != 1 || l.tasks != 0 {
		t.Errorf("%d of 3 tasks had ended, %d panics, %d tasks left", at, len(panics), l.tasks)
	}
}

func TestScopeIsCancelledByAPanicOfOneOfItsTasks(t *testing.T) {
	checkLeaks(t)
	l := newTestLoop(t)
	at := -1
	task := Spawn(l, borrower{endAt: &at, then: func(cx *Context, f *borrower, n int) Poll {
		if n == 1 {
			f.lend(cx)
			Spawn(f.scope.In(cx), script{f: func(*Context, int) Poll { panic("a kid's") }})
		}
		if f.scope.Poll(cx) == Pending {
			return Pending
		}
		if pe, ok := errors.AsType[*PanicError](f.scope.Result()); !ok || pe.Value != "a kid's" {
			t.Errorf("Result = %v", f.scope.Result())
		}
		return Ready
	}})
	mustWait(t, task)
	task.Release()
	if at != 3 {
		t.Errorf("%d of 3 tasks had ended", at)
	}
}

func TestTaskSpawnedIntoACancelledScopeIsCancelled(t *testing.T) {
	l := newTestLoop(t)
	var scope Scope
	var late error
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			Spawn(scope.In(cx), pending())
			scope.Cancel()
			if scope.Poll(cx) != Pending {
				t.Error("the scope did not wait")
			}
			sleep := SleepAsync(time.Hour)
			Spawn(scope.In(cx), script{f: func(cx *Context, _ int) Poll {
				p := sleep.Poll(cx)
				late = sleep.Result()
				return p
			}})
		}
		return scope.Poll(cx)
	}})
	mustWait(t, task)
	if late != ErrCanceled {
		t.Errorf("the late task's sleep: %v", late)
	}
	task.Release()
}

func TestScopeForgetsTasksThatWereReleased(t *testing.T) {
	l := newTestLoop(t)
	var scope Scope
	most := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n <= 5000 {
			Go(scope.In(cx), script{f: func(*Context, int) Poll { return Ready }})
			most = max(most, cap(scope.kids))
			cx.Wake(cx.Waker())
			return Pending
		}
		return scope.Poll(cx)
	}})
	mustWait(t, task)
	task.Release()
	if most > 64 {
		t.Errorf("the scope remembered %d tasks, of which one at a time was live", most)
	}
}

func TestScopesOneAfterAnotherAndWithinEachOther(t *testing.T) {
	l := newTestLoop(t)
	var order []string
	kid := func(name string) script {
		return script{f: func(cx *Context, n int) Poll {
			if n < 3 {
				cx.Wake(cx.Waker())
				return Pending
			}
			order = append(order, name)
			return Ready
		}}
	}
	var outer, inner, second Scope
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			Spawn(outer.In(cx), script{f: func(cx *Context, n int) Poll {
				if n == 1 {
					Spawn(inner.In(cx), kid("inner"))
				}
				if inner.Poll(cx) == Pending {
					return Pending
				}
				order = append(order, "outer")
				return Ready
			}})
		}
		if outer.Poll(cx) == Pending {
			return Pending
		}
		if len(order) == 2 {
			order = append(order, "between")
			Spawn(second.In(cx), kid("second"))
			if second.Poll(cx) == Ready {
				t.Error("the second scope did not wait")
			}
			return Pending
		}
		return second.Poll(cx)
	}})
	mustWait(t, task)
	if x := l.extraOf(task.w.slot); x.opened != nil {
		t.Error("a scope that is over is still noted")
	}
	task.Release()
	if got := strings.Join(order, " "); got != "inner outer between second" {
		t.Errorf("order: %s", got)
	}
}

func TestScopeThatIsMovedIsCaught(t *testing.T) {
	l := newTestLoop(t)
	var scope, moved Scope
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll {
		Spawn(scope.In(cx), script{f: func(*Context, int) Poll { return Ready }})
		moved = scope
		wantMoved(t, "Poll", func() { moved.Poll(cx) })
		wantMoved(t, "In", func() { moved.In(cx) })
		return Ready
	}})
	_, err := task.Wait()
	if !errors.Is(err, errScopeOpen) {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
}

func TestAbortOfAScopeEndsParentAndTasks(t *testing.T) {
	l, err := NewLoop(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var scope Scope
	ended := 0
	Go(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			for range 3 {
				var s sleepForever
				Spawn(scope.In(cx), script{f: func(cx *Context, n int) Poll {
					defer func() {
						if cx.aborting {
							ended++
						}
					}()
					return cx.PollShielded(&s)
				}})
			}
		}
		return scope.Poll(cx)
	}}, Named("parent"))
	run(t, l)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err = l.Shutdown(ctx)
	if se, ok := errors.AsType[*ShutdownError](err); !ok || len(se.Aborted) != 4 || len(se.Leaked) != 0 || ended != 3 {
		t.Errorf("Shutdown = %v, %d tasks of the scope ended", err, ended)
	}
}

func TestAScopeOfAnotherLoopIsRefused(t *testing.T) {
	here, there := newTestLoop(t), newTestLoop(t)
	type family struct {
		script
		scope Scope
	}
	var scope *Scope
	task, err := SpawnInit(here, func(f *family) error {
		scope = &f.scope
		f.f = func(cx *Context, n int) Poll {
			if n == 1 {
				Go(scope.In(cx), pending())
			}
			return scope.Poll(cx)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, here)
	other := Spawn(there, script{f: func(cx *Context, _ int) Poll {
		Go(scope.In(cx), pending())
		return Ready
	}})
	_, err = other.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !strings.Contains(pe.Error(), "Scope.In in a poll of another loop") {
		t.Errorf("Wait = %v", err)
	}
	other.Release()
	task.Cancel()
	mustWait(t, task)
	task.Release()
}
