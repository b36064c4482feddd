package future

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// turnstile is the simplest primitive: a number of turns, for whoever comes first.
type turnstile struct {
	mu    sync.Mutex
	q     waitQueue
	turns int
}

func newTurnstile() *turnstile {
	t := &turnstile{}
	t.q.init(&t.mu, t)
	return t
}

func (t *turnstile) give(l *Loop) {
	for t.q.head != nil && t.turns > t.q.promised {
		t.q.choose(l)
	}
}

func (t *turnstile) add(n int, l *Loop) {
	t.mu.Lock()
	defer t.q.unlock(&t.mu)
	t.turns += n
	t.give(l)
}

// passer waits for a turn.
type passer struct {
	t *turnstile
	w waiter
}

func (t *turnstile) pass() passer { return passer{t, waiter{want: 1}} }

func (f *passer) Poll(cx *Context) Poll {
	f.t.mu.Lock()
	defer f.t.q.unlock(&f.t.mu)
	if cx.canceled {
		f.w.withdraw(cx)
		return Ready
	}
	if f.w.state == waiterChosen || f.t.q.head == nil && f.t.turns > f.t.q.promised {
		f.w.done(cx)
		f.t.turns--
		return Ready
	}
	f.t.q.wait(cx, &f.w)
	return Pending
}

func TestChosenWaiterThatIsNotPolledPassesItsTurnOn(t *testing.T) {
	for _, remote := range []bool{false, true} {
		l := newTestLoop(t)
		ts := newTurnstile()
		from := l
		if remote {
			from = nil
		}
		ears, polls := true, 0
		a := Spawn(l, deaf[passer, *passer]{f: ts.pass(), ears: &ears, from: &polls})
		b := Spawn(l, ts.pass())
		run(t, l)
		ears = false
		ts.add(1, from)
		run(t, l)
		wantDone(t, l, a, false)
		wantDone(t, l, b, true)
		if l.lapses != 1 || polls != 2 {
			t.Errorf("%d lapses in %d polls, want 1 in 2", l.lapses, polls)
		}
		ears = true
		ts.add(1, from)
		run(t, l)
		wantDone(t, l, a, false) // it has left the line, and nobody told it to come back
		a.w.Wake()
		run(t, l)
		wantDone(t, l, a, true)
		release(t, a)
		release(t, b)
		wantQuiet(t, l, &ts.q)
	}
}

// TestWaiterChosenDuringItsOwnPollKeepsItsTurn is about a task in two parts, of
// which the second lets the first go on after the first was polled.
func TestWaiterChosenDuringItsOwnPollKeepsItsTurn(t *testing.T) {
	for _, remote := range []bool{false, true} {
		l := newTestLoop(t)
		ts := newTurnstile()
		first := ts.pass()
		a := Spawn(l, script{f: func(cx *Context, n int) Poll {
			if first.Poll(cx) {
				return Ready
			}
			if n == 1 {
				if remote {
					ts.add(1, nil)
				} else {
					ts.add(1, l)
				}
			}
			return Pending
		}})
		b := Spawn(l, ts.pass())
		run(t, l)
		wantDone(t, l, a, true)
		wantDone(t, l, b, false)
		if l.lapses != 0 {
			t.Errorf("remote %v: %d lapses", remote, l.lapses)
		}
		ts.add(1, l)
		release(t, a)
		release(t, b)
		wantQuiet(t, l, &ts.q)
	}
}

// TestWaiterOfTaskThatSpinsLosesItsTurn: to be polled again and again is not to
// poll the future that has been chosen.
func TestWaiterOfTaskThatSpinsLosesItsTurn(t *testing.T) {
	l := newTestLoop(t)
	ts := newTurnstile()
	first := ts.pass()
	passed := false
	a := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 || passed {
			if first.Poll(cx) {
				return Ready
			}
		}
		cx.Wake(cx.Waker())
		return Pending
	}})
	b := Spawn(l, ts.pass())
	for range 3 {
		l.Step()
	}
	ts.add(1, nil)
	for range 5 {
		l.Step()
	}
	wantDone(t, l, b, true)
	passed = true
	ts.add(1, nil)
	release(t, a)
	release(t, b)
	wantQuiet(t, l, &ts.q)
}

