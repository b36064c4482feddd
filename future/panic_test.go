package future

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestPanicHarmsOneTask(t *testing.T) {
	l := newTestLoop(t)
	dropped := 0
	bad := Spawn(l, script{f: func(*Context, int) Poll { panic("boom") }, drop: func() { dropped++ }})
	good := Spawn(l, SleepAsync(time.Millisecond))
	if _, err := good.Wait(); err != nil {
		t.Error(err)
	}
	_, err := bad.Wait()
	pe, ok := errors.AsType[*PanicError](err)
	if !ok || pe.Value != "boom" || !strings.Contains(string(pe.Stack), "TestPanicHarmsOneTask") {
		t.Errorf("Wait = %v", err)
	}
	bad.Release()
	good.Release()
	if dropped != 1 {
		t.Errorf("dropped %d times", dropped)
	}
	Go(l, script{f: func(*Context, int) Poll { panic("unjoined") }})
	err = l.RunUntilIdle()
	if pe, ok := errors.AsType[*PanicError](err); !ok || pe.Value != "unjoined" {
		t.Errorf("RunUntilIdle = %v", err)
	}
}

func TestEveryPanicThatNobodyJoinsIsReported(t *testing.T) {
	l := newTestLoop(t)
	var tasks []Task[script]
	for i := range 5 {
		tasks = append(tasks, Spawn(l, script{f: func(*Context, int) Poll { panic(fmt.Sprint("boom ", i)) }}))
	}
	run(t, l)
	for _, task := range tasks {
		task.Release() // nobody was given the panic
	}
	err := l.RunUntilIdle()
	for i := range tasks {
		if !strings.Contains(fmt.Sprint(err), fmt.Sprint("boom ", i)) {
			t.Errorf("panic %d was not reported", i)
		}
	}
	if err := l.RunUntilIdle(); err != nil {
		t.Errorf("reported again: %v", err)
	}
}

func TestPanicsReachOnPanic(t *testing.T) {
	var got []*PanicError
	l := newLoopWith(t, Config{OnPanic: func(e *PanicError) { got = append(got, e) }})
	boom := errors.New("boom")
	Go(l, script{f: func(*Context, int) Poll { panic(boom) }}, Named("poller"))
	joined := Spawn(l, script{f: func(*Context, int) Poll { panic("joined") }})
	dropper := Spawn(l, script{
		f:    func(*Context, int) Poll { return Ready },
		drop: func() { panic("drop") },
	}, Named("dropper"))
	run(t, l)
	if _, err := joined.Wait(); err == nil {
		t.Error("no error")
	}
	joined.Release()
	dropper.Release()
	if len(got) != 2 || got[0].Task != "poller" || got[0].During != "a poll" || !errors.Is(got[0], boom) ||
		got[1].Task != "dropper" || got[1].During != "Drop" || got[1].Value != "drop" {
		t.Fatalf("OnPanic was called with %v", got)
	}
	for _, e := range got {
		if !strings.Contains(string(e.Stack), "TestPanicsReachOnPanic") || !strings.Contains(e.Error(), "panicked") {
			t.Errorf("the stack does not show the panic: %v", e)
		}
	}
}