func TestTurnsOfManyTasksAreFoundAmongManyGrants(t *testing.T) {
	// Linear in the number of waiters, or it would take minutes.
	const n = 50_000
	l := newTestLoop(t)
	ts := newTurnstile()
	ears := true
	tasks := make([]Task[deaf[passer, *passer]], n)
	for i := range tasks {
		tasks[i] = Spawn(l, deaf[passer, *passer]{f: ts.pass(), ears: &ears})
	}
	run(t, l)
	ears = false
	ts.add(n, nil)
	run(t, l)
	if l.lapses != n {
		t.Errorf("%d lapses, want %d", l.lapses, n)
	}
	if ts.q.promised != 0 || ts.turns != n {
		t.Errorf("%d promised, %d turns", ts.q.promised, ts.turns)
	}
	ears = true
	for _, task := range tasks {
		task.w.Wake()
	}
	run(t, l)
	for _, task := range tasks {
		wantDone(t, l, task, true)
		task.Release()
	}
	wantQuiet(t, l, &ts.q)
}

func TestCopiedWaiterIsCaught(t *testing.T) {
	l := newTestLoop(t)
	ts := newTurnstile()
	var cx *Context
	get := Spawn(l, script{f: func(c *Context, n int) Poll { cx = c; return Ready }})
	release(t, get)
	for _, others := range []bool{false, true} {
		var before Task[passer]
		if others {
			before = Spawn(l, ts.pass())
		}
		a := Spawn(l, ts.pass())
		run(t, l)
		moved := *at(l, a)
		wantMoved(t, "queued, polled", func() { moved.Poll(cx) })
		wantMoved(t, "queued, cancelled", func() { cx.PollCanceled(&moved) })
		cx.canceled = false
		ts.add(1, l)
		if others {
			ts.add(1, l)
		}
		chosen := *at(l, a)
		wantMoved(t, "chosen", func() { chosen.Poll(cx) })
		run(t, l)
		wantDone(t, l, a, true)
		wantMoved(t, "queued, of one that is gone", func() { moved.Poll(cx) })
		wantMoved(t, "chosen, of one that is gone", func() { chosen.Poll(cx) })
		release(t, a)
		if others {
			release(t, before)
		}
	}
	wantQuiet(t, l, &ts.q)
}

// TestWakerIsRenewedWhenTheFutureMovesToAnotherTask: a future on the heap, polled
// by one task and then by another, wakes the latter, and holds the frame of the
// latter.
func TestWakerIsRenewedWhenTheFutureMovesToAnotherTask(t *testing.T) {
	for _, state := range []string{"queued", "chosen"} {
		t.Run(state, func(t *testing.T) {
			l := newTestLoop(t)
			ts := newTurnstile()
			boxed := ts.pass()
			mine := 1
			holder := func(me int) script {
				return script{f: func(cx *Context, n int) Poll {
					if mine == me {
						return boxed.Poll(cx)
					}
					return Poll(mine > me)
				}}
			}
			a, b := Spawn(l, holder(1)), Spawn(l, holder(2))
			run(t, l)
			mine = 2
			if state == "chosen" {
				ts.add(1, nil) // a's waker: and a does not poll it any more
			}
			b.w.Wake()
			run(t, l)
			if state == "queued" {
				if l.lookup(a.w).holds != 0 || l.lookup(b.w).holds != 1 {
					t.Error("the first task's frame is held, or the second's is not")
				}
				polls := at(l, a).polls
				ts.add(1, nil)
				run(t, l)
				if at(l, a).polls != polls {
					t.Error("the task that has given the future away was woken")
				}
			}
			wantDone(t, l, b, true)
			a.w.Wake()
			release(t, a)
			release(t, b)
			wantQuiet(t, l, &ts.q)
		})
	}
}

// TestTaskThatPanicsWhileItWaitsHoldsUpNobody: its waiters stay behind in the queue,
// before those of others.
func TestTaskThatPanicsWhileItWaitsHoldsUpNobody(t *testing.T) {
	ends := map[string]func(){
		"panic":  func() { panic("mid-poll") },
		"Goexit": runtime.Goexit,
	}
	for name, end := range ends {
		for _, when := range []string{"queued", "chosen before", "chosen after", "reclaimed"} {
			t.Run(name+" "+when, func(t *testing.T) {
				rt := newQuietRuntime(t, 1)
				ts := newTurnstile()
				inner := ts.pass()
				started := make(chan struct{}, 1)
				bad := Spawn(rt, script{f: func(cx *Context, n int) Poll {
					inner.Poll(cx)
					if n == 1 {
						started <- struct{}{}
						return Pending
					}
					end()
					return Ready
				}})
				<-started
				good := Spawn(rt, ts.pass())
				for len(mustTasks(t, rt, "waiting")) < 2 {
					runtime.Gosched()
				}
				if when == "chosen before" {
					// inner is polled and takes this turn; it is queued no more.
					ts.add(1, nil)
				}
				bad.w.Wake()
				_, err := bad.Wait()
				if _, ok := errors.AsType[*PanicError](err); !ok {
					t.Fatalf("Wait = %v", err)
				}
				if when == "reclaimed" {
					bad.Release()
				}
				ts.add(1, nil)
				release(t, good)
				bad.Release()
				ts.mu.Lock()
				ts.turns = 0
				if ts.q.head != nil || ts.q.promised != 0 {
					t.Errorf("head %p, %d promised", ts.q.head, ts.q.promised)
				}
				ts.q.unlock(&ts.mu)
				if when == "reclaimed" {
					// The frame was still pointed into: set aside, and rightly so.
					rt.Loop(0).post(func(l *Loop) { l.leaked = 0 })
				}
			})
		}
	}
}

// mustTasks returns the tasks of rt in the given state.
func mustTasks(t *testing.T, rt *Runtime, state string) (tasks []TaskInfo) {
	t.Helper()
	all, err := rt.Tasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, ti := range all {
		if ti.State == state {
			tasks = append(tasks, ti)
		}
	}
	return tasks
}

// TestTurnOfferedToTaskThatEndsPassesOn: the offer is made while the task is in its
// last poll, from another goroutine, so that it is seen only when the task is gone.
func TestTurnOfferedToTaskThatEndsPassesOn(t *testing.T) {
	l := newTestLoop(t)
	ts := newTurnstile()
	inner := ts.pass()
	Go(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			inner.Poll(cx)
			cx.Wake(cx.Waker())
			return Pending
		}
		ts.add(1, nil) // as from elsewhere: it goes through the inbox
		return Ready   // although inner is not
	}})
	good := Spawn(l, ts.pass())
	run(t, l)
	wantDone(t, l, good, true)
	release(t, good)
	if l.leaked != 1 {
		t.Errorf("%d frames were set aside, want 1", l.leaked)
	}
	l.leaked = 0
	wantQuiet(t, l, &ts.q)
}

func TestTurnOfferedToBlockThatPanicsPassesOn(t *testing.T) {
	ts := newTurnstile()
	inner := ts.pass()
	func() {
		defer func() {
			if v := recover(); v != "over" {
				t.Errorf("Block panicked with %v", v)
			}
		}()
		Block(&script{f: func(cx *Context, n int) Poll {
			if n == 1 {
				inner.Poll(cx)
				cx.Wake(cx.Waker())
				return Pending
			}
			ts.add(1, nil)
			panic("over")
		}})
	}()
	good := ts.pass()
	if err := Block(&good); err != nil {
		t.Error(err)
	}
}

func TestWakeAllForgetsWhoIsGone(t *testing.T) {
	l := newTestLoop(t)
	ts := newTurnstile()
	inner := ts.pass()
	Go(l, script{f: func(cx *Context, n int) Poll {
		inner.Poll(cx)
		return Ready
	}})
	run(t, l)
	ts.mu.Lock()
	if ts.q.head == nil {
		t.Error("the waiter has left with its task")
	}
	ts.q.wakeAll(nil)
	ts.q.unlock(&ts.mu)
	l.leaked = 0
	wantQuiet(t, l, &ts.q)
}

func TestMovedErrorSaysWhere(t *testing.T) {
	l := newTestLoop(t)
	ts := newTurnstile()
	a := Spawn(l, ts.pass())
	bad := Spawn(l, script{f: func(cx *Context, n int) Poll {
		copied := *at(l, a)
		copied.Poll(cx)
		return Ready
	}})
	run(t, l)
	_, err := bad.Wait()
	if err == nil || !strings.Contains(err.Error(), "pinned at") {
		t.Errorf("Wait = %v", err)
	}
	bad.Release()
	ts.add(1, l)
	release(t, a)
	wantQuiet(t, l, &ts.q)
}