func TestPanicInACancelMethodIsTheTasks(t *testing.T) {
	l := newTestLoop(t)
	innocent := Spawn(l, pending())
	task := Spawn(l, cancelPanics{})
	task.Cancel()
	_, err := task.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || pe.Value != "in Cancel" {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
	innocent.Cancel()
	mustWait(t, innocent)
	innocent.Release()
}

type cancelPanics struct{ _ int }

func (*cancelPanics) Poll(*Context) Poll { return Pending }
func (*cancelPanics) Cancel()            { panic("in Cancel") }

// TestPanicOfOnPanicIsNotTheTasks has OnPanic itself panic, from wherever it is
// called: it comes out of the step, and no task is done twice.
func TestPanicOfOnPanicIsNotTheTasks(t *testing.T) {
	l := newLoopWith(t, Config{OnPanic: func(e *PanicError) { panic(fmt.Sprint("handler of ", e.Value)) }})
	step := func() (v any) {
		defer func() { v = recover() }()
		l.RunUntilIdle()
		return nil
	}
	good := Spawn(l, pending())
	Go(l, script{f: func(*Context, int) Poll { panic("poll") }})
	if v := step(); v != "handler of poll" {
		t.Errorf("Step panicked with %v", v)
	}
	Go(l, script{f: func(*Context, int) Poll { return Ready }, drop: func() { panic("drop") }})
	if v := step(); v != "handler of drop" {
		t.Errorf("Step panicked with %v", v)
	}
	if v := step(); v != nil {
		t.Errorf("Step panicked again with %v", v)
	}
	if l.live != 1 || l.tasks != 1 {
		t.Errorf("%d live of %d tasks, want 1 of 1", l.live, l.tasks)
	}
	good.Cancel()
	mustWait(t, good)
	good.Release()
}

func TestPanicOfAChooseIsNotATasks(t *testing.T) {
	broken := false
	l := newLoopWith(t, Config{Choose: func(p ChoicePoint, n int) int {
		if broken {
			panic("in Choose")
		}
		return n - 1
	}})
	var tasks []Task[script]
	for range 3 {
		tasks = append(tasks, Spawn(l, pending()))
	}
	run(t, l)
	broken = true
	for _, task := range tasks {
		task.Waker().Wake()
	}
	func() {
		defer func() {
			if v := recover(); v != "in Choose" {
				t.Errorf("Step panicked with %v", v)
			}
		}()
		l.Step()
	}()
	broken = false
	for _, task := range tasks {
		task.Cancel()
		mustWait(t, task) // none was poisoned
		task.Release()
	}
}

func TestChooseOutOfRangeIsNamed(t *testing.T) {
	l := newLoopWith(t, Config{Choose: func(ChoicePoint, int) int { return 2 }})
	task := Spawn(l, script{f: func(cx *Context, _ int) Poll { cx.Choose(ChooseBranch, 2); return Ready }})
	_, err := task.Wait()
	if pe, ok := errors.AsType[*PanicError](err); !ok || !strings.Contains(fmt.Sprint(pe.Value), "Choose(branch, 2) returned 2") {
		t.Errorf("Wait = %v", err)
	}
	task.Release()
}

func TestPanicThatComesOutOfAChildKeepsItsStack(t *testing.T) {
	inner := &PanicError{Task: "child", Value: "x", Stack: []byte("the child's")}
	if e := newPanicError("parent", "a poll", inner); e != inner {
		t.Errorf("got %v", e)
	}
}

func TestPanicErrorsSayWhatToDo(t *testing.T) {
	e := &PanicError{Task: "T", During: "a poll", Goexit: true}
	if s := e.Error(); !strings.Contains(s, "T called runtime.Goexit during a poll") || e.Unwrap() != nil {
		t.Error(s)
	}
}

// TestUnjoinedPanicOnARuntimeCrashesTheProgram runs itself in a child process.
func TestUnjoinedPanicOnARuntimeCrashesTheProgram(t *testing.T) {
	if os.Getenv("PINION_CRASH") != "" {
		rt, err := NewRuntime(Config{Loops: 1})
		if err != nil {
			t.Fatal(err)
		}
		Go(rt, script{f: func(*Context, int) Poll { culprit(); return Ready }}, Named("the bad one"))
		time.Sleep(30 * time.Second)
		rt.Shutdown(context.Background())
		os.Exit(0)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Skip("no executable to run: ", err)
	}
	cmd := exec.Command(exe, "-test.run=^TestUnjoinedPanicOnARuntimeCrashesTheProgram$")
	cmd.Env = append(os.Environ(), "PINION_CRASH=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("the program did not crash:\n%s", out)
	}
	for _, want := range []string{"panic: ", "the bad one panicked during a poll: it was me", "future.culprit(", "panic_test.go:"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the crash does not show %q:\n%s", want, out)
		}
	}
}

//go:noinline
func culprit() { panic("it was me") }

// TestOnPanicIsPartOfThePoll has OnPanic block, in a task's poll and where a task is released between
// polls: it is told so. It regresses a loop that waited for itself.
func TestOnPanicIsPartOfThePoll(t *testing.T) {
	bad := script{f: func(*Context, int) Poll { panic("x") }}
	told := make(chan error, 2)
	want := func(where string, errs ...error) {
		t.Helper()
		for _, err := range errs {
			select {
			case got := <-told:
				if got != err {
					t.Errorf("%s: %v, want %v", where, got, err)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s: it waits for itself", where)
			}
		}
	}
	var rt *Runtime
	ready := make(chan struct{})
	rt, err := NewRuntime(Config{Loops: 1, OnPanic: func(*PanicError) {
		<-ready
		told <- rt.Shutdown(context.Background())
	}})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	Go(rt, bad)
	want("Shutdown of a Runtime, in a poll", ErrBlockedPoll)
	task := Spawn(rt, bad)
	eventually(t, "the task has panicked", func() bool {
		tasks, err := rt.Tasks(t.Context())
		return err == nil && len(tasks) == 1 && tasks[0].State == "panicked"
	})
	task.Release()
	want("Shutdown of a Runtime, between polls", ErrBlockedPoll)
	if err := rt.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}

	var l *Loop
	l = newLoopWith(t, Config{OnPanic: func(*PanicError) {
		_, err := l.Step()
		told <- err
		told <- l.Shutdown(context.Background())
	}})
	task = Spawn(l, bad)
	run(t, l)
	go task.Release()
	want("Step and Shutdown of a Loop that nobody runs", ErrBusy, ErrBlockedPoll)
}
